import { type Axis, type Expr, freeAxes, operands, type Size } from "../ir/expr.ts";
import type { NodeMap, NormalisingFold, WeightedFold } from "../ir/program.ts";

/** What is no arithmetic on numbers: signs, comparisons, marks. */
const costless: ReadonlySet<string> = new Set([
  ...["negate", "not", "held"],
  ...["less", "lessEqual", "equal", "and", "or"],
]);

/**
 * Operations of a step whose support has so many edges. Each different expression counts once for
 * every point of the loops that it depends on: what all edges of an owner share, once an owner.
 */
export function flopsOf(
  step: NodeMap | NormalisingFold | WeightedFold,
  edges: number,
  extent: (size: Size) => number,
): number {
  const sums = step.kind === "normalise" ? step.expectations : step.results;
  const points = counter(step, edges, extent);
  const seen = new Set<Expr>();
  const visit = (e: Expr): number => {
    if (seen.has(e) || e.kind === "load") return 0;
    seen.add(e);
    if (e.kind === "reduce") points.within(e.axis);
    const inside = operands(e).reduce((sum, operand) => sum + visit(operand), 0);
    if (e.kind === "reduce") return inside + points.of(e.of);
    const isArithmetic = (e.kind === "unary" || e.kind === "binary") && !costless.has(e.op);
    return isArithmetic ? inside + points.of(e) : inside;
  };
  let total = step.kind === "map" ? 0 : visit(step.logWeight);
  for (const { along, value } of sums) {
    for (const loop of along) points.within(loop);
    total += visit(value);
    // A sum over edges multiplies by the weight and adds.
    const each = along.reduce((product, { size }) => product * extent(size), 1);
    if (step.kind !== "map") total += 2 * edges * each;
  }
  // A weight is the exponential of a difference; normalising adds it up.
  if (step.kind === "normalise") return total + 3 * edges;
  const isWeighed = step.kind === "weigh" && step.logWeight.kind !== "number";
  return isWeighed ? total + edges : total;
}

/** Counts the points at which an expression has to be computed. */
function counter(
  step: NodeMap | NormalisingFold | WeightedFold,
  edges: number,
  extent: (size: Size) => number,
): { within(loop: Axis): void; of(e: Expr): number } {
  const loops = new Map(step.over.map(({ name, size }) => [name, extent(size)]));
  const owners = new Set(loops.keys());
  const support = step.kind === "map" ? undefined : step.edges;
  const alternatives = [support?.axis.name, support?.list?.edge];
  return {
    within: ({ name, size }) => void loops.set(name, extent(size)),
    of: (e) => {
      const axes = [...freeAxes(e)];
      const isOfEdge = axes.some((name) => alternatives.includes(name));
      const rest = axes.filter(
        (name) => !alternatives.includes(name) && !(isOfEdge && owners.has(name)),
      );
      return rest.reduce((product, name) => product * (loops.get(name) ?? 1), isOfEdge ? edges : 1);
    },
  };
}
