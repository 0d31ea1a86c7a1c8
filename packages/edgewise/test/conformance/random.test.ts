/** Random attention on every engine. EDGEWISE_RUNS=1000 runs more, EDGEWISE_SEED=7 others. */
import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";
import { agreesAbout, attention } from "./random.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

const runs = {
  numRuns: Number(process.env["EDGEWISE_RUNS"] ?? 25),
  seed: Number(process.env["EDGEWISE_SEED"] ?? 2023),
};

test("engines agree about any attention", async () => {
  await fc.assert(
    fc.asyncProperty(attention, (of) => agreesAbout(of, tried)),
    runs,
  );
});
