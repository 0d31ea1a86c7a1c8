/** Folds at every length around the edges of tiles up to a thousand. */
import { afterAll, beforeAll, describe, test } from "vitest";
import { allEngines, disposeOf, type Tried } from "./engines.ts";
import { Asker, boundaries, foldings } from "./lengths.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await allEngines();
});
afterAll(() => disposeOf(tried));

const short = boundaries.filter((length) => length <= 129);
const long = boundaries.filter((length) => length > 129);
const shortOf = (k: number): number => short[k % short.length] as number;
const longOf = (k: number): number => long[k % long.length] as number;

describe("engines agree at every length around the edges of tiles", () => {
  for (const [f, folding] of foldings.entries())
    test(folding.claim, async () => {
      const asker = new Asker(folding, tried);
      // Short lengths that the quick test leaves to other folds.
      for (const [k, n] of short.entries())
        if ((k + f) % 3 !== 0) await asker.agrees(n, shortOf(11 * k + f), k);
      // Long ones as receivers or, in the next fold, as senders.
      for (const [k, n] of long.entries()) {
        const m = shortOf(13 * k + f);
        await ((k + f) % 2 === 0 ? asker.agrees(n, m, k) : asker.agrees(m, n, k));
      }
      for (const k of [0, 1, 2]) await asker.agrees(longOf(7 * f + k), longOf(11 * f + 5 * k), k);
    });
});
