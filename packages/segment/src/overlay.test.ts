import { describe, expect, it } from "vitest";
import { landscape } from "../test/testScenes.ts";
import { overlay } from "./overlay.ts";
import { palette } from "./palette.ts";

const scene = landscape(60, 40);
const pixelOf = (data: ArrayLike<number>, x: number, y: number): number[] =>
  [0, 1, 2].map((channel) => data[(y * 60 + x) * 3 + channel]!);

describe("overlay", () => {
  it("tints the inside of a region in its label's colour and leaves it there at opacity 0", () => {
    const tinted = overlay(scene, scene.regions, { opacity: 1 });
    expect(pixelOf(tinted.data, 5, 5)).toEqual([...palette(3)[0]!]);
    const bare = overlay(scene, scene.regions, { opacity: 0 });
    expect(pixelOf(bare.data, 5, 5)).toEqual(pixelOf(scene.data, 5, 5));
  });

  it("draws borders darker than either side and outlines clicked discs in white", () => {
    const { data } = overlay(scene, scene.regions, { clicks: scene.clicks });
    const column = 10;
    const border = Array.from({ length: 39 }, (_, y) => y).find(
      (y) => scene.regions[y * 60 + column] !== scene.regions[(y + 1) * 60 + column],
    )!;
    const light = (y: number): number =>
      pixelOf(data, column, y).reduce((sum, part) => sum + part, 0);
    expect(light(border)).toBeLessThan(light(border - 2));
    expect(light(border)).toBeLessThan(light(border + 2));
    const { x, y, radius } = scene.clicks.clicks[0]!;
    expect(pixelOf(data, x + radius, y)).toEqual([255, 255, 255]);
    expect(pixelOf(data, x, y)).not.toEqual([255, 255, 255]);
  });

  it("refuses a mask of another size and says both sizes", () => {
    expect(() => overlay(scene, new Uint8Array(7))).toThrow(/a mask of 7 pixels.*60 × 40/);
  });
});

describe("palette", () => {
  it("gives forty labels forty different colours", () => {
    expect(new Set(palette(40).map((colour) => colour.join())).size).toBe(40);
  });
});
