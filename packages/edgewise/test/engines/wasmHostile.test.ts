/** Lists that no graph makes, given to the WebAssembly engine itself. */
import { EdgewiseError } from "edgewise";
import { wasm } from "edgewise/engines/wasm";
import { axis, index, load, multiply, normalise, type Program } from "edgewise/ir";
import { expect, test } from "vitest";

const [i, j] = [axis("i", "N"), axis("j", "M")];
const program: Program = {
  name: "listed",
  inputs: [
    { name: "x", shape: ["N"] },
    { name: "y", shape: ["M"] },
    { name: "rows", shape: ["R"] },
    { name: "columns", shape: ["E"] },
  ],
  steps: [
    normalise({
      over: [i],
      edges: {
        axis: j,
        list: { row: "i", edge: "e", rowStart: "rows", alternative: "columns" },
      },
      logWeight: multiply(load("x", [index(i)]), load("y", [index(j)])),
      logEvidence: "evidence",
    }),
  ],
  outputs: { evidence: "evidence" },
};

const good = { rows: [0, 2, 3, 5], columns: [0, 3, 1, 0, 2] };
const call = async ({ rows, columns }: typeof good) => {
  const engine = await wasm({ threads: 1 });
  return engine.runSync(engine.lower(program), {
    x: { data: Float32Array.of(1, 2, 3), shape: [3] },
    y: { data: Float32Array.of(1, -1, 0.5, 2), shape: [4] },
    rows: { data: Int32Array.from(rows), shape: [rows.length] },
    columns: { data: Int32Array.from(columns), shape: [columns.length] },
  });
};

test("a list that is one is taken", async () => {
  const { counters } = await call(good);
  expect(counters.folds["evidence"]?.edges).toBe(5);
});

test("a list with too few rows is refused by its length", async () => {
  await expect(call({ rows: [0, 5], columns: good.columns })).rejects.toMatchObject({
    code: "shape_mismatch",
    expected: expect.stringContaining("4: where each of 3 rows starts"),
  });
});

test.each([
  ["an alternative before the first", { ...good, columns: [0, 3, -7, 0, 2] }],
  ["an alternative behind the last", { ...good, columns: [0, 3, 1e6, 0, 2] }],
  ["rows that begin late", { ...good, rows: [1, 2, 3, 5] }],
  ["rows that fall", { ...good, rows: [0, 3, 2, 5] }],
  ["a row beyond all edges", { ...good, rows: [0, 2, 2e8, 5] }],
  ["a row before all edges", { ...good, rows: [0, -1e6, 3, 5] }],
  ["rows that end early", { ...good, rows: [0, 2, 3, 4] }],
])("%s is refused by its place", async (_, lists) => {
  const error = await call(lists).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EdgewiseError);
  expect(error).toMatchObject({
    code: "index_out_of_range",
    got: expect.stringMatching(/at element \d$/),
  });
});
