import { describe, expect, it } from "vitest";
import expected from "./expected.json" with { type: "json" };
import { tempered } from "./experiment.ts";

const small = {
  ...{ classes: 4, width: 2, believed: 0.5, observations: 400, temperatures: [0.25, 1, 4, 16] },
};

describe("tempered", () => {
  it.each(tempered.jobs(small, 1))(
    "noise $key: its own temperature is best, twice",
    async (job) => {
      const rows = await tempered.run(job, small, () => {});
      expect(await tempered.run(job, small, () => {})).toEqual(rows);
      const losses = rows.filter((row) => row["tempering"] === "likelihood");
      const best = losses.reduce((a, b) =>
        (b["logLoss"] as number) < (a["logLoss"] as number) ? b : a,
      );
      const key = job.key as keyof typeof expected.bestTemperature;
      expect(best["temperature"]).toBe(expected.bestTemperature[key]);
      expect(best["logLoss"]).toBeCloseTo(best["least"] as number, 10);
    },
  );
});
