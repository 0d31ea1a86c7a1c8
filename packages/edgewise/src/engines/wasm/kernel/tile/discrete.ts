/**
 * Where a rounding changes an answer by more than a rounding: what is compared, cut to a whole
 * number, or taken by its sign. Whole numbers made of indices must be exact there.
 */
import { type Axis, type Expr, nodesOf, operands } from "../../../../ir/expr.ts";
import type { Bindings } from "../frame.ts";

/** Up to here, single precision has all whole numbers. */
const mostExact = 2 ** 24;

const steps = new Set(["less", "lessEqual", "equal", "mod", "floor", "sign"]);

/** What is below a step in some expressions. */
export function belowSteps(roots: readonly Expr[]): ReadonlySet<Expr> {
  const isStep = (e: Expr): boolean =>
    (e.kind === "binary" || e.kind === "unary") && steps.has(e.op);
  return new Set(nodesOf(nodesOf(roots).filter(isStep).flatMap(operands)));
}

/** Whether the numbers below steps that follow from indices alone are such as single precision has. */
export function areExact(
  below: Iterable<Expr>,
  loops: readonly Axis[],
  { extent }: Bindings,
): boolean {
  const known = new Map<Expr, Range | undefined>();
  const range = (e: Expr): Range | undefined => {
    if (!known.has(e)) known.set(e, rangeOf(e, range, { loops, extent }));
    return known.get(e);
  };
  for (const e of below) {
    // A number that is written out is rounded the same wherever it stands.
    const [low, high] = (e.kind === "number" ? undefined : range(e)) ?? [0, 0];
    if (Math.max(-low, high) > mostExact) return false;
  }
  return true;
}

type Range = readonly [low: number, high: number];

/** Least and greatest value, where indices and lengths tell. */
function rangeOf(
  e: Expr,
  of: (e: Expr) => Range | undefined,
  { loops, extent }: { loops: readonly Axis[]; extent: Bindings["extent"] },
): Range | undefined {
  switch (e.kind) {
    case "number":
      return [e.value, e.value];
    case "size":
      return [extent(e.size), extent(e.size)];
    case "index": {
      const axis = loops.find(({ name }) => name === e.axis);
      return axis && [0, Math.max(0, extent(axis.size) - 1)];
    }
    case "unary": {
      const a = of(e.of);
      if (a === undefined) return undefined;
      if (e.op === "negate") return [-a[1], -a[0]];
      if (e.op === "floor") return [Math.floor(a[0]), Math.floor(a[1])];
      return e.op === "abs" ? [0, Math.max(-a[0], a[1])] : undefined;
    }
    case "binary": {
      const [a, b] = [of(e.left), of(e.right)];
      return a && b && combined(e.op, a, b);
    }
    default:
      return undefined;
  }
}

function combined(op: string, a: Range, b: Range): Range | undefined {
  switch (op) {
    case "add":
      return [a[0] + b[0], a[1] + b[1]];
    case "subtract":
      return [a[0] - b[1], a[1] - b[0]];
    case "multiply":
      return hull(a.flatMap((x) => b.map((y) => x * y)));
    case "divide":
      return b[0] > 0 || b[1] < 0 ? hull(a.flatMap((x) => b.map((y) => x / y))) : undefined;
    case "mod":
      return hull([0, ...b]);
    case "min":
      return [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
    case "max":
      return [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    default:
      return undefined;
  }
}

const hull = (values: readonly number[]): Range => [Math.min(...values), Math.max(...values)];
