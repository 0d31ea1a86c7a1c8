import * as runtime from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { poolingModel } from "../test/onnxModel.ts";
import { landscape, meanIntersectionOverUnion } from "../test/testScenes.ts";
import { type OnnxDescription, type OnnxRuntime, onnxFeatures, parseDescription } from "./onnx.ts";
import { prepare, segment } from "./segment.ts";

const ort = runtime as unknown as OnnxRuntime;
const picture = {
  ...{ width: 4, height: 4 },
  data: Uint8Array.from({ length: 48 }, (_, k) => 5 * k),
};
const description: OnnxDescription = { width: 4, height: 4 };

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Variance over cells of each feature. */
function spreadOf({ width, data }: { width: number; data: Float64Array }): number[] {
  const count = data.length / width;
  return Array.from({ length: width }, (_, column) => {
    const own = Array.from({ length: count }, (_, cell) => data[cell * width + column] as number);
    const mean = total(own) / count;
    return total(own.map((value) => (value - mean) ** 2)) / count;
  });
}

describe("features from a network", () => {
  it("are what the network answers, channels last", async () => {
    const found = await onnxFeatures(ort, poolingModel(4, 4), description, picture);
    expect([found.width, found.height, found.channels, found.weight]).toEqual([2, 2, 3, 1]);
    // Pixels 0, 1, 4 and 5 of the red channel: 0, 15, 60 and 75.
    expect(found.data[0]).toBeCloseTo((0 + 15 + 60 + 75) / 4 / 255, 6);
    expect(found.data[1]).toBeCloseTo((5 + 20 + 65 + 80) / 4 / 255, 6);
    expect(found.data[9]).toBeCloseTo((150 + 165 + 210 + 225) / 4 / 255, 6);
  });

  it("see the photo at the described size, less the mean, over the deviation", async () => {
    const given = { width: 2, height: 2, mean: [0.1, 0, 0], deviation: [2, 1, 1] };
    const { data } = await onnxFeatures(ort, poolingModel(2, 2), given, picture);
    const mean = Array.from({ length: 16 }, (_, k) => 15 * k).reduce((a, b) => a + b) / 16 / 255;
    expect(data[0]).toBeCloseTo((mean - 0.1) / 2, 6);
  });

  it("take part in a segmentation", async () => {
    const scene = landscape(180, 120);
    const size = { width: 90, height: 60, weight: 0.02 };
    const extra = await onnxFeatures(ort, poolingModel(90, 60), size, scene);
    const prepared = await prepare(scene, { cells: 600, extra });
    // Beside colour and texture, at a fiftieth of their spread, and theirs together as before.
    const alone = await prepare(scene, { cells: 600 });
    const spreads = [prepared, alone].map(({ fine }) => spreadOf(fine.features));
    expect(spreads[0]).toHaveLength(18);
    expect(total(spreads[0] as number[])).toBeCloseTo(total(spreads[1] as number[]), -1);
    const { mask } = await segment(prepared, scene.clicks);
    expect(meanIntersectionOverUnion(scene.regions, mask)).toBeGreaterThan(0.95);
  });

  it.each([
    ["no network", Uint8Array.of(1, 2, 3), description, /no network/],
    ["another size", poolingModel(8, 8), description, /will not take \[1, 3, 4, 4\]/],
    ["another input", poolingModel(4, 4), { ...description, input: "photo" }, /one of pixels/],
    ["another output", poolingModel(4, 4), { ...description, output: "x" }, /one of means/],
    [
      "another layout",
      poolingModel(4, 4),
      { ...description, layout: "tokens" as const, grid: [2, 2] as const },
      /shape \[1, 3, 2, 2\]/,
    ],
  ])("%s is refused", async (_, model, given, message) => {
    await expect(onnxFeatures(ort, model, given, picture)).rejects.toThrow(message);
  });
});

describe("a description", () => {
  it("is read as it stands", () => {
    const document = {
      ...{ input: "x", output: "y", width: 8, height: 8, mean: [0, 0, 0], deviation: [1, 1, 1] },
      ...{ layout: "tokens", grid: [2, 2], weight: 0.5 },
    };
    expect(parseDescription(document)).toEqual(document);
  });

  it.each([
    [null],
    [{ width: 8 }],
    [{ width: 8, height: 0.5 }],
    [{ width: 8, height: 8, deviation: [1, 0, 1] }],
    [{ width: 8, height: 8, mean: "0" }],
    [{ width: 8, height: 8, layout: "rows" }],
    [{ width: 8, height: 8, layout: "tokens" }],
    [{ width: 8, height: 8, grid: [2, 2] }],
    [{ width: 8, height: 8, weight: -1 }],
    [{ width: 8, height: 8, size: 3 }],
  ])("%j is refused", (document) => {
    expect(() => parseDescription(document)).toThrow(/bad_option/);
  });
});
