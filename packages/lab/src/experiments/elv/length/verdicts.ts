/** What the rows say of learning and length (K20). */
import { numberOf, type Outcome, type Row, type Verdict } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import type { Config } from "./config.ts";
import expected from "./expected.json" with { type: "json" };
import type { Task } from "./layer.ts";

/** Numbers of a part at a length after some sequences, one a seed. */
export const valuesOf = (
  rows: readonly Row[],
  part: Task,
  length: number,
  sequences: number,
  name: string,
): number[] =>
  rows
    .filter(
      (row) => row["part"] === part && row["length"] === length && row["sequences"] === sequences,
    )
    .map((row) => numberOf(row, name));

/** What a probe misses of the accuracy of the exact posterior. */
export function gapsOf(rows: readonly Row[], length: number, sequences: number): number[] {
  const exact = valuesOf(rows, "masked token", length, sequences, "bayes");
  return valuesOf(rows, "masked token", length, sequences, "accuracy").map(
    (accuracy, k) => (exact[k] as number) - accuracy,
  );
}

/** Slopes of log excess by log sequences at a length, one a seed. */
function slopes(rows: readonly Row[], length: number, sequences: readonly number[]): number[] {
  const xs = sequences.map(Math.log);
  const centre = mean(xs);
  const spread = xs.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  const ys = sequences.map((count) => valuesOf(rows, "answer", length, count, "excess"));
  return (ys[0] ?? []).map(
    (_, seed) =>
      xs.reduce((sum, x, k) => sum + (x - centre) * Math.log(ys[k]?.[seed] as number), 0) / spread,
  );
}

export function verdicts(rows: readonly Row[], { lengths, sequences }: Config): Verdict[] {
  const bySeed = lengths.map((length) => slopes(rows, length, sequences));
  const means = bySeed.map(mean);
  const apart = Math.max(...means) - Math.min(...means);
  const level = (length: number): number =>
    mean(
      sequences.flatMap((count) =>
        valuesOf(rows, "answer", length, count, "excess").map((excess) => Math.log(excess)),
      ),
    );
  const growth = Math.exp(level(lengths.at(-1) as number) - level(lengths[0] as number));
  const most = sequences.at(-1) as number;
  const gap = Math.max(...lengths.map((length) => mean(gapsOf(rows, length, most))));
  const [steepest, flattest] = expected.slope as [number, number];
  const isParallel =
    means.every((slope) => slope >= steepest && slope <= flattest) &&
    apart < expected.slopesApart &&
    growth < expected.growthWithLength;
  const verdict: Outcome = !isParallel
    ? "not reproduced"
    : gap < expected.probeGap
      ? "reproduced"
      : "conditional";
  const slopesOfSeeds = (bySeed[0] ?? []).map((_, seed) =>
    mean(bySeed.map((of) => of[seed] as number)),
  );
  return [
    {
      id: "K20",
      verdict,
      metric: "slope of log excess risk by log sequences, mean over lengths",
      measured: mean(slopesOfSeeds),
      interval: interval(slopesOfSeeds),
      expected: `within ${steepest} and ${flattest} at each length, slopes at most ${expected.slopesApart} apart, excess at the longest at most ${expected.growthWithLength} times that at the shortest, a probe after pretraining within ${expected.probeGap} of the best accuracy`,
      reason: `Slopes ${lengths.map((length, k) => `${(means[k] as number).toFixed(2)} at length ${length}`).join(", ")}; the excess at the longest is ${growth.toFixed(2)} times that at the shortest; the probe misses at most ${gap.toFixed(3)} of the best accuracy.`,
    },
  ];
}
