import type { ToldRerun, ToldRun } from "@edgewise/lab/reader";
import { describe, expect, it } from "vitest";
import { claimRows, differingSettings, intervalsOf } from "./compare.ts";
import {
  announcement,
  measured,
  outcome,
  saidOf,
  standing,
  subject,
  unjudged,
  type Verdict,
} from "./words.ts";

const verdict = (
  id: Verdict["id"],
  value: number,
  interval: Verdict["interval"] = null,
): Verdict => ({
  ...{ id, verdict: "reproduced", metric: "m", measured: value, interval },
  ...{ expected: "e", reason: "r" },
});

const run = (id: number, settings: object, verdicts: readonly Verdict[] = []): ToldRun => ({
  ...{ id, experiment: "toy", size: "quick", seeds: 2, state: "finished", started: id, seconds: 1 },
  ...{ settings, verdicts, figures: [] },
});

const rerun = {
  ...{ number: 1, experiments: ["toy"], claims: ["K1"], size: "quick", seeds: 1, started: 0 },
  warnings: [],
} as const;

describe("runs beside each other", () => {
  it("show only the settings that differ, nested ones dotted, seeds among them", () => {
    const one = run(1, { size: "quick", config: { steps: 3, rate: 0.1 } });
    const other = run(2, { size: "full", config: { steps: 4, rate: 0.1, more: [1] } });
    expect(differingSettings([one, { ...other, seeds: 5 }])).toEqual([
      { name: "size", values: ["quick", "full"] },
      { name: "config.steps", values: ["3", "4"] },
      { name: "seeds", values: ["2", "5"] },
      { name: "config.more", values: ["–", "[1]"] },
    ]);
    expect(differingSettings([one, one])).toEqual([]);
  });

  it("have a row for every claim that one of them is about, in the order of claims", () => {
    const rows = claimRows([
      run(1, {}, [verdict("K10", 1)]),
      run(2, {}, [verdict("K9", 2), verdict("K10", 3)]),
    ]);
    expect(rows.map(({ id, verdicts }) => [id, verdicts.map((told) => told?.measured)])).toEqual([
      ["K9", [undefined, 2]],
      ["K10", [1, 3]],
    ]);
  });

  it("have intervals on one axis, where two of them differ", () => {
    const names = ["run 1", "run 2", "run 3"];
    expect(intervalsOf([verdict("K1", 2, [1, 3]), undefined, verdict("K1", 5)], names)).toEqual([
      { run: "run 1", measured: 2, low: 1, high: 3 },
      { run: "run 3", measured: 5, low: 5, high: 5 },
    ]);
    expect(intervalsOf([verdict("K1", 2), verdict("K1", 2)], names)).toBeUndefined();
    expect(intervalsOf([verdict("K1", 2, [1, 3]), undefined], names)).toBeUndefined();
  });
});

describe("words", () => {
  it("tell a number with its interval, where it has one", () => {
    expect(measured(verdict("K1", 0.12345, [0.1, 0.2]))).toBe("0.123 [0.1, 0.2]");
    expect(measured(verdict("K1", 1e-15))).toBe("1e-15");
    expect(measured({ ...verdict("K1", 1), measured: null } as never)).toBe("not finite");
  });

  it("tell what is run, how far it is, and the time left once it is known", () => {
    expect(subject({ ...rerun, state: "stopped" })).toBe("toy (K1), quick size, 1 seed");
    const progress = { done: 1.5, ended: 1, all: 4, note: "toy a" };
    expect(standing(progress)).toBe("toy a: 1 of 4 jobs done");
    expect(standing({ ...progress, secondsLeft: 7 })).toBe(
      "toy a: 1 of 4 jobs done, about 7 s left",
    );
  });

  it.each<[ToldRerun, RegExp]>([
    [
      { ...rerun, state: "ended", verdicts: [verdict("K1", 1), verdict("K2", 1)], failures: [] },
      /^Ended: 2 reproduced\.$/,
    ],
    [
      {
        ...{ ...rerun, state: "ended", verdicts: [] },
        failures: [{ experiment: "toy", key: "a", seed: 1, error: "e" }],
      },
      /^Ended: no verdict; 1 job failed\.$/,
    ],
    [{ ...rerun, state: "stopped" }, /^Stopped\. .*goes on from there/],
    [
      {
        ...{ ...rerun, state: "failed" },
        error: { code: "bad_usage", where: "w", got: "a", expected: "b", fix: "c" },
      },
      /^Failed: a\. Expected: b\. To mend it: c\.$/,
    ],
  ])("tell the end of a rerun, %#", (told, words) => {
    expect(outcome(told)).toMatch(words);
    expect(announcement(told)).toBe(outcome(told));
  });

  it("are read aloud at quarters alone", () => {
    const at = (done: number): string =>
      announcement({
        ...{ ...rerun, state: "running" },
        progress: { done, ended: 0, all: 100, note: "" },
      });
    expect([at(0), at(24), at(25), at(99)].map((told) => told.match(/\d+/)?.[0])).toEqual([
      ...["0", "0", "25", "75"],
    ]);
    expect(announcement({ ...rerun, state: "running" })).toContain("0 %");
  });

  it("tell a claim that was run and has no verdict from one that was not run", () => {
    const of = { id: "K8", paper: "AISI", text: "t", known: "conditional", experiments: ["toy"] };
    expect(unjudged(of, [])).toBe("not run here; known as conditional");
    expect(unjudged(of, [{ ...run(1, {}), state: "stopped" }])).toMatch(/^not run here/);
    expect(unjudged(of, [run(1, {}), run(2, {})])).toBe(
      "no verdict in quick size; known as conditional",
    );
  });

  it("tell of the latest run first what it says of a claim", () => {
    const runs = [run(1, {}, [verdict("K1", 1)]), run(2, {}), run(3, {}, [verdict("K1", 3)])];
    expect(saidOf("K1", runs).map(({ run: { id } }) => id)).toEqual([3, 1]);
  });
});
