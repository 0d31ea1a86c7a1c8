import { describe, expect, it } from "vitest";
import { firstClicks, meanIou, nextClick, type Regions, regionsOf } from "./annotator.ts";
import { halfPicture, halfRegions } from "./half.ts";

const drawn = (...rows: string[]): Regions => ({
  width: (rows[0] as string).length,
  height: rows.length,
  of: Uint8Array.from([...rows.join("")], (letter) => (letter === "." ? 255 : Number(letter))),
});

const regions = drawn(
  "0000011", //
  "0000011",
  "00000..",
  "2222222",
);

describe("the annotator", () => {
  it("clicks each region first where it is deepest, the first such pixel", () => {
    expect(regionsOf(regions)).toEqual([0, 1, 2]);
    expect(firstClicks(regions)).toEqual([
      { x: 1, y: 1, region: 0 },
      { x: 5, y: 0, region: 1 },
      { x: 0, y: 3, region: 2 },
    ]);
  });

  it("then the largest wrong area, of which the most common region counts", () => {
    const mask = drawn(
      "0110011", //
      "0110022",
      "0110011",
      "2111222",
    );
    // Nine pixels are connected and wrong: six of region 0, three of region 2.
    expect(nextClick(regions, mask.of)).toEqual({ x: 1, y: 0, region: 0 });
  });

  it("has nothing to click where all is right, whatever stands where nobody scores", () => {
    const mask = regions.of.map((region) => (region === 255 ? 2 : region));
    expect(nextClick(regions, mask)).toBeUndefined();
    expect(meanIou(regions, mask)).toBe(1);
  });

  it("scores the mean over regions of intersection over union", () => {
    const mask = Uint8Array.from(regions.of, () => 0);
    expect(meanIou(regions, mask)).toBeCloseTo(15 / 26 / 3, 12);
  });
});

describe("half size", () => {
  it("is the mean of 2 × 2 pixels of the photo and the last of the mask's", () => {
    const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, k) => k);
    const picture = halfPicture({ width: 5, height: 4, data });
    expect([picture.width, picture.height]).toEqual([2, 2]);
    expect(picture.data[0]).toBe(Math.round((0 + 3 + 15 + 18) / 4));
    expect(halfRegions(drawn("01234", "56789")).of).toEqual(Uint8Array.of(6, 8));
  });
});
