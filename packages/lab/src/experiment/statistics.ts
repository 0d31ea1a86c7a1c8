/** Means over seeds and how far they can be trusted. */
import { uniforms } from "edgewise";

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Draws of a bootstrap, and the share that its interval holds. */
const draws = 2000;
const share = 0.95;

/**
 * Interval that holds 95 % of the means of values drawn again with replacement. Of one value it is
 * that value: nothing is known of its spread.
 */
export function interval(values: readonly number[]): readonly [low: number, high: number] {
  const uniform = uniforms(values.length);
  const means = Array.from({ length: draws }, () =>
    mean(values.map(() => values[Math.floor(uniform() * values.length)] as number)),
  ).sort((a, b) => a - b);
  const at = (quantile: number): number => means[Math.round(quantile * (draws - 1))] as number;
  return [at((1 - share) / 2), at((1 + share) / 2)];
}
