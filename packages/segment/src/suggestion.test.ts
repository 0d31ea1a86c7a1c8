import { expect, it } from "vitest";
import { suggestClick, suggestClicks } from "./suggestion.ts";

/** Doubts of 12 × 8 pixels, in nats. */
function segmentation(of: (x: number, y: number) => number) {
  const doubt = Float32Array.from({ length: 96 }, (_, k) => of(k % 12, Math.floor(k / 12)));
  return { width: 12, height: 8, labels: new Uint8Array(96), doubt };
}
const photo = { width: 24, height: 16 };
/** A thin line of doubt along x = 1, and an area around (8, 4). */
const drawn = (x: number, y: number): number =>
  x === 1 ? 0.69 : Math.abs(x - 8) <= 2 && Math.abs(y - 4) <= 2 ? 0.6 : 0;

it("suggests the middle of the area with most doubt, in photo pixels", () => {
  expect(suggestClick(segmentation(drawn), photo)).toMatchObject({ x: 17, y: 9 });
  expect(suggestClick(segmentation(drawn), photo)?.doubt).toBeCloseTo(25 * 0.6, 4);
});

it("asks about nothing that is to be skipped, and about nothing at all without doubt", () => {
  const skip = Uint8Array.from({ length: 96 }, (_, k) => Number(k % 12 > 4));
  expect(suggestClicks(segmentation(drawn), photo, { skip })[0]?.x).toBe(3);
  expect(
    suggestClick(
      segmentation(() => 0.2),
      photo,
    ),
  ).toBeUndefined();
});

it("suggests areas in the order of their doubt, and a disc that stays within", () => {
  const found = suggestClicks(segmentation(drawn), photo);
  expect(found.map(({ x }) => x)).toEqual([17, 3]);
  expect(found.map(({ radius }) => radius)).toEqual([5, 1]);
});

it("stays away from borders between labels", () => {
  // The area around (8, 4) is cut by a border between columns 7 and 8.
  const found = segmentation(drawn);
  found.labels.forEach((_, k) => {
    found.labels[k] = Number(k % 12 > 7);
  });
  const { x = 0, radius } = suggestClick(found, photo) ?? {};
  expect(Math.floor(x / 2)).not.toBe(7);
  expect(Math.floor(x / 2)).not.toBe(8);
  expect(radius).toBeLessThanOrEqual(1);
});
