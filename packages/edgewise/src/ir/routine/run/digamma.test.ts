import stdlib from "@stdlib/math-base-special-digamma";
import fc from "fast-check";
import { expect, it } from "vitest";
import { digamma } from "./digamma.ts";

it("digamma agrees with stdlib's to 1e-12 of its size, from 1e-100 to 1e100", () => {
  fc.assert(
    fc.property(fc.double({ min: -100, max: 100, noNaN: true }), (exponent) => {
      const x = 10 ** exponent;
      const expected = stdlib(x);
      expect(Math.abs(digamma(x) - expected)).toBeLessThanOrEqual(
        1e-12 * Math.max(1, Math.abs(expected)),
      );
    }),
    { numRuns: 2000 },
  );
});

it("digamma keeps ψ(x + 1) = ψ(x) + 1/x and ψ(1) = −γ", () => {
  expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 12);
  for (const x of [0.03, 0.5, 2.25, 9.99, 10, 40])
    expect(digamma(x + 1)).toBeCloseTo(digamma(x) + 1 / x, 11);
});
