/** Every program that the reference runs, on every engine: readings, gradients and counters. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { agrees } from "./agreement.ts";
import { expectations } from "./cases.ts";
import { families } from "./catalogue.ts";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

for (const [family, cases] of families)
  describe(`engines agree about ${family}`, () => {
    for (const one of cases)
      test(one.claim, async () => {
        for (const of of await expectations(one)) await agrees(tried, of);
      });
  });
