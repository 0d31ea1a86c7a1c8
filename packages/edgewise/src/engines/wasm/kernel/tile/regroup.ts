/**
 * Sums of an edge's numbers, parted by what they belong to: terms of rows and of columns are added up
 * once for each row and column, in double precision, and not at every edge.
 */
import {
  add,
  type Expr,
  freeAxes,
  negate,
  number,
  rewrite,
  subtract,
  total,
} from "../../../../ir/expr.ts";
import { mapStep, type NormalisingFold, type WeightedFold } from "../../../../ir/program.ts";

export function regrouped<Fold extends NormalisingFold | WeightedFold>(step: Fold): Fold {
  const row = step.over.at(-1)?.name;
  const column = step.edges.axis.name;
  if (row === undefined) return step;
  const free = new Map<Expr, ReadonlySet<string>>();
  const has = (e: Expr, axis: string): boolean => freeAxes(e, free).has(axis);
  const loops = new Set([...step.over.map(({ name }) => name), column]);
  // What runs along features is left to the products.
  const isEdge = (e: Expr): boolean =>
    has(e, row) && has(e, column) && [...freeAxes(e, free)].every((axis) => loops.has(axis));
  const visit = (e: Expr): Expr => {
    if (!isSum(e) || !isEdge(e)) return e;
    const terms = termsOf(e, isEdge);
    const parts = [
      terms.filter(({ of }) => isEdge(of)),
      terms.filter(({ of }) => !isEdge(of) && has(of, column)),
      terms.filter(({ of }) => !has(of, column)),
    ].map(sumOf);
    return total(parts);
  };
  const done = new Map<Expr, Expr>();
  // A fold stays the fold it is: only its expressions change.
  return mapStep(step, (e) => rewrite(e, visit, done)) as Fold;
}

interface Term {
  readonly of: Expr;
  readonly isNegative: boolean;
}

const isSum = (e: Expr): boolean => e.kind === "binary" && (e.op === "add" || e.op === "subtract");

function termsOf(e: Expr, isEdge: (e: Expr) => boolean, isNegative = false): Term[] {
  if (!isSum(e) || !isEdge(e) || e.kind !== "binary") return [{ of: e, isNegative }];
  const flips = e.op === "subtract" ? !isNegative : isNegative;
  return [...termsOf(e.left, isEdge, isNegative), ...termsOf(e.right, isEdge, flips)];
}

function sumOf(terms: readonly Term[]): Expr {
  const [first, ...rest] = terms;
  if (first === undefined) return number(0);
  const start = first.isNegative ? negate(first.of) : first.of;
  return rest.reduce(
    (sum, { of, isNegative }) => (isNegative ? subtract(sum, of) : add(sum, of)),
    start,
  );
}
