import { describe, expect, it } from "vitest";
import expected from "./expected.json" with { type: "json" };
import { hopfieldRegimes } from "./experiment.ts";

const small = {
  ...{ patterns: 8, width: 16, group: 4, likeness: 0.8, noise: 0.3, betas: [0.1, 512] },
  iterations: 40,
};

describe("hopfield-regimes", () => {
  it.each(hopfieldRegimes.jobs(small, 1))(
    "$key: all patterns, then one, twice the same",
    async (job) => {
      const rows = await hopfieldRegimes.run(job, small, () => {});
      expect(await hopfieldRegimes.run(job, small, () => {})).toEqual(rows);
      const entropies = (beta: number): number[] =>
        rows
          .filter((row) => row["beta"] === beta && row["check"] === "end")
          .map((row) => row["entropy"] as number);
      for (const entropy of entropies(0.1))
        expect(Math.abs(entropy - Math.log(8))).toBeLessThan(expected.entropy.within);
      for (const entropy of entropies(512))
        expect(entropy - expected.entropy.betaToInfinity).toBeLessThan(expected.entropy.within);
    },
  );
});
