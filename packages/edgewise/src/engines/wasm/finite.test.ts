import { describe, expect, it } from "vitest";
import { finiteTest } from "./finite.ts";

describe("finiteTest", () => {
  const allFinite = finiteTest();
  const lengths = [0, 1, 3, 15, 16, 17, 8191, 8192, 8193, 20000];

  it("holds of extreme numbers, however many", () => {
    const extremes = [0, -0, 1, -1, 3.4e38, -3.4e38, 1e-45, -1e-45];
    for (const length of lengths)
      expect(allFinite(Float32Array.from({ length }, (_, k) => extremes[k % 8] as number))).toBe(
        true,
      );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "finds %d first, last and between, and forgets it",
    (bad) => {
      for (const length of lengths)
        for (const k of new Set([0, length >> 1, length - 1])) {
          const data = new Float32Array(length).fill(3.4e38);
          if (length > 0) data[k] = bad;
          expect(allFinite(data)).toBe(length === 0);
          expect(allFinite(new Float32Array(length))).toBe(true);
        }
    },
  );
});
