/** Which parts of an expression are computed wherever it stands, and which only where a branch is taken. */
import { type Expr, operands, type WhereExpr } from "../../../ir/expr.ts";

export class Laziness {
  private readonly costly = new Map<Expr, boolean>();
  private readonly guarded = new Map<Expr, boolean>();

  /** What is computed whatever the branches are. */
  eager(roots: readonly Expr[]): Set<Expr> {
    const found = new Set<Expr>();
    const visit = (e: Expr): void => {
      if (found.has(e)) return;
      found.add(e);
      for (const o of e.kind === "where" && this.isLazy(e) ? [e.test] : operands(e)) visit(o);
    };
    for (const root of roots) visit(root);
    return found;
  }

  /** Whether the sides of a `where` are branches; otherwise both are computed, and one is selected. */
  isLazy(e: WhereExpr): boolean {
    return this.isCostly(e.taken) || this.isCostly(e.otherwise);
  }

  /** Whether an expression may leave a tensor, so that it is computed only where it is used. */
  isGuarded(e: Expr): boolean {
    return memoised(
      this.guarded,
      e,
      () => mayLeave(e) || operands(e).some((o) => this.isGuarded(o)),
    );
  }

  /** Whether a side of `where` is worth a branch, or needs one. */
  private isCostly(e: Expr): boolean {
    return memoised(this.costly, e, () => {
      if (e.kind === "reduce" || mayLeave(e)) return true;
      if (e.kind === "unary" && calls.has(e.op)) return true;
      if (e.kind === "binary" && e.op === "power") return true;
      return operands(e).some((o) => this.isCostly(o));
    });
  }
}

/** Functions that are called. */
const calls = new Set(["exp", "log", "tanh", "sin", "cos", "softplus", "normalCdf"]);

/** Whether a load may leave its tensor and must say so. */
export function mayLeave(e: Expr): boolean {
  return e.kind === "load" && e.checked === true && e.at.length > 0;
}

function memoised<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
