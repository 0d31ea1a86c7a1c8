import { type ExpandingOptions, expanding, type Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { afterEach, describe, expect, test, vi } from "vitest";
import { prepare } from "../inDouble.ts";
import { random } from "../random.ts";

afterEach(() => vi.unstubAllGlobals());

/** Bytes of every typed array that is made while `work` runs, whether or not it is let go again. */
function allocated(work: () => void): number {
  let bytes = 0;
  const counting = <Of extends new (...given: never[]) => { byteLength: number }>(of: Of): Of =>
    new Proxy(of, {
      construct(target, given, self) {
        const made = Reflect.construct(target, given, self) as { byteLength: number };
        if (!(given[0] instanceof ArrayBuffer)) bytes += made.byteLength;
        return made;
      },
    });
  for (const name of ["Float64Array", "Float32Array", "Int32Array"] as const)
    vi.stubGlobal(name, counting(globalThis[name]));
  work();
  vi.unstubAllGlobals();
  return bytes;
}

async function measured(
  nodes: number,
  options: ExpandingOptions,
): Promise<{ made: number; inputs: number; outputs: number }> {
  const rng = random(1);
  const tensor = (): Tensor => ({
    data: Float32Array.from(rng.between(-1, 1, [nodes * 64]).data),
    shape: [1, 1, nodes, 64],
  });
  const inputs = { query: tensor(), key: tensor(), value: tensor() };
  const read = ["expectation", "continuation", "window", "iterations", "operations"];
  const attend = await prepare(expanding(options), { engine: reference(), read });
  let outputs = 0;
  const made = allocated(() => {
    const answer = attend.sync(inputs) as unknown as Record<string, Tensor>;
    for (const name of read) outputs += answer[name]?.data.byteLength ?? 0;
  });
  return { made, inputs: 3 * nodes * 64 * 4, outputs };
}

describe("memory of expanding attention, q about 0.8", () => {
  for (const options of [
    {},
    { scheme: "vb" },
    { growth: "posterior" },
    { share: "group" },
    { scheme: "exact" },
  ] as const)
    test(`${JSON.stringify(options)}: 16,384 nodes stay below 2 × (inputs + outputs)`, async () => {
      const { made, inputs, outputs } = await measured(16384, options);
      expect(made).toBeGreaterThanOrEqual(outputs);
      expect(inputs + made).toBeLessThan(2 * (inputs + outputs));
    });

  test("twice the nodes take twice the memory, not four times", async () => {
    for (const share of ["query", "group"] as const) {
      const [one, two] = [await measured(2048, { share }), await measured(4096, { share })];
      expect(two.made / one.made).toBeLessThan(2.05);
    }
  });
});
