/** Gradients against central differences: every floating input, every reading with a cotangent. */
import type { CallOptions, Gradients, Inputs, Model, Reading, Tensor } from "edgewise";
import { expect } from "vitest";
import { prepare } from "../inDouble.ts";
import { at, random, the } from "../random.ts";

export interface GradientOptions {
  /** Readings that get a random cotangent, all at once. */
  readonly of: readonly Reading[];
  /** Elements of each input that are moved one by one; the others move along random directions. */
  readonly elements?: number;
  /** Directions along which a whole input moves. */
  readonly directions?: number;
  readonly tolerance?: number;
  readonly call?: CallOptions;
  readonly seed?: number;
  /** Inputs that are data: no gradient is asked of them. */
  readonly data?: readonly string[];
}

/**
 * Step of the five-point rule. Its truncation is h⁴/30 · f⁽⁵⁾ ≈ 3e-16 · f⁽⁵⁾ and its rounding
 * 1.5 ε |f| / h ≈ 1e-12 |f|; 1e-7 of the gradient's scale leaves room for f⁽⁵⁾ near 1e8.
 */
const step = 3e-4;
const close = 1e-7;

type Read = Readonly<Record<string, Tensor>>;

/** Σ of cotangents times readings. Log evidence of an empty row, −∞, does not move: it is left out. */
function objective(readings: Read, cotangents: Inputs): number {
  let sum = 0;
  for (const [name, { data }] of Object.entries(cotangents)) {
    const read = the(readings, name).data;
    data.forEach((g, k) => {
      if (at(read, k) !== Number.NEGATIVE_INFINITY) sum += g * at(read, k);
    });
  }
  return sum;
}

/**
 * Asserts that the gradient by every floating input is what central differences say, that it has
 * the input's shape, and that it is exactly 0 where the input is −∞. Returns it.
 */
export async function checkGradient(
  model: Model,
  inputs: Inputs,
  options: GradientOptions,
): Promise<Gradients> {
  const { of, elements = 40, directions = 2, tolerance = close, call = {}, seed = 1 } = options;
  const attend = await prepare(model, { read: of });
  const rng = random(seed);
  // Every reading is a tensor; only `info`, which is not read here, is not.
  const answer = (given: Inputs): Read => attend.sync(given, call) as unknown as Read;
  const readings = answer(inputs);
  const cotangents = Object.fromEntries(
    of.map((name) => [name, rng.normal(the(readings, name).shape)]),
  );
  const gradient = attend.gradientSync(inputs, cotangents, call);
  const moved = (name: string, direction: ArrayLike<number>): ((h: number) => number) => {
    const { data, shape } = the(inputs, name);
    return (h) => {
      const next = Float64Array.from(data, (x, k) => x + h * at(direction, k));
      return objective(answer({ ...inputs, [name]: { data: next, shape } }), cotangents);
    };
  };
  for (const [name, input] of Object.entries(inputs)) {
    if (input.data instanceof Int32Array || options.data?.includes(name)) {
      expect(gradient[name], `${name} is data`).toBeUndefined();
      continue;
    }
    const got = the(gradient, name);
    expect(got.shape, `shape of d_${name}`).toEqual([...input.shape]);
    const finite = [...input.data.keys()].filter((k) => Number.isFinite(at(input.data, k)));
    for (const k of input.data.keys())
      if (!finite.includes(k)) expect(at(got.data, k), `d_${name}[${k}] where −∞`).toBe(0);
    const scale = Math.max(1, ...Array.from(got.data, Math.abs));
    const compare = (direction: Float64Array, label: string): void => {
      const f = moved(name, direction);
      const numeric = (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step);
      const analytic = direction.reduce((sum, x, k) => sum + x * at(got.data, k), 0);
      const wrong = `${label}: gradient ${analytic}, differences ${numeric}`;
      expect(Math.abs(analytic - numeric), wrong).toBeLessThanOrEqual(tolerance * scale);
    };
    for (const k of chosen(finite, elements, rng.next)) {
      const direction = new Float64Array(input.data.length);
      direction[k] = 1;
      compare(direction, `${model.name}, d_${name}[${k}] of ${of.join(", ")}`);
    }
    for (let r = 0; r < directions && finite.length > 0; r++) {
      const direction = rng.normal(input.shape).data;
      for (const k of direction.keys()) if (!finite.includes(k)) direction[k] = 0;
      const length = Math.hypot(...direction);
      compare(
        direction.map((x) => x / length),
        `${model.name}, direction of ${name}`,
      );
    }
  }
  return gradient;
}

/** `count` of some numbers without repetition; all when there are no more. */
function chosen(from: readonly number[], count: number, next: () => number): number[] {
  if (from.length <= count) return [...from];
  const left = [...from];
  return Array.from({ length: count }, () =>
    left.splice(Math.floor(next() * left.length), 1),
  ).flat();
}

/** Every reading of exact inference that has a gradient. */
export const everything: readonly Reading[] = [
  "expectation",
  "logEvidence",
  "entropy",
  "posterior",
  "scatter",
  "mass",
];
