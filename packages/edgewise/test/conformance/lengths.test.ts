/** Folds at short lengths around the edges of tiles, and at a few long ones. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";
import { Asker, boundaries, foldings } from "./lengths.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

const short = boundaries.filter((length) => length <= 129);
const long: readonly (readonly [n: number, m: number])[] = [
  [241, 97],
  [145, 217],
];

describe("engines agree at lengths around the edges of tiles", () => {
  for (const [f, folding] of foldings.entries())
    test(folding.claim, async () => {
      const asker = new Asker(folding, tried);
      for (const [k, n] of short.entries()) {
        // Every third length, the others in the next folds; partners lie far from each other.
        if ((k + f) % 3 !== 0) continue;
        await asker.agrees(n, short[(11 * k + f) % short.length] as number, k);
      }
      const [n, m] = long[f % long.length] as readonly [number, number];
      await asker.agrees(n, m, short.length + f);
    });
});
