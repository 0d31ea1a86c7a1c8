import erfc from "@stdlib/math-base-special-erfc";
import { describe, expect, it } from "vitest";
import { normalCdf, softplus } from "./special.ts";

/** √2 · 2¹²⁰, by Newton's method on whole numbers. */
const rootOfTwo = ((): bigint => {
  const square = 2n << 240n;
  let root = 3n << 119n;
  for (let k = 0; k < 10; k++) root = (root + square / root) / 2n;
  return root;
})();

/** x − √2 · k/64, without the rounding that a tail would magnify. */
function excess(x: number, k: number): number {
  const exact = BigInt(x * 2 ** 60) * (1n << 66n) - rootOfTwo * BigInt(k);
  return Number(exact) / 2 ** 126;
}

describe("the normal distribution function", () => {
  it("agrees with erfc of another library to 10⁻¹⁴ of its value, in both tails", () => {
    let worst = 0;
    for (let k = -64 * 26; k <= 64 * 6; k++) {
      const x = Math.SQRT2 * (k / 64);
      const half = erfc(-k / 64) / 2;
      const density = Math.exp(-x * x * 0.5) / Math.sqrt(2 * Math.PI);
      const expected = half + density * excess(x, k);
      if (expected < 1e-300) continue;
      worst = Math.max(worst, Math.abs(normalCdf(x) / expected - 1));
    }
    expect(worst).toBeLessThan(1e-14);
  });

  it("is ½ at 0, symmetric, and does not fall across its three forms", () => {
    expect(normalCdf(0)).toBe(0.5);
    let last = 0;
    for (let x = -42; x < 42; x += 1 / 1024) {
      const p = normalCdf(x);
      expect(p).toBeGreaterThanOrEqual(last * (1 - 1e-15));
      expect(Math.abs(p + normalCdf(-x) - 1)).toBeLessThan(3e-16);
      last = p;
    }
  });

  it("answers where there is nothing to compute", () => {
    expect([-1e4, Number.NEGATIVE_INFINITY].map(normalCdf)).toEqual([0, 0]);
    expect([1e4, Number.POSITIVE_INFINITY].map(normalCdf)).toEqual([1, 1]);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });
});

describe("softplus", () => {
  it("is log 2 at 0, the number itself far above and its exponential far below", () => {
    expect(softplus(0)).toBe(Math.LN2);
    expect([1e4, 800, Number.POSITIVE_INFINITY].map(softplus)).toEqual([
      1e4,
      800,
      Number.POSITIVE_INFINITY,
    ]);
    expect([-1e4, Number.NEGATIVE_INFINITY].map(softplus)).toEqual([0, 0]);
    for (const x of [-20, -30, -300, -700]) {
      const t = Math.exp(x);
      expect(Math.abs(softplus(x) / (t - (t * t) / 2) - 1)).toBeLessThan(1e-15);
    }
  });

  it("differs from itself at −x by x", () => {
    for (let x = -40; x <= 40; x += 0.37)
      expect(Math.abs(softplus(x) - softplus(-x) - x)).toBeLessThan(1e-14);
  });
});
