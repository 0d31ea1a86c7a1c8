import { describe, expect, it } from "vitest";
import type { Row } from "../../../experiment/experiment.ts";
import { precision } from "./experiment.ts";

const small = { units: [2, 3, 3], networks: 1, iterations: 3, factors: [1, 100] };
const check = (part: string, error: number): Row => ({
  claim: "K4",
  part,
  check: "made up",
  error,
});
const outcome = (rows: readonly Row[]) => precision.verdicts(rows, small)[0]?.verdict;

describe("precision", () => {
  it("is conditional while the corrected gradient holds and the printed one does not", () => {
    expect(outcome([check("holds", 9e-7), check("as printed", 0.4)])).toBe("conditional");
    expect(outcome([check("holds", 9e-7), check("as printed", 9e-7)])).toBe("reproduced");
    expect(outcome([check("holds", 2e-6), check("as printed", 0.4)])).toBe("not reproduced");
  });

  it("gives the same rows twice, in which the best edge takes over", async () => {
    const [job] = precision.jobs(small, 1);
    if (job === undefined) throw new Error("no job");
    const rows = await precision.run(job, small, () => {});
    expect(await precision.run(job, small, () => {})).toEqual(rows);
    expect(outcome(rows)).toBe("conditional");
    const parents = (factor: number): number =>
      rows
        .filter((row) => row["factor"] === factor)
        .reduce((sum, row) => sum + (row["parents"] as number), 0);
    expect(parents(100)).toBeLessThan(parents(1));
  });
});
