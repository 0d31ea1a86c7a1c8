import { describe, expect, it } from "vitest";
import expected from "./expected.json" with { type: "json" };
import { slotsClusters } from "./experiment.ts";
import { adjustedRandIndex } from "./randIndex.ts";

const small = {
  ...{ clusters: [3], points: 18, radius: 4, deviation: 0.4, iterations: 6, scenes: 2 },
};

describe("adjusted Rand index", () => {
  it("is 1 for the same parts under other names, and near 0 by chance", () => {
    expect(adjustedRandIndex([0, 0, 1, 1, 2], [5, 5, 3, 3, 4])).toBe(1);
    // Counted by hand: one pair in both, two pairs in each, of six.
    expect(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(-0.5, 12);
    expect(adjustedRandIndex([0, 0, 0], [1, 1, 1])).toBe(1);
  });
});

describe("slots-clusters", () => {
  it("gives the same rows twice, and energies that fall under sum and mean", async () => {
    const [job] = slotsClusters.jobs(small, 1);
    if (job === undefined) throw new Error("no job");
    const rows = await slotsClusters.run(job, small, () => {});
    expect(await slotsClusters.run(job, small, () => {})).toEqual(rows);
    for (const [k, row] of rows.entries()) {
      if (row["iteration"] === 0 || row["update"] === "wrong axis") continue;
      const [before, after] = [rows[k - 1]?.["freeEnergy"] as number, row["freeEnergy"] as number];
      expect(after - before).toBeLessThan(expected.rise.below * Math.max(1, Math.abs(before)));
    }
  });
});
