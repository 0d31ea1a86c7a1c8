/** Random tensors for tests, the same on every machine: a seed is part of every test. */
import type { Float64Tensor, Info } from "edgewise";

/** Uniform numbers in (0, 1) (mulberry32). */
export function uniformFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

export interface RandomTensors {
  /** Standard normal numbers times `spread`. */
  normal(shape: readonly number[], spread?: number): Float64Tensor;
  /** Uniform numbers from `low` to `high`. */
  between(low: number, high: number, shape?: readonly number[]): Float64Tensor;
  /** 1 with a probability, else 0. */
  coins(probability: number, shape: readonly number[]): Float64Tensor;
  readonly next: () => number;
}

/** Source of random tensors from a seed. */
export function random(seed: number): RandomTensors {
  const next = uniformFrom(seed);
  const made = (shape: readonly number[], draw: () => number): Float64Tensor => ({
    data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw),
    shape,
  });
  return {
    next,
    normal: (shape, spread = 1) =>
      made(shape, () => spread * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())),
    between: (low, high, shape = []) => made(shape, () => low + (high - low) * next()),
    coins: (probability, shape) => made(shape, () => (next() < probability ? 1 : 0)),
  };
}

/** Number of an array, which has to be there. */
export function at(data: ArrayLike<number>, k: number): number {
  const value = data[k];
  if (value === undefined) throw new Error(`no element ${k} among ${data.length}`);
  return value;
}

/** Tensor by name, which has to be there; of an answer, any but its `info`. */
export function the<T>(of: Readonly<Partial<Record<string, T | Info>>>, name: string): T {
  const found = of[name];
  if (found === undefined || name === "info")
    throw new Error(`no ${name} among ${Object.keys(of).join(", ")}`);
  return found as T;
}
