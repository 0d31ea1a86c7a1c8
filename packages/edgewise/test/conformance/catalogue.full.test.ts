/** Every program that the reference runs, in every combination of settings. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { agrees } from "./agreement.ts";
import { expectations } from "./cases.ts";
import { families } from "./catalogue.ts";
import { allEngines, disposeOf, type Tried } from "./engines.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await allEngines();
});
afterAll(() => disposeOf(tried));

for (const [family, cases] of families)
  describe(`engines agree in all their settings about ${family}`, () => {
    for (const one of cases)
      test(one.claim, async () => {
        for (const of of await expectations(one)) await agrees(tried, of);
      });
  });
