import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type KeptRun, RunStore } from "./store.ts";

const run: Omit<KeptRun, "id"> = {
  folder: "/somewhere/toy-quick-00000000",
  settings: { experiment: "toy", size: "quick", config: {}, engine: "wasm", versions: {} },
  ...{ seeds: 2, state: "running", started: 1, seconds: 0, verdicts: [] },
};

it("a store keeps one row for each folder, and is read by whoever opens it next", () => {
  const home = mkdtempSync(join(tmpdir(), "edgewise-store-"));
  try {
    const store = new RunStore(home);
    store.keep(run);
    store.keep({ ...run, folder: "/elsewhere" });
    store.keep({ ...run, state: "finished", seconds: 3.5 });
    store.close();
    const again = new RunStore(home);
    expect(again.all()).toEqual([
      { id: 1, ...run, state: "finished", seconds: 3.5 },
      { id: 2, ...run, folder: "/elsewhere" },
    ]);
    again.close();
  } finally {
    rmSync(home, { recursive: true });
  }
});
