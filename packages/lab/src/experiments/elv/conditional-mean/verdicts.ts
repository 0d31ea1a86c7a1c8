/** What the rows say of attention and the conditional mean (K19). */
import { numberOf, type Outcome, type Row, type Verdict } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { softmaxBias } from "./circle.ts";
import type { Config } from "./config.ts";
import expected from "./expected.json" with { type: "json" };

export const methods = ["conditional mean", "softmax", "sharpened softmax"] as const;
export type Method = (typeof methods)[number];

/** Values of a method at a length, one a seed; without a method, those of the proportion. */
export function valuesOf(rows: readonly Row[], length: number, method: Method | null): number[] {
  const part = method === null ? "proportion" : "error";
  return rows
    .filter((row) => row["part"] === part && row["length"] === length && row["method"] === method)
    .map((row) => numberOf(row, "value"));
}

/** Slopes of log value by log length, one a seed. */
export function slopes(
  rows: readonly Row[],
  lengths: readonly number[],
  method: Method | null,
): number[] {
  const bySeed = lengths.map((length) => valuesOf(rows, length, method));
  const xs = lengths.map(Math.log);
  const centre = mean(xs);
  const spread = xs.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  return (bySeed[0] ?? []).map(
    (_, seed) =>
      xs.reduce(
        (sum, x, k) => sum + (x - centre) * Math.log((bySeed[k] as number[])[seed] as number),
        0,
      ) / spread,
  );
}

export function verdicts(rows: readonly Row[], { lengths, scale }: Config): Verdict[] {
  const { slope, plateau } = expected;
  const found = slopes(rows, lengths, "conditional mean");
  const sharpened = mean(slopes(rows, lengths, "sharpened softmax"));
  const proportion = mean(slopes(rows, lengths, null));
  const last = mean(valuesOf(rows, lengths.at(-1) as number, "softmax"));
  const share = last / softmaxBias(scale);
  const isIn = (value: number, [low, high]: readonly number[]): boolean =>
    value >= (low as number) && value <= (high as number);
  const others = {
    "sharpened softmax": isIn(sharpened, slope.sharpened),
    "the plateau of softmax": isIn(share, plateau),
    "the limit of proportionality": isIn(proportion, slope.proportion),
  };
  const outside = Object.entries(others).flatMap(([name, holds]) => (holds ? [] : [name]));
  const verdict: Outcome = !isIn(mean(found), slope.conditionalMean)
    ? "not reproduced"
    : outside.length === 0
      ? "reproduced"
      : "conditional";
  return [
    {
      id: "K19",
      verdict,
      metric: "slope of log error by log length, conditional mean",
      measured: mean(found),
      interval: interval(found),
      expected: `within ${slope.conditionalMean.join(" and ")}; sharpened softmax within ${slope.sharpened.join(" and ")}, softmax at ${plateau.join(" to ")} times its bias, angle to softmax within ${slope.proportion.join(" and ")}`,
      reason: `Sharpened softmax has the slope ${sharpened.toFixed(2)}, softmax at a fixed scale ends at ${share.toFixed(2)} times its bias, and the angle between it and a strongly regularised conditional mean falls with the slope ${proportion.toFixed(2)}${outside.length === 0 ? "" : `; outside: ${outside.join(", ")}`}.`,
    },
  ];
}
