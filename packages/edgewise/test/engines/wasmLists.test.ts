/** Lists of edges on the WebAssembly engine: rows whose columns are nearly the same are done together. */
import { cross, edges, gaussian, type Inputs, prepare, type Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { wasm } from "edgewise/engines/wasm";
import { describe, expect, test } from "vitest";
import { random } from "../random.ts";

const [receivers, senders] = [530, 400];
const near = (i: number): number => Math.floor((i * senders) / receivers);
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k);
const drawn = random(4);

/** Columns of each row; rows may have none. */
const lists: Readonly<Record<string, (i: number) => number[]>> = {
  "a window": (i) => range(Math.max(0, near(i) - 60), near(i) + 1),
  "a window with gaps": (i) =>
    range(Math.max(0, near(i) - 90), near(i) + 1).filter((j) => (i + j) % 7 > 0),
  "blocks of a matrix": (i) => {
    const block = Math.floor(i / 32);
    return [2 * block, 5 * block + 3].flatMap((b) => range(16 * (b % 25), 16 * (b % 25) + 16));
  },
  "the same columns for all": () => range(3, 300).filter((j) => j % 3 === 0),
  "scattered neighbours": () =>
    range(0, 9).map(() => Math.floor((senders * (drawn.next() + 1)) / 2)),
  "one far neighbour each": (i) => [(i * 7) % senders],
  "dense, then scattered, then nothing": (i) =>
    i < 260 ? range(10, 200) : i < 480 ? [i % senders, (i * 31) % senders] : [],
};

const pairsOf = (columns: (i: number) => number[]): [number, number][] =>
  range(0, receivers).flatMap((i) =>
    [...new Set(columns(i))].toSorted((a, b) => a - b).map((j): [number, number] => [i, j]),
  );

describe("a list of edges is as the reference says", () => {
  const { normal } = random(3);
  const inputs: Inputs = {
    query: normal([1, 2, receivers, 12]),
    key: normal([1, 2, senders, 12]),
    value: normal([1, 2, senders, 5]),
  };
  const cotangents = { expectation: normal([1, 2, receivers, 5]) };
  for (const [what, columns] of Object.entries(lists))
    test(what, async () => {
      const pairs = pairsOf(columns);
      const model = cross({ graph: edges(pairs), potential: gaussian({ precision: 0.3 }) });
      const [got, wanted] = await Promise.all(
        [await wasm({ threads: 2 }), reference()].map(async (engine) => {
          const attend = await prepare(model, { engine });
          const { info, ...readings } = attend.sync(inputs);
          const gradient = attend.gradientSync(inputs, cotangents);
          engine.dispose();
          return { info, tensors: { ...readings, ...gradient } as Record<string, Tensor> };
        }),
      );
      expect(got?.info.edges).toBe(2 * pairs.length);
      expect(got?.info.emptyRows).toBe(wanted?.info.emptyRows);
      for (const [name, { data }] of Object.entries(wanted?.tensors ?? {})) {
        const size = Math.max(1, ...data.filter(Number.isFinite).map(Math.abs));
        const other = got?.tensors[name]?.data ?? [];
        expect(other.length).toBe(data.length);
        data.forEach((x, k) => {
          const y = other[k] as number;
          if (x !== y) expect(Math.abs(x - y), `${name} ${k}`).toBeLessThan(1e-5 * size);
        });
      }
    });
});
