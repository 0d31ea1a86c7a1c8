import { describe, expect, it } from "vitest";
import { annotate, paint, unpainted } from "./annotation.ts";
import { parseClicks } from "./clicks.ts";

const photo = { width: 20, height: 10 };
const labels = ["left", "right"];

describe("paint", () => {
  it("covers exactly the disc of a click's radius", () => {
    const painting = paint(
      parseClicks({ labels, clicks: [{ x: 5, y: 5, label: 1, radius: 3 }] }, photo),
      photo,
    );
    painting.forEach((label, pixel) => {
      const distance = Math.hypot((pixel % 20) - 5, Math.floor(pixel / 20) - 5);
      expect(label).toBe(distance <= 3 ? 1 : unpainted);
    });
  });

  it("gives a pixel under two discs to the nearest centre, the earlier click at a tie", () => {
    const clicks = [
      { x: 6, y: 5, label: 0, radius: 5 },
      { x: 10, y: 5, label: 1, radius: 5 },
    ];
    const painting = paint(parseClicks({ labels, clicks }, photo), photo);
    const row = [...painting.subarray(5 * 20 + 6, 5 * 20 + 11)];
    expect(row).toEqual([0, 0, 0, 1, 1]);
  });

  it("covers the whole line of a stroke, not its points alone", () => {
    const strokes = [
      {
        points: [
          [2, 4],
          [17, 4],
        ],
        radius: 1,
        label: 1,
      },
    ];
    const painting = paint(parseClicks({ labels, strokes }, photo), photo);
    expect(new Set(painting.subarray(4 * 20 + 1, 4 * 20 + 19))).toEqual(new Set([1]));
    expect(painting[6 * 20 + 9]).toBe(unpainted);
  });
});

describe("annotate", () => {
  it("gives a cell the label of most of its painted pixels and keeps the shares", () => {
    const painting = Int16Array.of(0, 1, 1, 1, unpainted, unpainted);
    const cellOfPixel = Uint16Array.of(3, 3, 3, 3, 4, 5);
    const annotation = annotate(painting, { cellOfPixel, labels: 2 });
    expect(annotation.cells).toEqual([3]);
    expect([...annotation.label]).toEqual([1]);
    expect([...annotation.share]).toEqual([0.25, 0.75]);
  });
});
