/** Texts whose steps turn a rounding into another edge, on the WebAssembly engine. */
import { cross, expression, prepare, type Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { wasm } from "edgewise/engines/wasm";
import { describe, expect, test } from "vitest";
import { random } from "../random.ts";

const [receivers, senders] = [61, 173];
const { normal } = random(12);
const inputs = {
  query: normal([1, 1, receivers, 4]),
  key: normal([1, 1, senders, 4]),
  value: normal([1, 1, senders, 2]),
};

/** 41, 47 and 49 are divisors whose rounded reciprocals fall short of them. */
const texts = [
  ...[41, 47, 49, 83].flatMap((c) => [
    `where((j - i) / ${c} == 1 || j == i, 0, forbidden)`,
    `where((j + i) / ${c} == 2, 2, 0)`,
    `-3 * floor((j - i) / ${c})`,
    `where(mod(j - i, ${c}) == 0 || j == i, 0, forbidden)`,
    `floor((j - i) / ${c}) + (j - i) / ${c}`,
  ]),
  // Whole numbers that single precision does not have.
  "where(mod(i * 1310717 + j, 3) == 0, 0, forbidden)",
  "floor((i * 1310717 + j * 7919) / 13) - (i * 1310717 + j * 7919) / 13",
  "where(i * 16777259 == j * 16777213 + 7 * 16777259 - 7 * 16777213 || j == 0, 0, forbidden)",
];

describe("steps see whole numbers as they are", () => {
  test.each(texts)("%s", async (text) => {
    const model = cross({ prior: expression(text) });
    const [got, wanted] = await Promise.all(
      [await wasm({ threads: 1 }), reference()].map(async (engine) => {
        const { info, ...readings } = (await prepare(model, { engine })).sync(inputs);
        return { info, readings: readings as Record<string, Tensor> };
      }),
    );
    expect(got?.info.edges).toBe(wanted?.info.edges);
    for (const [name, { data }] of Object.entries(wanted?.readings ?? {}))
      data.forEach((x, k) => {
        expect(Math.abs(x - (got?.readings[name]?.data[k] as number)), name).toBeLessThan(1e-4);
      });
  });
});
