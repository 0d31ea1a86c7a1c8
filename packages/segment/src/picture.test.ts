import { describe, expect, it } from "vitest";
import { type Picture, workingImage, workingPixels } from "./picture.ts";

function plain(width: number, height: number, colour: readonly number[]): Picture {
  const data = Uint8Array.from(
    { length: width * height * colour.length },
    (_, at) => colour[at % colour.length]!,
  );
  return { width, height, data };
}

describe("workingImage", () => {
  it("puts white at lightness 100, black at 0 and grey on the axis between them", () => {
    const [light, a, b] = workingImage(plain(1, 1, [255, 255, 255])).lab;
    expect(light).toBeCloseTo(100, 3);
    expect(Math.hypot(a!, b!)).toBeLessThan(0.01);
    expect(workingImage(plain(1, 1, [0, 0, 0])).lab[0]).toBe(0);
    expect(workingImage(plain(1, 1, [188, 188, 188])).lab[0]).toBeCloseTo(79.52, 1);
  });

  it("agrees with the published OKLab of pure red", () => {
    const [light, a, b] = workingImage(plain(1, 1, [255, 0, 0])).lab;
    expect(light).toBeCloseTo(62.8, 1);
    expect(a).toBeCloseTo(22.5, 1);
    expect(b).toBeCloseTo(12.6, 1);
  });

  it("reads RGB and RGBA alike, whatever the alpha", () => {
    const opaque = workingImage(plain(5, 4, [10, 120, 200]));
    expect(workingImage(plain(5, 4, [10, 120, 200, 3]))).toEqual(opaque);
  });

  it("shrinks a large photo to the working size and keeps a plain colour", () => {
    const { width, height, lab } = workingImage(plain(1500, 900, [200, 100, 50]));
    expect(width * height).toBeLessThanOrEqual(workingPixels);
    expect(width / height).toBeCloseTo(1500 / 900, 1);
    const small = workingImage(plain(1, 1, [200, 100, 50])).lab;
    lab.forEach((number, at) => {
      if (Math.abs(number - small[at % 3]!) > 1e-3) expect(number).toBe(small[at % 3]);
    });
  });

  it.each([
    ["too few bytes", { width: 2, height: 2, data: new Uint8Array(11) }],
    ["no pixels", { width: 0, height: 2, data: new Uint8Array(0) }],
    ["one byte a pixel", { width: 2, height: 2, data: new Uint8Array(4) }],
  ])("refuses a picture with %s", (_, picture) => {
    expect(() => workingImage(picture)).toThrow(/bad_image in picture[\s\S]*RGB/);
  });
});
