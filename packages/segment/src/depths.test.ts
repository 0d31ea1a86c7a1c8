import { expect, it } from "vitest";
import { deepest, depths } from "./depths.ts";

/** Distance to the nearest pixel outside, by looking at all of them. */
function slowly(area: Uint8Array, width: number, height: number): number[] {
  return Array.from(area, (inside, pixel) => {
    if (inside === 0) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let y = -1; y <= height; y++)
      for (let x = -1; x <= width; x++) {
        const within = x >= 0 && y >= 0 && x < width && y < height;
        if (within && area[y * width + x] === 1) continue;
        least = Math.min(least, (x - (pixel % width)) ** 2 + (y - Math.floor(pixel / width)) ** 2);
      }
    return least;
  });
}

it.each([0.05, 0.2, 0.5, 0])("depths of an area with %d of its pixels left out", (share) => {
  let state = 9;
  const area = Uint8Array.from({ length: 23 * 17 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Number(state / 2 ** 32 >= share);
  });
  expect([...depths(area, 23, 17)]).toEqual(slowly(area, 23, 17));
});

it("the deepest pixel is the first of those that are as deep; none where there is no area", () => {
  expect(deepest(new Uint8Array(12).fill(1), 4, 3)).toBe(5);
  expect(deepest(new Uint8Array(12), 4, 3)).toBe(-1);
});
