import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Verdict } from "../experiment/experiment.ts";
import { RunStore } from "../run/store.ts";
import { told } from "./runs.ts";

const home = mkdtempSync(join(tmpdir(), "edgewise-told-"));
afterAll(() => rmSync(home, { recursive: true }));

const verdict = (id: Verdict["id"], measured: number): Verdict => ({
  ...{ id, verdict: "reproduced", metric: "m", measured, interval: null },
  ...{ expected: "e", reason: "r" },
});

it("of a claim the last full run counts before quick ones, and the later of two alike", async () => {
  const store = await RunStore.open(home);
  const keep = (size: string, started: number, verdicts: Verdict[]): void =>
    store.keep({
      ...{ folder: join(home, `${size}-${started}`), seeds: 1, state: "finished", pid: 1 },
      ...{ settings: { experiment: "expanding", size } as never, started, seconds: 1, verdicts },
    });
  keep("full", 1, [verdict("K9", 1)]);
  keep("full", 2, [verdict("K9", 2)]);
  keep("quick", 3, [verdict("K9", 3), verdict("K10", 3)]);
  keep("quick", 4, [verdict("K10", 4)]);
  store.close();
  const { claims } = await told(home, home);
  const of = (id: string) => claims.find((claim) => claim.id === id)?.verdict?.measured;
  expect([of("K9"), of("K10"), of("K11")]).toEqual([2, 4, undefined]);
  expect(claims.find(({ id }) => id === "K11")?.experiments).toEqual(["expanding"]);
});
