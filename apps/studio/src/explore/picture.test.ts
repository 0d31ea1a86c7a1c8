import { describe, expect, it } from "vitest";
import type { Course } from "../mechanisms/mechanism.ts";
import { csvOf, mostCells, pictureOf, roundUp } from "./picture.ts";
import { placed, pointAt } from "./place.ts";

/** Receivers among senders with weights of a function. */
function courseOf(rows: number, columns: number, weight: (i: number, j: number) => number): Course {
  const end = (count: number, first: number) => ({
    labels: Array.from({ length: count }, (_, k) => `n${first + k}`),
    nodes: Array.from({ length: count }, (_, k) => first + k),
  });
  const places = (count: number) => Array.from({ length: count }, () => [0, 0] as const);
  const weights = Float32Array.from({ length: rows * columns }, (_, at) =>
    weight(Math.floor(at / columns), at % columns),
  );
  const frame = { receivers: places(rows), senders: places(columns), weights };
  const ends = { receivers: end(rows, 0), senders: end(columns, rows), isOneSet: false };
  return { ...ends, frames: [frame], more: {}, totals: {} };
}

describe("a picture", () => {
  it("has for each node its heaviest edges, and none below a tenth of the heaviest", () => {
    const shares = [0.6, 0.03, 0.3, 0.07];
    const { edges, rows } = pictureOf(
      courseOf(2, 4, (_, j) => shares[j] as number),
      null,
      null,
    );
    expect(edges.filter(({ row }) => row === 1).map(({ column }) => column)).toEqual([0, 2, 3]);
    expect(rows[0]?.heaviest).toMatchObject({ row: 0, column: 0 });
  });

  it("of many nodes has few edges, which are the heaviest of all", () => {
    const course = courseOf(800, 800, (i, j) => 1 / (1 + ((i + 7 * j) % 800)));
    const { edges } = pictureOf(course, null, null);
    expect(edges.length).toBeLessThanOrEqual(1500);
    for (const { row, weight } of edges) expect([row, weight]).toEqual([row, 1]);
  });

  it("traces a node that chooses, and one that is chosen", () => {
    const course = courseOf(3, 2, (i, j) => (i === 0 ? (j === 0 ? 0.9 : 0.1) : 0.5));
    const from = pictureOf(course, null, 0).trace;
    expect(from?.row).toBe(0);
    expect(from?.from.map(({ column }) => column)).toEqual([0, 1]);
    const to = pictureOf(course, null, 3).trace;
    expect(to?.from).toEqual([]);
    expect(to?.to.map(({ row }) => row)).toEqual([0, 1, 2]);
    expect(pictureOf(course, null, 9).trace).toBeUndefined();
  });

  it("does not count a node among those that chose it", () => {
    const { receivers, ...rest } = courseOf(3, 3, () => 1 / 3);
    const course = { ...rest, receivers, senders: receivers, isOneSet: true };
    expect(pictureOf(course, null, 1).trace?.to.map(({ row }) => row)).toEqual([0, 2]);
  });

  it("joins cells of many nodes to the largest of each block, signs included", () => {
    const course = courseOf(2 * mostCells, 2 * mostCells, (i, j) => (i === 5 && j === 9 ? -3 : 1));
    const { cells, scale } = pictureOf(course, null, null);
    expect([cells.width, cells.height, cells.each]).toEqual([mostCells, mostCells, 2]);
    expect(cells.values[2 * mostCells + 4]).toBe(-3);
    expect(cells.values.filter((value) => value === 1)).toHaveLength(mostCells ** 2 - 1);
    expect(scale).toBe(3);
  });

  it.each([
    [0.61, 0.7],
    [0.7, 0.7],
    [1, 1],
    [0.0012, 0.002],
    [4.2, 5],
    [0, 1],
  ])("draws %d on a scale to %d", (value, scale) => {
    expect(roundUp(value)).toBe(scale);
  });

  it("is a table with names, which may have commas", () => {
    const course = courseOf(1, 2, (_, j) => 0.25 + 0.5 * j);
    const named = { ...course, senders: { ...course.senders, labels: [",", 'a "b"'] } };
    expect(csvOf(named, 0)).toBe('receiver,"to ,","to a ""b"""\nn0,0.25,0.75\n');
  });

  it("stands where it is pointed at", () => {
    const [x, y] = placed([0.3, -0.7], 500);
    const back = pointAt(x, y, 500);
    expect(back[0]).toBeCloseTo(0.3, 12);
    expect(back[1]).toBeCloseTo(-0.7, 12);
    expect(pointAt(-50, 900, 500)).toEqual([-1, -1]);
  });
});
