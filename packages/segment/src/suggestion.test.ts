import { expect, it } from "vitest";
import { suggestClick } from "./suggestion.ts";

/** Doubts of 12 × 8 pixels, in nats. */
function segmentation(of: (x: number, y: number) => number) {
  const doubt = Float32Array.from({ length: 96 }, (_, k) => of(k % 12, Math.floor(k / 12)));
  return { width: 12, height: 8, doubt };
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
  expect(suggestClick(segmentation(drawn), photo, skip)?.x).toBe(3);
  expect(
    suggestClick(
      segmentation(() => 0.2),
      photo,
    ),
  ).toBeUndefined();
});
