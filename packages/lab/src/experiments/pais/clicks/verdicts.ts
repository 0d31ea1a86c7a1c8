/** What the rows say of adapting keys (K16) and of propagating values (K17). */
import { numberOf, type Outcome, type Row, type Verdict } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import type { Arm } from "./arms.ts";
import type { Config } from "./config.ts";
import expected from "./expected.json" with { type: "json" };

/** Gains of an arm over plain attention, a number a scene: the mean over some counts of clicks. */
export function gains(
  rows: readonly Row[],
  keyNoise: number,
  arm: Arm,
  counted: readonly number[],
): number[] {
  const own = rows.filter((row) => row["part"] === "arms" && row["keyNoise"] === keyNoise);
  const scores = (of: Arm): Map<string, number[]> => {
    const found = new Map<string, number[]>();
    for (const row of own) {
      if (row["arm"] !== of || !counted.includes(numberOf(row, "clicks"))) continue;
      const scene = String(row["scene"]);
      found.set(scene, [...(found.get(scene) ?? []), numberOf(row, "iou")]);
    }
    return found;
  };
  const plain = scores("plain");
  return [...scores(arm)].map(([scene, of]) => mean(of) - mean(plain.get(scene) as number[]));
}

export function verdicts(rows: readonly Row[], config: Config): Verdict[] {
  return [
    {
      ...judged(rows, config, "keys", expected.K16.clicks),
      id: "K16",
      metric: "least gain of adapting keys at 1 to 3 clicks, over key noises (mean IoU)",
    },
    {
      ...judged(rows, config, "values", expected.K17.clicks, Math.max),
      id: "K17",
      metric: "greatest gain of propagating values at 10 to 20 clicks, over key noises (mean IoU)",
    },
  ];
}

/** Reproduced where an arm gains at every key noise, conditional where it gains at some. */
function judged(
  rows: readonly Row[],
  { keyNoises }: Config,
  arm: Arm,
  [first, last]: readonly number[],
  telling: (...values: number[]) => number = Math.min,
): Omit<Verdict, "id" | "metric"> {
  const counted = Array.from(
    { length: (last as number) - (first as number) + 1 },
    (_, k) => (first as number) + k,
  );
  const found = keyNoises.map((keyNoise) => {
    const values = gains(rows, keyNoise, arm, counted);
    return { keyNoise, gain: mean(values), interval: interval(values) };
  });
  const helped = found.filter(({ interval: [low] }) => low > 0);
  const verdict: Outcome =
    helped.length === found.length
      ? "reproduced"
      : helped.length > 0
        ? "conditional"
        : "not reproduced";
  const told = found.find(({ gain }) => gain === telling(...found.map(({ gain }) => gain)));
  const points = ({ keyNoise, gain, interval: [low, high] }: (typeof found)[number]): string =>
    `${(100 * gain).toFixed(1)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}] at ${keyNoise}`;
  return {
    verdict,
    measured: told?.gain ?? Number.NaN,
    interval: told?.interval ?? null,
    expected: "interval over scenes above 0 at every key noise; at some of them, conditional",
    reason: `Points of mean IoU, by key noise: ${found.map(points).join("; ")}.`,
  };
}
