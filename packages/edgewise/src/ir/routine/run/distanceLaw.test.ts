import betaln from "@stdlib/math-base-special-betaln";
import digamma from "@stdlib/math-base-special-digamma";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BetaGeometricLaw, GeometricLaw, logRatioOf, meanContinuation } from "./distanceLaw.ts";

const count = fc.double({ min: 0.1, max: 50, noNaN: true });
const near = (got: number, expected: number, tolerance: number): void =>
  expect(Math.abs(got - expected), `${got}, expected ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected)),
  );

describe("the beta-geometric law", () => {
  it("is log B(α + 1, β + h) − log B(α, β), 300 distances on", () => {
    fc.assert(
      fc.property(count, count, (stops, continuations) => {
        const law = new BetaGeometricLaw({ stops, continuations }, 300);
        for (let h = 0; h < 300; h++) {
          const expected = betaln(stops + 1, continuations + h) - betaln(stops, continuations);
          near(law.logPrior(h), expected, 1e-12);
        }
      }),
    );
  });

  it("has the tail Π (β + i) / (α + β + i), which is what its probabilities leave over", () => {
    fc.assert(
      fc.property(count, count, (stops, continuations) => {
        const law = new BetaGeometricLaw({ stops, continuations }, 300);
        let tail = 1;
        let left = 1;
        for (let h = 0; h < 300; h++) {
          near(Math.exp(law.logTails[h] as number), tail, 1e-12);
          near(left, tail, 1e-12);
          tail *= (continuations + h) / (stops + continuations + h);
          left -= Math.exp(law.logPrior(h));
        }
      }),
    );
  });

  it("has the statistic E[q | h] that its next probability is made of", () => {
    // p(h or more) = E[qʰ], so E[q | a distance of h is given] is a ratio of Beta functions.
    const [stops, continuations] = [2, 6];
    const law = new BetaGeometricLaw({ stops, continuations }, 40);
    for (let h = 0; h < 40; h++) {
      const log = betaln(stops + 1, continuations + h + 1) - betaln(stops + 1, continuations + h);
      near(law.statistic(h), Math.exp(log), 1e-12);
    }
  });
});

describe.each([
  ["geometric", new GeometricLaw(Math.log(0.83))],
  ["beta-geometric", new BetaGeometricLaw({ stops: 2, continuations: 6 }, 400)],
])("the %s law", (_, law) => {
  it("adds up its own probabilities between two distances", () => {
    for (const [from, to] of [
      [0, 1],
      [0, 50],
      [3, 4],
      [7, 300],
    ] as const) {
      let mass = 0;
      for (let h = from; h < to; h++) mass += Math.exp(law.logPrior(h));
      near(law.logBetween(from, to), Math.log(mass), 1e-12);
    }
    expect(law.logBetween(20, 20)).toBe(Number.NEGATIVE_INFINITY);
  });

  it("has a window beyond which its tail is at most ε, and no smaller one", () => {
    for (const tail of [0.5, 0.1, 0.01]) {
      const window = law.windowFor(tail);
      const beyond = (h: number): number => 1 - Math.exp(h === 0 ? -1e9 : law.logBetween(0, h));
      expect(beyond(window)).toBeLessThanOrEqual(tail * (1 + 1e-9));
      expect(beyond(window - 1)).toBeGreaterThan(tail);
    }
    expect(law.windowFor(0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the ratio of a belief", () => {
  it("is E[q], or exp E[log q] under mean field, which is less", () => {
    fc.assert(
      fc.property(count, count, (stops, continuations) => {
        const belief = { stops, continuations };
        const plain = logRatioOf(belief, false);
        near(Math.exp(plain), continuations / (stops + continuations), 1e-13);
        near(meanContinuation(belief), continuations / (stops + continuations), 1e-13);
        const field = logRatioOf(belief, true);
        near(
          field,
          Math.max(Math.log(1e-12), digamma(continuations) - digamma(stops + continuations)),
          1e-11,
        );
        expect(field).toBeLessThan(plain);
      }),
    );
  });

  it("stays within 1e-12 of 0 and 1 for the strongest beliefs", () => {
    for (const [stops, continuations] of [
      [1e-100, 1e100],
      [1e100, 1e-100],
      [1e-100, 1e-100],
      [1e100, 1e100],
    ] as const)
      for (const meanField of [false, true]) {
        const logRatio = logRatioOf({ stops, continuations }, meanField);
        expect(logRatio).toBeGreaterThanOrEqual(Math.log(1e-12));
        expect(logRatio).toBeLessThanOrEqual(Math.log1p(-1e-12));
        expect(Number.isFinite(new GeometricLaw(logRatio).logStop)).toBe(true);
      }
  });
});
