import { describe, expect, it } from "vitest";
import type { Row } from "../../../experiment/experiment.ts";
import { certificates } from "./experiment.ts";

const small = { draws: 5, gradients: 1 };
const row = (changes: Row = {}): Row => ({
  ...{ family: "made up", isPromised: true, seed: 1, updates: 40, rises: 0, shortfalls: 0 },
  ...{ largestRise: 0, gradient: 1e-9, step: 1e-15 },
  ...changes,
});
const outcome = (rows: readonly Row[]) => certificates.verdicts(rows, small)[0]?.verdict;

describe("certificates", () => {
  it("stand while nothing that promises descent rises", () => {
    expect(outcome([row(), row({ shortfalls: null })])).toBe("reproduced");
    expect(outcome([row(), row({ isPromised: false, rises: 9 })])).toBe("reproduced");
    expect(outcome([row(), row({ rises: 1 })])).toBe("not reproduced");
    expect(outcome([row({ shortfalls: 1 })])).toBe("not reproduced");
    expect(outcome([row({ isPromised: false })])).toBe("not reproduced");
  });

  it("need gradients and steps inside their tolerances", () => {
    expect(outcome([row({ gradient: 9e-7, step: 9e-11 })])).toBe("reproduced");
    expect(outcome([row({ gradient: 2e-6 })])).toBe("not reproduced");
    expect(outcome([row({ step: 2e-10 })])).toBe("not reproduced");
    expect(outcome([row({ gradient: null })])).toBe("not reproduced");
  });

  it.each(certificates.jobs(small, 1))("give the same rows twice: $key", async (job) => {
    const rows = await certificates.run(job, small, () => {});
    expect(await certificates.run(job, small, () => {})).toEqual(rows);
    if (rows[0]?.["isPromised"] === true) expect(outcome(rows)).toBe("reproduced");
  });
});
