/** Folds at every length around the edges of tiles up to a thousand, each as receivers and as senders. */
import { beforeAll, describe, test } from "vitest";
import { type Tried, triedEngines } from "./engines.ts";
import { Asker, boundaries, foldings } from "./lengths.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});

describe("engines agree at every length around the edges of tiles", () => {
  for (const [f, folding] of foldings.entries())
    test(folding.claim, async () => {
      const asker = new Asker(folding, tried);
      const { length } = boundaries;
      for (const [k, n] of boundaries.entries())
        await asker.agrees(n, boundaries[(29 * k + f) % length] as number, k);
    });
});
