/** Numbers that do not differ from edge to edge, kept ready for the loops over edges. */
import { type Expr, type LoadExpr, operands } from "../../../../ir/expr.ts";
import { belowSteps } from "./discrete.ts";
import type { Side, TilePlan } from "./plan.ts";

/** Expressions of one side; each is kept as it is, or as its reciprocal, or both. */
export interface Kept {
  readonly e: Expr;
  readonly inverse: boolean;
}

/** What the edges of a fold need of rows, of columns and of neither, and which tensors they read. */
export class Tables {
  readonly none: Kept[] = [];
  readonly row: Kept[] = [];
  readonly column: Kept[] = [];
  readonly loads: LoadExpr[] = [];
  /** Those of columns that are there before a tile begins. */
  get ready(): readonly Kept[] {
    return this.column.filter(({ e }) => e !== this.given);
  }

  private readonly side: (e: Expr) => Side;
  private readonly given: Expr | undefined;
  private readonly below: ReadonlySet<Expr>;
  private readonly seen = new Set<Expr>();

  constructor(plan: TilePlan, roots: readonly Expr[]) {
    this.side = plan.side;
    this.given = plan.given;
    this.below = belowSteps(roots);
    const pairs = new Set<Expr>(plan.pairs.map(({ e }) => e));
    for (const root of roots) this.visit(root, pairs);
  }

  /** Number of a kept expression in its side's table. */
  place(e: Expr, inverse: boolean): number | undefined {
    const side = this.side(e);
    if (side === "edge") return undefined;
    const found = this[side].findIndex((kept) => kept.e === e && kept.inverse === inverse);
    return found < 0 ? undefined : found;
  }

  /**
   * Whether a division may be a product with a reciprocal, which is rounded twice: not where a step
   * would make a whole of it.
   */
  inverts(e: Expr): boolean {
    if (e.kind !== "binary" || e.op !== "divide" || this.below.has(e)) return false;
    return this.side(e.right) !== "edge";
  }

  private visit(e: Expr, pairs: ReadonlySet<Expr>): void {
    const side = this.side(e);
    if (side !== "edge") {
      this.keep(e, false);
      return;
    }
    if (pairs.has(e) || this.seen.has(e)) return;
    this.seen.add(e);
    if (e.kind === "load") {
      this.loads.push(e);
      return;
    }
    operands(e).forEach((o, k) => {
      if (k === 1 && this.inverts(e)) this.keep(o, true);
      else this.visit(o, pairs);
    });
  }

  private keep(e: Expr, inverse: boolean): void {
    if (e.kind === "number" && !inverse) return;
    const side = this.side(e) as Exclude<Side, "edge">;
    if (this.place(e, inverse) === undefined) this[side].push({ e, inverse });
  }
}
