import { describe, expect, it } from "vitest";
import expected from "./expected.json" with { type: "json" };
import { laplace } from "./experiment.ts";

const small = { halves: [0.5, 2], draws: 2000, points: 2000 };

describe("laplace", () => {
  it("gives the same rows twice: right near one minimum, blind to the second", async () => {
    const [job] = laplace.jobs(small, 1);
    if (job === undefined) throw new Error("no job");
    const rows = await laplace.run(job, small, () => {});
    expect(await laplace.run(job, small, () => {})).toEqual(rows);
    for (const row of rows) {
      const half = row["half"] as number;
      expect(Math.abs((row["exact"] as number) - 1 - half ** 2)).toBeLessThan(expected.tolerance);
      expect(Math.abs((row["middle"] as number) - 1 + half ** 2)).toBeLessThan(expected.tolerance);
      expect(row["isMinimum"]).toBe(half < 1);
    }
    const [near, far] = rows.map((row) => (row["laplace"] as number) / (row["exact"] as number));
    expect(near).toBeCloseTo(1, 0);
    expect(far).toBeLessThan(0.4);
  });
});
