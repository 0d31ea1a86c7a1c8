/** Learned cells in plain loops, from what their papers' reference implementations do. */
import { dot, entry, plus, squared, times, total, zeros } from "./freeEnergy.ts";
import type { Matrix, Row } from "./oracle.ts";

/** (x − mean) / √(variance + 1e-5) · weight + bias, the variance over n and not n − 1. */
export function layerNorm(x: Row, weight: Row, bias: Row): number[] {
  const mean = total(x) / x.length;
  const gap = x.map((v) => v - mean);
  const deviation = Math.sqrt(squared(gap) / x.length + 1e-5);
  return gap.map((g, d) => (g / deviation) * entry(weight, d) + entry(bias, d));
}

const affine = (W: Matrix, bias: Row, x: Row): number[] =>
  W.map((row, k) => dot(row, x) + entry(bias, k));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export interface Gru {
  /** [3 D, D], gates reset, update, new. */
  readonly weight_ih: Matrix;
  readonly weight_hh: Matrix;
  readonly bias_ih: Row;
  readonly bias_hh: Row;
}
/** h⁺ = (1 − z) n + z h, n = tanh(Wx + r (Uh + b)). */
export function gru(of: Gru, x: Row, h: Row): number[] {
  const width = h.length;
  const fromInput = affine(of.weight_ih, of.bias_ih, x);
  const fromState = affine(of.weight_hh, of.bias_hh, h);
  return h.map((v, d) => {
    const [a, b] = [
      (k: number) => entry(fromInput, k * width + d),
      (k: number) => entry(fromState, k * width + d),
    ];
    const [reset, keep] = [sigmoid(a(0) + b(0)), sigmoid(a(1) + b(1))];
    const fresh = Math.tanh(a(2) + reset * b(2));
    return (1 - keep) * fresh + keep * v;
  });
}

export interface Perceptron {
  readonly first: Matrix;
  readonly firstBias: Row;
  readonly second: Matrix;
  readonly secondBias: Row;
}
export const perceptron = (
  { first, firstBias, second, secondBias }: Perceptron,
  x: Row,
): number[] =>
  affine(
    second,
    secondBias,
    affine(first, firstBias, x).map((v) => Math.max(0, v)),
  );

/** Σ (P + ε) v / Σ (P + ε) over the inputs, for each slot; P is [input][slot]. */
export function weightedMean(P: Matrix, values: Matrix, slot: number, epsilon: number): number[] {
  const width = entry(values, 0).length;
  const weights = P.map((row) => entry(row, slot) + epsilon);
  const sum = values.reduce<number[]>(
    (all, v, j) => plus(all, times(entry(weights, j), v)),
    zeros(width),
  );
  return times(1 / total(weights), sum);
}
