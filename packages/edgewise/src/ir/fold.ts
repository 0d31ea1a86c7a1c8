import {
  type Axis,
  type Expr,
  freeAxes,
  index,
  load,
  number,
  type Scalar,
  type Size,
} from "./expr.ts";
import type { Choice, NodeMap, NormalisingFold, Result, Support, WeightedFold } from "./program.ts";

/** Builders of the steps; only this layer defines a fold. */

const sizes = (axes: readonly Axis[]): Size[] => axes.map(({ size }) => size);

/** Element of a tensor at its own loops. */
export const at = (tensor: string, axes: readonly Axis[]): Expr => load(tensor, axes.map(index));

/** One value per node: `name[over..., along...] = value`. */
export function map(name: string, over: readonly Axis[], value: Scalar): NodeMap {
  return { kind: "map", over, results: [result(name, over, [], value)] };
}

/** Where a fold's value lands: by default at the loops themselves. */
export function result(
  name: string,
  over: readonly Axis[],
  along: readonly Axis[],
  value: Scalar,
): Result {
  const loops = [...over, ...along];
  return {
    name,
    shape: sizes(loops),
    along,
    at: loops.map(index),
    value: typeof value === "number" ? number(value) : value,
  };
}

export interface NormaliseOptions {
  readonly over: readonly Axis[];
  readonly edges: Support;
  readonly logWeight: Expr;
  readonly logEvidence: string;
  readonly expectations?: readonly { name: string; along: readonly Axis[]; value: Expr }[];
  readonly choices?: readonly Omit<Choice, "shape">[];
}

/** Normalising fold: log evidence and posterior means for each owner. */
export function normalise(options: NormaliseOptions): NormalisingFold {
  const { over, edges, logWeight } = options;
  return {
    kind: "normalise",
    over,
    edges,
    logWeight,
    logEvidence: { name: options.logEvidence, shape: sizes(over) },
    expectations: (options.expectations ?? []).map((expectation) => ({
      ...expectation,
      shape: [...sizes(over), ...sizes(expectation.along)],
    })),
    choices: (options.choices ?? []).map((choice) => ({
      ...choice,
      shape: [...sizes(over), choice.count.size],
    })),
  };
}

/** Weighted fold with weights exp(logWeight), results placed by the caller. */
export function weigh(
  over: readonly Axis[],
  edges: Support,
  logWeight: Expr,
  results: readonly Result[],
): WeightedFold {
  return { kind: "weigh", over, edges, logWeight, results };
}

/** The axes of a list that an expression depends on. */
export function axesOf(e: Expr, among: readonly Axis[]): Axis[] {
  const free = freeAxes(e);
  return among.filter(({ name }) => free.has(name));
}
