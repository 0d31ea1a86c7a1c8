/** Predictive coding networks for tests: random ones, and their tensors as nested arrays. */
import {
  type Inputs,
  type LatentModel,
  type PredictiveCodingOptions,
  parameter,
  predictiveCoding,
} from "edgewise";
import { random, the } from "../random.ts";
import { entry, type Layers, type Network, rowsOf } from "./freeEnergy.ts";

export interface NetworkCase {
  readonly variant: Network["variant"];
  readonly link: Network["link"];
  /** Units of each layer, the observed one last. */
  readonly units: readonly number[];
  /** Numbers of a unit; undefined for scalars. */
  readonly width?: number;
  readonly batch?: number;
  /** Belief about the top layer. */
  readonly top?: boolean;
  readonly seed: number;
}

export const modelOf = (
  { variant, link, units, width, top }: NetworkCase,
  options: PredictiveCodingOptions = {},
): LatentModel =>
  predictiveCoding({
    layers: units.length - 1,
    variant,
    link,
    vectors: width !== undefined,
    ...(top
      ? { topPrecision: parameter("top_precision", ["n0"]), topMean: parameter("top_mean", ["n0"]) }
      : {}),
    ...options,
  });

export function inputsOf({ units, width, batch = 1, top, seed }: NetworkCase): Inputs {
  const rng = random(seed);
  const features = width === undefined ? [] : [width];
  return {
    ...Object.fromEntries(
      units.flatMap((count, l) => {
        const state = [[`state.${l}`, rng.normal([batch, count, ...features])] as const];
        if (l === 0) return state;
        const edge = [count, entry(units, l - 1), ...features, ...features];
        return [
          ...state,
          [`weight.${l - 1}`, rng.normal(edge)] as const,
          [`precision.${l - 1}`, rng.between(0.3, 3, [count])] as const,
        ];
      }),
    ),
    ...(top
      ? {
          top_precision: rng.between(0.3, 2, [entry(units, 0)]),
          top_mean: rng.normal([entry(units, 0)]),
        }
      : {}),
  };
}

/** The network of some inputs in nested arrays. */
export function networkOf(
  { variant, link, units, width = 1, top }: NetworkCase,
  inputs: Inputs,
): Network {
  const layers = units.slice(1).map((_, l) => l);
  const list = (name: string): number[] => Array.from(the(inputs, name).data);
  const none = new Array<number>(entry(units, 0)).fill(0);
  return {
    variant,
    link,
    weight: layers.map((l) => {
      const matrices = rowsOf(list(`weight.${l}`), width * width).map((flat) =>
        rowsOf(flat, width),
      );
      const above = entry(units, l);
      return Array.from({ length: entry(units, l + 1) }, (_, i) =>
        matrices.slice(i * above, (i + 1) * above),
      );
    }),
    precision: layers.map((l) => list(`precision.${l}`)),
    topPrecision: top ? list("top_precision") : none,
    topMean: top ? list("top_mean") : none,
  };
}

/** States of one batch entry, from tensors `state.0`, `state.1` … */
export function layersOf(
  { units, width = 1 }: NetworkCase,
  of: Readonly<Record<string, unknown>>,
  b = 0,
): Layers {
  return units.map((count, l) => {
    const { data } = the(of as Inputs, `state.${l}`);
    return rowsOf(Array.from(data).slice(b * count * width, (b + 1) * count * width), width);
  });
}
