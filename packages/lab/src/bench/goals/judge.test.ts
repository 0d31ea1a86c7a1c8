import { describe, expect, it } from "vitest";
import type { Row } from "../run/row.ts";
import { suites } from "../workload/suites.ts";
import { workOf } from "../workload/work.ts";
import { goals } from "./goals.ts";
import { judge, type Verdict } from "./judge.ts";

const workloads = suites.flatMap((suite) => suite.workloads);

function row(workload: string, peer: string, median_ms: number, more: Partial<Row> = {}): Row {
  const found = workloads.find(({ name }) => name === workload);
  if (found === undefined) throw new Error(workload);
  const edges = workOf(found)?.edges ?? null;
  return {
    ...{ suite: workload, workload, peer, place: "node", threads: 1, status: "measured" },
    ...{ sizes: found.sizes, median_ms, p10_ms: median_ms, p90_ms: median_ms, rounds: 5, calls: 1 },
    ...{ prepare_ms: 1, first_ms: 1, edges, gflops: 1, memory_mib: 50, error: 0 },
    edges_per_second: edges === null ? null : (1000 * edges) / median_ms,
    ceiling_fraction: 0.8,
    ...more,
  } as Row;
}

const verdictOn = (rows: readonly Row[], claim: RegExp): Verdict | undefined =>
  judge(rows, 60).find((verdict) => claim.test(verdict.claim));

describe("a goal", () => {
  it("every one is about workloads that there are", () => {
    const names = workloads.map(({ name }) => name);
    for (const { workload, measure } of goals) {
      expect(names).toContain(workload);
      if ("workload" in measure) expect(names).toContain(measure.workload);
    }
  });

  it.each([
    [100, "must"],
    [140, "within slack"],
    [180, "missed"],
  ])("of 1.6 times faster than 200 ms, with 15 %% slack: %d ms %s", (there, verdict) => {
    const rows = [row("dense-1024", "edgewise-wasm", there), row("dense-1024", "ort-web", 200)];
    expect(verdictOn(rows, /ort-web/)).toMatchObject({ value: 200 / there, verdict });
  });

  it("beyond the aim says so, and an aim alone is never missed", () => {
    const slot = [row("slot", "edgewise-wasm", 1), row("slot", "jax-js", 4)];
    expect(verdictOn(slot, /jax-js/)?.verdict).toBe("aim");
    const slow = [row("dense-1024", "edgewise-wasm", 100), row("dense-1024", "ort-node", 10)];
    expect(verdictOn(slow, /ort-node/)?.verdict).toBe("short of the aim");
  });

  it("of a part of the ceiling is a rate, one of memory a bound", () => {
    const fraction = { ceiling_fraction: 0.65, memory_mib: 101 };
    const rows = [row("dense-4096", "edgewise-wasm", 600, fraction)];
    expect(verdictOn(rows, /ceiling/)?.verdict).toBe("within slack");
    expect(verdictOn(rows, /MiB/)?.verdict).toBe("within slack");
  });

  it("of growth has both bounds", () => {
    const grown = (ms: number) => [
      row("growth-nodes-16384", "edgewise-wasm", ms),
      row("growth-nodes-8192", "edgewise-wasm", 10),
    ];
    const verdicts = [20, 15, 13].map((ms) => verdictOn(grown(ms), /time of growth/)?.verdict);
    expect(verdicts).toEqual(["must", "within slack", "missed"]);
  });

  it("of a list counts the tiles that hold an edge", () => {
    const rows = [
      row("growth-list", "edgewise-wasm", 100),
      row("growth-dense-4096", "edgewise-wasm", 100),
    ];
    const { value = 0 } = verdictOn(rows, /tiles/) ?? {};
    // A band of 257 nodes touches 5 or 6 columns of 64 in each of 171 rows of 48.
    const [fewest, most] = [5, 6].map((columns) => 2 * 171 * columns * 48 * 64) as [number, number];
    const dense = 2 * 4096 ** 2;
    expect(value).toBeLessThan(dense / fewest / 0.9);
    expect(value).toBeGreaterThan(dense / most);
  });

  it("is measured in a page by the rows of pages alone", () => {
    const page = { place: "chromium" as const, threads: 2 };
    const rows = [
      row("dense-1024", "edgewise-wasm", 10, page),
      row("dense-1024", "ort-web", 30, page),
      row("dense-1024", "ort-web", 10, { threads: 2 }),
    ];
    expect(verdictOn(rows, /ort-web/)).toMatchObject({ place: "chromium", value: 3 });
  });
});

describe("where a peer is not installed", () => {
  it("another one's time and the documented ratio stand for it", () => {
    const rows = [row("dense-1024", "edgewise-wasm", 40), row("dense-1024", "ort-web", 78.6)];
    expect(verdictOn(rows, /jax-js/)).toMatchObject({
      value: expect.closeTo(180 / 40, 9),
      indirect: "by ort-web",
    });
  });

  it("a native peer stands for a native one before others do", () => {
    const rows = [
      row("dense-1024", "edgewise-wasm", 40),
      row("dense-1024", "ort-web", 78.6),
      row("dense-1024", "torch", 50),
    ];
    const native = verdictOn(rows, /ort-node/);
    expect(native).toMatchObject({ indirect: "by torch", value: expect.closeTo(26.6 / 40, 9) });
  });

  it("and no other is there, the ceilings of both machines do", () => {
    const verdict = judge([row("mixture", "edgewise-wasm", 400)], 30).find(({ claim }) =>
      /torch/.test(claim),
    );
    expect(verdict).toMatchObject({ value: (1100 * 2) / 400, indirect: "by the ceiling" });
  });

  it("a row that could not be measured judges nothing", () => {
    const failed = { status: "failed" as const, median_ms: null };
    expect(judge([row("dense-1024", "edgewise-wasm", 1, failed)], 60)).toEqual([]);
  });
});
