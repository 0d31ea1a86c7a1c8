/** Slots that compete for inputs on the WebAssembly engine: one kernel where they fit one tile. */
import { EdgewiseError, type Inputs, prepare, slot } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { wasm } from "edgewise/engines/wasm";
import { describe, expect, it } from "vitest";
import { random } from "../random.ts";

const model = slot({ update: "mean", maxIterations: 2 });

function given(slots: number, count: number, spread = 1): Inputs {
  const { normal } = random(5);
  return { slots: normal([3, slots, 16], spread), inputs: normal([3, count, 16]) };
}

describe("slots that compete", () => {
  it("answer the same bytes on one thread and on several", async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const engine = await wasm({ threads });
        const attend = await prepare(model, { engine });
        const { info, ...tensors } = attend.sync(given(7, 3000));
        engine.dispose();
        return { tensors, edges: info.edges, emptyRows: info.emptyRows };
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ edges: 2 * 3 * 7 * 3000, emptyRows: 0 });
  });

  it.each([24, 25])("are as the reference says with %d of them", async (slots) => {
    const inputs = given(slots, 500);
    const [got, wanted] = await Promise.all(
      [await wasm({ threads: 1 }), reference()].map(async (engine) =>
        (await prepare(model, { engine })).sync(inputs),
      ),
    );
    expect(got?.info.edges).toBe(wanted?.info.edges);
    got?.slots.data.forEach((value, k) => {
      expect(Math.abs(value - (wanted?.slots.data[k] ?? Number.NaN))).toBeLessThan(1e-5);
    });
  });

  it.each([7, 25])("tell of a score beyond single precision, %d of them", async (slots) => {
    const attend = await prepare(model, { engine: await wasm() });
    const refused = (): unknown => attend.sync(given(slots, 200, 5e37));
    expect(refused).toThrow(EdgewiseError);
    expect(refused).toThrow(
      /Infinity from sum\(d < D, slots now\[b, i, d\] \* inputs\[b, j, d\]\)\n/,
    );
  });
});
