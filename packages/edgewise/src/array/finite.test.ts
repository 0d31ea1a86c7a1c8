import { describe, expect, it } from "vitest";
import { allFinite } from "./finite.ts";

describe("allFinite", () => {
  const extremes = [0, -0, 1, -1, 3.4e38, -3.4e38, 1e-45, -1e-45];
  it.each([Float32Array, Float64Array])("holds of extreme numbers in %o", (kind) => {
    for (let length = 0; length < 12; length++)
      expect(allFinite(new kind(length).map((_, k) => extremes[k % 8] as number))).toBe(true);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "finds %d wherever it stands",
    (bad) => {
      for (const kind of [Float32Array, Float64Array])
        for (let length = 1; length < 12; length++)
          for (let k = 0; k < length; k++) {
            const data = new kind(length).fill(1.5);
            data[k] = bad;
            expect(allFinite(data)).toBe(false);
          }
    },
  );
});
