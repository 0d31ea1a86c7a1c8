import { describe, expect, it } from "vitest";
import { parseClicks } from "./clicks.ts";
import { discsOf, paint, paintedAt, unpainted } from "./painting.ts";

const photo = { width: 20, height: 10 };
const labels = ["left", "right"];
const painted = (document: object) => {
  const { pixels, labels: own } = paint(parseClicks({ labels, ...document }, photo), photo);
  return paintedAt(pixels, own, photo);
};

describe("paint", () => {
  it("covers exactly the disc of a click's radius", () => {
    const painting = painted({ clicks: [{ x: 5, y: 5, label: 1, radius: 3 }] });
    painting.forEach((label, pixel) => {
      const distance = Math.hypot((pixel % 20) - 5, Math.floor(pixel / 20) - 5);
      expect(label).toBe(distance <= 3 ? 1 : unpainted);
    });
  });

  it.each([[[0, 1]], [[1, 0]]])(
    "gives a pixel under two discs to the nearest centre, the lower label at a tie, in order %j",
    (order) => {
      const clicks = [
        { x: 6, y: 5, label: 0, radius: 5 },
        { x: 10, y: 5, label: 1, radius: 5 },
      ];
      const painting = painted({ clicks: order.map((k) => clicks[k]) });
      expect([...painting.subarray(5 * 20 + 6, 5 * 20 + 11)]).toEqual([0, 0, 0, 1, 1]);
    },
  );

  it("covers the whole line of a stroke, not its points alone", () => {
    const points = [
      [2, 4],
      [17, 4],
    ];
    const painting = painted({ strokes: [{ points, radius: 1, label: 1 }] });
    expect(new Set(painting.subarray(4 * 20 + 1, 4 * 20 + 19))).toEqual(new Set([1]));
    expect(painting[6 * 20 + 9]).toBe(unpainted);
  });
});

it("a stroke is discs at most a radius apart, from its first point to its last", () => {
  const points = [
    [2, 4],
    [11, 4],
    [11, 8],
  ];
  const discs = discsOf(parseClicks({ labels, strokes: [{ points, radius: 3, label: 1 }] }, photo));
  expect(discs.map(({ x, y }) => [x, y])).toEqual([
    ...[2, 5, 8, 11].map((x) => [x, 4]),
    ...[7, 8].map((y) => [11, y]),
  ]);
});
