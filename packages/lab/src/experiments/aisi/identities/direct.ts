/** Formulas as papers print them, in plain loops over nested arrays: nothing here is the library's. */
import type { Tensor } from "edgewise";

export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

export const squaredDistance = (a: Vector, b: Vector): number =>
  a.reduce((sum, x, k) => sum + (x - (b[k] as number)) ** 2, 0);

export function logSumExp(scores: Vector): number {
  const top = Math.max(...scores);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - top);
  return top + Math.log(sum);
}

export function softmax(scores: Vector): number[] {
  const total = logSumExp(scores);
  return scores.map((score) => Math.exp(score - total));
}

/** scoresᵢⱼ of every pair of rows. */
export const pairs = (
  a: Matrix,
  b: Matrix,
  score: (x: Vector, y: Vector, i: number, j: number) => number,
): number[][] => a.map((x, i) => b.map((y, j) => score(x, y, i, j)));

/** Σⱼ wⱼ valueⱼ. */
export function combine(weights: Vector, values: Matrix): number[] {
  const sum = new Array<number>((values[0] as Vector).length).fill(0);
  weights.forEach((weight, j) => {
    (values[j] as Vector).forEach((value, k) => {
      sum[k] = (sum[k] as number) + weight * value;
    });
  });
  return sum;
}

export const product = (a: Matrix, b: Matrix): number[][] => a.map((row) => combine(row, b));

export const transpose = (a: Matrix): number[][] =>
  range((a[0] as Vector).length).map((k) => a.map((row) => row[k] as number));

export const scale = (a: Matrix, by: number): number[][] => a.map((row) => row.map((x) => by * x));

export const sum = (a: Matrix, b: Matrix): number[][] =>
  a.map((row, i) => row.map((x, k) => x + ((b[i] as Vector)[k] as number)));

/** softmax(scores) values, row by row. */
export const attended = (scores: Matrix, values: Matrix): number[][] =>
  scores.map((row) => combine(softmax(row), values));

/** Largest difference of a tensor from a matrix. */
export function gap(found: Tensor, expected: Matrix): number {
  const flat = expected.flat();
  if (flat.length !== found.data.length) return Number.POSITIVE_INFINITY;
  return flat.reduce((most, x, k) => Math.max(most, Math.abs(x - (found.data[k] as number))), 0);
}

/** A tensor's numbers as rows. */
export function rowsOf({ data, shape }: Tensor): number[][] {
  const width = shape.at(-1) as number;
  return range(data.length / width).map((i) => [...data.slice(i * width, (i + 1) * width)]);
}
