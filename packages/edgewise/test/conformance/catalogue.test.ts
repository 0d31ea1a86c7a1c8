/** Every program that the reference runs, on every engine: readings, gradients and counters. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { agrees } from "./agreement.ts";
import { type Case, expectations } from "./cases.ts";
import { edgeCases } from "./catalogue/edges.ts";
import { inferredCases } from "./catalogue/inferred.ts";
import { latentCases } from "./catalogue/latent.ts";
import { offsetCases } from "./catalogue/offsets.ts";
import { operationCases } from "./catalogue/operations.ts";
import { programCases } from "./catalogue/programs.ts";
import { readingCases } from "./catalogue/readings.ts";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

const families: [family: string, cases: readonly Case[]][] = [
  ["edge models", edgeCases],
  ["readings", readingCases],
  ["latent models", latentCases],
  ["mixtures, windows and structures", inferredCases],
  ["evidence by offsets", offsetCases],
  ["operations", operationCases],
  ["programs", programCases],
];

for (const [family, cases] of families)
  describe(`engines agree about ${family}`, () => {
    for (const one of cases)
      test(one.claim, async () => {
        for (const of of await expectations(one)) await agrees(tried, of);
      });
  });
