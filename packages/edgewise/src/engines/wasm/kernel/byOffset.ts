/** Folds whose edges differ by how far the alternative is from the owner, and by nothing else. */
import {
  type Axis,
  add,
  binary,
  type Expr,
  freeAxes,
  index,
  multiply,
  negate,
  number,
  operands,
  subtract,
  withOperands,
} from "../../../ir/expr.ts";
import type { NormalisingFold } from "../../../ir/program.ts";
import { mayLeave } from "./laziness.ts";

/** How far an alternative is from its owner: a loop of its own. */
export const offset = "offset";

export interface ByOffset {
  /** Axis of the owners that edges are measured from. */
  readonly row: Axis;
  /** Log weight and condition of the edges at an offset. */
  readonly logWeight: Expr;
  readonly where: Expr | undefined;
}

/** A fold by offsets, where it is one: evidence alone, over an interval of each owner. */
export function byOffset(step: NormalisingFold): ByOffset | undefined {
  const { over, edges, expectations, choices } = step;
  if (expectations.length > 0 || choices.length > 0 || edges.list || edges.spans) return undefined;
  for (const row of over) {
    const form = new OffsetForm(row.name, edges.axis.name);
    const logWeight = form.of(step.logWeight);
    const where = edges.where && form.of(edges.where);
    if (logWeight === undefined || (edges.where && where === undefined)) continue;
    return { row, logWeight, where };
  }
  return undefined;
}

/** A sum of an owner's index, an alternative's, and what depends on neither. */
interface Linear {
  readonly owner: number;
  readonly alternative: number;
  readonly rest: Expr;
}

function fromOffset(linear: Linear | undefined): Expr | undefined {
  if (linear === undefined || linear.owner !== -linear.alternative) return undefined;
  return add(multiply(linear.alternative, index(offset)), linear.rest);
}

class OffsetForm {
  private readonly owner: string;
  private readonly alternative: string;
  private readonly done = new Map<Expr, Expr | undefined>();
  private readonly free = new Map<Expr, ReadonlySet<string>>();

  constructor(owner: string, alternative: string) {
    this.owner = owner;
    this.alternative = alternative;
  }

  /** The expression with the alternative at owner + offset, if the owner is then gone. */
  of(e: Expr): Expr | undefined {
    if (this.done.has(e)) return this.done.get(e);
    const made = this.made(e);
    this.done.set(e, made);
    return made;
  }

  private made(e: Expr): Expr | undefined {
    if (this.isApart(e)) return e;
    const linear = this.linear(e);
    if (linear !== undefined) return fromOffset(linear);
    if (e.kind === "binary" && ["less", "lessEqual", "equal"].includes(e.op)) {
      // Places that are compared differ by an offset, though neither is one.
      const gap = fromOffset(this.linear(subtract(e.left, e.right)));
      if (gap !== undefined) return binary(e.op, gap, 0);
    }
    // A load that refuses where it leaves its tensor is made for edges that exist.
    if (mayLeave(e)) return undefined;
    const parts = operands(e).map((o) => this.of(o));
    if (parts.length === 0 || !parts.every((part) => part !== undefined)) return undefined;
    return withOperands(e, e.kind === "load" ? parts.map(computed) : parts);
  }

  private isApart(e: Expr): boolean {
    const free = freeAxes(e, this.free);
    return !free.has(this.owner) && !free.has(this.alternative);
  }

  private linear(e: Expr): Linear | undefined {
    if (this.isApart(e)) return { owner: 0, alternative: 0, rest: e };
    if (e.kind === "index") {
      const isOwner = e.axis === this.owner;
      return { owner: isOwner ? 1 : 0, alternative: isOwner ? 0 : 1, rest: number(0) };
    }
    if (e.kind === "unary" && e.op === "negate") return scaled(this.linear(e.of), -1);
    if (e.kind !== "binary") return undefined;
    const { op, left, right } = e;
    if (op === "multiply" && left.kind === "number") return scaled(this.linear(right), left.value);
    if (op === "multiply" && right.kind === "number") return scaled(this.linear(left), right.value);
    if (op !== "add" && op !== "subtract") return undefined;
    const [a, b] = [this.linear(left), this.linear(right)];
    if (a === undefined || b === undefined) return undefined;
    const sign = op === "add" ? 1 : -1;
    return {
      owner: a.owner + sign * b.owner,
      alternative: a.alternative + sign * b.alternative,
      rest: op === "add" ? add(a.rest, b.rest) : subtract(a.rest, b.rest),
    };
  }
}

function scaled(of: Linear | undefined, by: number): Linear | undefined {
  if (of === undefined) return undefined;
  const rest = by === -1 ? negate(of.rest) : multiply(by, of.rest);
  return { owner: by * of.owner, alternative: by * of.alternative, rest };
}

/** An offset as an index is computed: it may be anywhere, and is cut to the dimension. */
const computed = (e: Expr): Expr =>
  e.kind === "index" && e.axis === offset ? binary("add", e, number(0)) : e;
