/** What the rows come to: each check has the tolerance, and none is taken for granted. */
import { judged, reasonOf } from "../../../experiment/checks.ts";
import type { ClaimId } from "../../../experiment/claims.ts";
import { numberOf, type Row, type Verdict } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import expected from "./expected.json" with { type: "json" };

const { tolerance } = expected;

const reasons: Readonly<Partial<Record<ClaimId, string>>> = {
  K1: "Every row of the table is the primitive with other words",
  K3: "One word, who chooses, turns recall into competition: sums over memories or over slots are 1, and slots share the inputs' total among them",
  K5: "P + P² is the expectation where each hop is drawn anew, or where no node has an edge to itself",
  K13: "Temperature is the prior to the power T under joint tempering, and a bias by offset is a prior but for its mass",
  K14: "ReLU is the limit at temperature 0 of edges worth their score times their value",
  K15: "Equal precisions, a magnitude prior and a vanishing precision of values give dot-product attention",
};

export function verdicts(rows: readonly Row[]): Verdict[] {
  const told = (Object.keys(reasons) as ClaimId[]).flatMap((claim) => exactly(rows, claim));
  return [...told, ...stochastic(rows)];
}

function exactly(rows: readonly Row[], id: ClaimId): Verdict[] {
  const found = judged(rows, id, tolerance);
  if (found === undefined) return [];
  return [
    {
      ...{ id, verdict: found.outcome, measured: found.measured, interval: null },
      metric: `largest error of ${found.checks} checks`,
      expected: `below ${tolerance}`,
      reason: reasonOf(found, reasons[id] ?? ""),
    },
  ];
}

/** Slope of log error against log number of draws, by least squares over the instances' mean squares. */
export function slopeOf(rows: readonly Row[]): number {
  const points = curveOf(rows).map(({ at, error }) => [Math.log(at), Math.log(error)] as const);
  const [x, y] = [mean(points.map(([a]) => a)), mean(points.map(([, b]) => b))];
  const cross = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return cross / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

/** Root mean square over instances, by number of draws. */
export function curveOf(rows: readonly Row[]): { at: number; error: number }[] {
  const counts = [...new Set(rows.map((row) => numberOf(row, "at")))];
  return counts.map((at) => {
    const own = rows.filter((row) => row["at"] === at);
    return { at, error: Math.sqrt(mean(own.map((row) => numberOf(row, "error") ** 2))) };
  });
}

function stochastic(rows: readonly Row[]): Verdict[] {
  const of = (check: string) =>
    rows.filter((row) => row["claim"] === "K21" && row["check"] === check);
  const [samples, tops] = [of("samples"), of("top")];
  if (samples.length === 0) return [];
  const seeds = [...new Set(samples.map((row) => row["seed"]))];
  const slopes = seeds.map((seed) => slopeOf(samples.filter((row) => row["seed"] === seed)));
  const off = Math.max(...samples.map((row) => numberOf(row, "standardErrors")));
  const beyond = tops.filter(
    (row) => !(numberOf(row, "error") <= numberOf(row, "bound") + tolerance),
  ).length;
  const { slope, slopeWithin, standardErrors } = expected.K21;
  const measured = mean(slopes);
  const holds = Math.abs(measured - slope) < slopeWithin && off < standardErrors && beyond === 0;
  return [
    {
      id: "K21",
      verdict: holds ? "reproduced" : "not reproduced",
      metric: "slope of log error against log draws",
      measured,
      interval: interval(slopes),
      expected: `${slope} within ${slopeWithin}; means of draws within ${standardErrors} standard errors; no mode or top-k beyond its bound`,
      reason: `Means of draws are off by ${off.toFixed(1)} standard errors at most, and ${beyond} of ${tops.length} modes and top-k means lie beyond their bound.`,
    },
  ];
}
