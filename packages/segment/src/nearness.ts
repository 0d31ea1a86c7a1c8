import type { Annotation } from "./annotation.ts";

/** λ: nats of log prior that one unit of separation takes away. */
const nearnessPrior = 0.1;

/**
 * Log prior of each token's choice among the units, [tokens, units], nats, not normalised.
 *
 * A label is as probable as its nearest unit is near, and its units share that: the softmax of
 * −λ·separation among units of one label, times exp(−λ·least separation). How many cells happen
 * to lie under a disc, or how many clicks a label got, says nothing about distance; were they
 * counted, the busiest label would win every tie.
 *
 * | argument    | shape           | unit                             |
 * | ----------- | --------------- | -------------------------------- |
 * | separations | [units][tokens] | as in `separations`              |
 * | marks.label | [units]         |                                  |
 * | → log prior | [tokens, units] | nats                             |
 */
export function nearnessLogPrior(
  separations: readonly Float64Array[],
  marks: Annotation,
  { tokens, labels }: { tokens: number; labels: number },
): Float64Array {
  const units = separations.length;
  const logPrior = new Float64Array(tokens * units);
  const best = new Float64Array(labels);
  const total = new Float64Array(labels);
  for (let token = 0; token < tokens; token++) {
    const row = logPrior.subarray(token * units, (token + 1) * units);
    best.fill(Number.NEGATIVE_INFINITY);
    total.fill(0);
    for (let unit = 0; unit < units; unit++) {
      row[unit] = -nearnessPrior * separations[unit]![token]!;
      const label = marks.label[unit]!;
      best[label] = Math.max(best[label]!, row[unit]!);
    }
    for (let unit = 0; unit < units; unit++) {
      const label = marks.label[unit]!;
      total[label]! += Math.exp(row[unit]! - best[label]!);
    }
    for (let unit = 0; unit < units; unit++) row[unit]! -= Math.log(total[marks.label[unit]!]!);
  }
  return logPrior;
}
