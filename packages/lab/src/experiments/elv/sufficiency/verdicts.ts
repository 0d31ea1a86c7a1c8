/** What the rows say of the latent posterior (K18). */
import { numberOf, type Outcome, type Row, type Verdict } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import type { Config } from "./config.ts";
import expected from "./expected.json" with { type: "json" };
import type { Representation } from "./probe.ts";

/** Log-loss above that of one who knows everything, one a seed. */
export const excesses = (rows: readonly Row[], family: string, of: Representation): number[] =>
  rows
    .filter((row) => row["family"] === family && row["representation"] === of)
    .map((row) => numberOf(row, "excess"));

export function verdicts(rows: readonly Row[], { families }: Config): Verdict[] {
  const names = Object.keys(families);
  const worst = (of: Representation): number =>
    Math.max(...names.map((family) => mean(excesses(rows, family, of))));
  const least = (of: Representation, among: readonly string[]): number =>
    Math.min(...among.map((family) => mean(excesses(rows, family, of))));
  const gains = names.flatMap((family) => {
    const both = excesses(rows, family, "posterior and tokens");
    return excesses(rows, family, "posterior").map((alone, k) => alone - (both[k] as number));
  });
  const twoSided = names.filter((family) => families[family]?.sides === 2);
  const recovered = mean(
    rows
      .filter((row) => row["representation"] === "all tokens")
      .map((row) => numberOf(row, "distance")),
  );
  const isSufficient =
    worst("posterior") < expected.posteriorExcessBelow &&
    mean(gains) < expected.gainFromTokensBelow;
  const others = {
    "tokens say as much": worst("all tokens") < expected.tokensExcessBelow,
    "who answers from tokens holds the posterior": recovered < expected.recoveredWithin,
    "the first token says less": least("first token", names) > expected.firstTokenExcessAbove,
    "the mean says less where tokens are not Gaussian":
      least("token mean", twoSided) > expected.twoSidedMeanExcessAbove,
  };
  const failed = Object.entries(others).flatMap(([name, holds]) => (holds ? [] : [name]));
  const verdict: Outcome = !isSufficient
    ? "not reproduced"
    : failed.length === 0
      ? "reproduced"
      : "conditional";
  return [
    {
      id: "K18",
      verdict,
      metric: "gain in log-loss from adding tokens to the posterior (nats)",
      measured: mean(gains),
      interval: interval(gains),
      expected: `below ${expected.gainFromTokensBelow}, the posterior within ${expected.posteriorExcessBelow} of the least log-loss`,
      reason: `Above the least log-loss, in nats and in the worse family: the posterior ${show(worst("posterior"))}, all tokens ${show(worst("all tokens"))}; at least: the first token ${show(least("first token", names))}, the token mean of two-sided concepts ${show(least("token mean", twoSided))}. The posterior that the answers from tokens imply is ${show(recovered)} from the exact one (total variation)${failed.length === 0 ? "" : `; not shown: ${failed.join(", ")}`}.`,
    },
  ];
}

const show = (value: number): string => value.toFixed(4);
