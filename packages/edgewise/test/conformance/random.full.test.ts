/** Random attention on every engine, many times over; EDGEWISE_SEED=7 others. */
import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { allEngines, disposeOf, type Tried } from "./engines.ts";
import { agreesAbout, attention } from "./random.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await allEngines();
});
afterAll(() => disposeOf(tried));

const runs = {
  numRuns: Number(process.env["EDGEWISE_RUNS"] ?? 200),
  seed: Number(process.env["EDGEWISE_SEED"] ?? 7),
};

test("engines agree about any attention", async () => {
  await fc.assert(
    fc.asyncProperty(attention, (of) => agreesAbout(of, tried)),
    runs,
  );
});
