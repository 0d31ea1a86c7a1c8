import { describe, expect, it } from "vitest";
import type { Row } from "../../../experiment/experiment.ts";
import { identities } from "./experiment.ts";

const small = { instances: 2, samples: [1, 16], repeats: 20 };
const check = (claim: string, part: string, error: number): Row => ({
  ...{ claim, part, check: "made up", error, seed: 1, instance: 1 },
});
const outcome = (rows: readonly Row[]) => identities.verdicts(rows, small)[0]?.verdict;

describe("identities", () => {
  it("hold on either side of the tolerance", () => {
    expect(outcome([check("K1", "holds", 9e-11)])).toBe("reproduced");
    expect(outcome([check("K1", "holds", 2e-10)])).toBe("not reproduced");
    expect(outcome([check("K1", "holds", Number.NaN)])).toBe("not reproduced");
  });

  it("are conditional where the claim as printed fails, and only there", () => {
    const holds = check("K5", "holds", 1e-15);
    expect(outcome([holds, check("K5", "as printed", 0.8)])).toBe("conditional");
    expect(outcome([holds, check("K5", "as printed", 1e-15)])).toBe("reproduced");
    const fails = check("K5", "holds", 0.1);
    expect(outcome([fails, check("K5", "as printed", 0.8)])).toBe("not reproduced");
    expect(outcome([check("K3", "holds", 0), check("K3", "contrast", 5)])).toBe("reproduced");
  });

  it("see draws that are biased, converge too slowly, or leave their bound", () => {
    const draws = (rate: number, standardErrors = 1): Row[] =>
      [1, 16].map((at) => ({
        ...{ claim: "K21", check: "samples", seed: 1, at, error: at ** rate, standardErrors },
      }));
    const top = (error: number): Row => ({
      ...{ claim: "K21", check: "top", seed: 1, at: 1, error, bound: 1 },
    });
    expect(outcome(draws(-0.48))).toBe("reproduced");
    expect(outcome(draws(-0.4))).toBe("not reproduced");
    expect(outcome(draws(-0.5, 6))).toBe("not reproduced");
    expect(outcome([...draws(-0.5), top(0.9)])).toBe("reproduced");
    expect(outcome([...draws(-0.5), top(1.1)])).toBe("not reproduced");
  });

  it.each(identities.jobs(small, 1))("give the same rows twice: $key", async (job) => {
    const rows = await identities.run(job, small, () => {});
    expect(await identities.run(job, small, () => {})).toEqual(rows);
    const [verdict] = identities.verdicts(
      rows.map((row) => ({ seed: job.seed, ...row })),
      small,
    );
    if (job.key !== "K21") expect(verdict?.measured).toBeLessThan(1e-10);
  });
});
