import * as Plot from "@observablehq/plot";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { csvOf, pngOf, svgOf } from "./figure.ts";

const table = [
  { step: 1, error: 0.5 },
  { step: 2, error: 0.25 },
];
const figure = {
  ...{ name: "curve", title: "A <curve>", reading: "It falls.", table },
  plot: { x: { label: "step" }, marks: [Plot.lineY(table, { x: "step", y: "error" })] },
};

describe("a figure", () => {
  it("takes the colour of its page, and is black on white by itself", () => {
    expect(svgOf(figure, false)).not.toContain('fill="white"');
    expect(svgOf(figure, true)).toContain('<rect width="100%" height="100%" fill="white"');
    for (const alone of [true, false]) expect(svgOf(figure, alone)).toContain("step →");
  });

  it("is the same text each time", () => {
    expect(svgOf(figure, true)).toBe(svgOf(figure, true));
  });

  it("is a picture of twice as many points", async () => {
    const { width, height } = await sharp(await pngOf(svgOf(figure, true))).metadata();
    expect([width, height]).toEqual([1280, 760]);
  });

  it("has its numbers as a table, whatever is in them", () => {
    expect(
      csvOf([
        { a: 'say "x", y', b: null },
        { a: "plain", b: 1e-9 },
      ]),
    ).toBe('a,b\n"say ""x"", y",\nplain,1e-9\n');
  });
});
