import { expect, it } from "vitest";
import type { Cells } from "./cells.ts";
import { annotate, type Marked, marked, under } from "./units.ts";

/** Two rows of four pixels in four cells, each a column. */
const cells: Cells = {
  ...{ width: 4, height: 2, count: 4 },
  of: Uint16Array.of(0, 1, 2, 3, 0, 1, 2, 3),
  size: new Float64Array(4).fill(2),
  colour: new Float64Array(12),
  centre: Float64Array.of(0, 0.5, 1, 0.5, 2, 0.5, 3, 0.5),
  neighbours: [[1], [0, 2], [1, 3], [2]],
};
const disc = (x: number, y: number, label: number) => ({ x, y, label, radius: 1 });

const marks: Marked = {
  at: Int32Array.of(0, 1, 4, 5, 3, 7, 3),
  labels: Uint8Array.of(1, 1, 1, 0, 0, 0, 1),
  discs: [disc(0, 0, 1), disc(3, 1, 0)],
};

it("a cell has the label of most of its pixels, the lower one at a tie", () => {
  const { label } = annotate(cells, marks);
  expect([...label].sort()).toEqual([
    [0, 1],
    [1, 0],
    [3, 0],
  ]);
});

it("a unit has the pixels of its label in the cells that no disc of it is nearer to", () => {
  const { units } = annotate(cells, marks);
  expect(units).toEqual(
    [
      { label: 1, centre: [0, 0.5], pixels: [0, 4] },
      { label: 0, centre: [7 / 3, 1], pixels: [5, 3, 7].sort((a, b) => a - b) },
    ].map((unit) => ({
      ...unit,
      centre: expect.anything(),
      pixels: expect.arrayContaining(unit.pixels),
    })),
  );
  expect(units[0]?.centre).toEqual([0, 0.5]);
  expect(under(cells, units[1] as (typeof units)[number])).toEqual({
    cells: [1, 3],
    shares: [1 / 3, 2 / 3],
  });
});

it("discs in one cell of one label are one unit, whatever their order", () => {
  const discs = [disc(0, 0, 1), disc(0, 1, 1), disc(3, 1, 0)];
  const one = annotate(cells, { ...marks, discs });
  expect(one.units).toHaveLength(2);
  expect(annotate(cells, { ...marks, discs: discs.toReversed() })).toEqual(one);
});

it("marks on a photo move to the pixels that it was shrunk to", () => {
  const painting = { pixels: Int32Array.of(0, 15, 31), labels: Uint8Array.of(0, 1, 1) };
  const moved = marked(painting, [disc(7, 3, 1)], { width: 8, height: 4 }, cells);
  expect([...moved.at]).toEqual([0, 3, 7]);
  expect(moved.discs[0]).toMatchObject({ x: 3.25, y: 1.25, label: 1 });
});

it("of discs in one cell the first in reading order stands for them, whatever their order", () => {
  const at = Int32Array.of(0, 4, 1, 5, 2, 6);
  const labels = new Uint8Array(6).fill(1);
  // The middle of cell 1 is nearer to (1.8, 0) than to (0, 0), and nearer still to (0.4, 0).
  const discs = [disc(0, 0, 1), disc(0.4, 0, 1), disc(1.8, 0, 1)];
  for (const order of [discs, discs.toReversed()])
    expect(annotate(cells, { at, labels, discs: order }).units.map(({ pixels }) => pixels)).toEqual(
      [
        [0, 4],
        [1, 5, 2, 6],
      ],
    );
});
