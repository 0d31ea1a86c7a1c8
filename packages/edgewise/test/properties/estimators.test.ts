import {
  given,
  hard,
  hops,
  multihop,
  type Prepared,
  parameter,
  resolvent,
  scaledDot,
} from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { answerOf, at, close, type Drawn, drawn, inputsOf, nested, runs, sum } from "./cases.ts";

const options = {
  prior: given(),
  potential: scaledDot({ scale: 1 }),
  temperature: parameter("temperature"),
};
const norm = (x: readonly number[]): number => Math.hypot(...x);
const withoutSent = (of: Drawn) => {
  const { chooser_value: _, ...inputs } = inputsOf({ ...of, asList: false });
  return inputs;
};
const soften = (of: Drawn): Drawn => ({ ...of, tempering: "likelihood", asList: false });

describe("I12: hard attention stays within its bounds", () => {
  const kept = new Map<number, Promise<Prepared>>();
  const top = (count: number): Promise<Prepared> => {
    const known = kept.get(count) ?? prepare(hard({ ...options, choose: "top", count }));
    kept.set(count, known);
    return known;
  };

  test("the error of the k most probable is at most 2 τ max ‖v‖, and 0 for all", async () => {
    const property = fc.asyncProperty(
      drawn(50),
      fc.integer({ min: 1, max: 12 }),
      async (drew, k) => {
        const of = soften(drew);
        const soft = await answerOf(of);
        const got = nested((await top(k)).sync(withoutSent(of)), of.value.length);
        got.expectation.forEach((y, i) => {
          const row = (soft.posterior[i] ?? []).toSorted((a, b) => b - a);
          const tail = Math.max(0, sum(row.slice(k)));
          const error = norm(y.map((x, c) => x - at(soft.expectation[i], c)));
          const read = of.value.filter((_, j) => of.mask[i]?.[j]).map(norm);
          expect(error).toBeLessThanOrEqual(2 * tail * Math.max(0, ...read) + 1e-9);
          if (k >= row.filter((p) => p > 0).length)
            y.forEach((x, c) => {
              expect(close(x, at(soft.expectation[i], c), 10)).toBe(true);
            });
        });
      },
    );
    await fc.assert(property, runs);
  });

  test("the mode is the most probable edge", async () => {
    const model = prepare(hard({ ...options, choose: "mode" }), {
      read: ["choice", "expectation"],
    });
    const property = fc.asyncProperty(drawn(50), async (drew) => {
      const of = soften(drew);
      const soft = await answerOf(of);
      const { choice } = (await model).sync(withoutSent(of));
      soft.posterior.forEach((row, i) => {
        const j = choice?.data[i] ?? Number.NaN;
        if (of.mask[i]?.some(Boolean))
          expect(at(row, j)).toBeGreaterThanOrEqual(Math.max(...row) - 1e-12);
        else expect(j).toBe(-1);
      });
    });
    await fc.assert(property, runs);
  });

  test("the mean of 2000 draws is the expectation, up to chance", async () => {
    const count = 2000;
    const model = prepare(hard({ ...options, choose: "samples", count }));
    const property = fc.asyncProperty(drawn(5), fc.integer({ min: 1 }), async (drew, seed) => {
      const of = soften(drew);
      const soft = await answerOf(of);
      const got = nested((await model).sync(withoutSent(of), { seed }), of.value.length);
      got.expectation.forEach((y, i) => {
        y.forEach((x, c) => {
          const mean = at(soft.expectation[i], c);
          const p = soft.posterior[i] ?? [];
          const square = sum(of.value.map((v, j) => at(p, j) * (at(v, c) - mean) ** 2));
          const read = of.value.filter((_, j) => at(p, j) > 0).map((v) => at(v, c));
          const range = read.length === 0 ? 0 : Math.max(...read) - Math.min(...read);
          // Bernstein's inequality at the probability of five standard errors; rare edges are not normal.
          const bound = 5 * Math.sqrt(square / count) + (25 * range) / (3 * count);
          expect(Math.abs(x - mean)).toBeLessThanOrEqual(bound + 1e-12);
        });
      });
    });
    await fc.assert(property, runs);
  });
});

describe("I23: hops", () => {
  const square = (bound: number) => drawn(bound, true);

  test("any weighted hops are powers of the posterior, for any support", async () => {
    const weights = fc
      .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 4 })
      .filter((gamma) => gamma.some((g) => g !== 0));
    const property = fc.asyncProperty(square(50), weights, async (drew, gamma) => {
      const of = soften(drew);
      const { posterior } = await answerOf(of);
      const model = multihop({ ...options, value: hops({ weights: gamma }) });
      const got = await posteriorExpectation(model, withoutSent(of));
      let walk = of.value;
      const expected = of.value.map(() => [0, 0]);
      for (const g of gamma) {
        const from = walk;
        walk = posterior.map((row) =>
          [0, 1].map((c) => sum(row.map((p, j) => p * at(from[j], c)))),
        );
        walk.forEach((y, i) => {
          y.forEach((x, c) => {
            (expected[i] ?? [])[c] = at(expected[i], c) + g * x;
          });
        });
      }
      expected.flat().forEach((x, k) => {
        expect(close(got.expectation?.data[k] ?? Number.NaN, x, 80)).toBe(true);
      });
    });
    await fc.assert(property, runs);
  });

  test("rows of Σ γ_h Pʰ sum to Σ γ_h where no row is empty; the resolvent's to 1", async () => {
    const property = fc.asyncProperty(
      square(50),
      fc
        .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 5 })
        .filter((gamma) => gamma.some((g) => g !== 0)),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      async (drew, gamma, continuation) => {
        const mask = drew.mask.map((row, i) => row.map((on, j) => on || i === j));
        const of = { ...soften(drew), mask, value: drew.value.map(() => [1, 1]) };
        const byHops = multihop({ ...options, value: hops({ weights: gamma }) });
        const forever = multihop({ ...options, value: resolvent({ continuation }) });
        const got = await posteriorExpectation(byHops, withoutSent(of));
        for (const x of got.expectation?.data ?? []) expect(close(x, sum(gamma), 10)).toBe(true);
        const limit = await posteriorExpectation(forever, withoutSent(of));
        for (const x of limit.expectation?.data ?? []) expect(close(x, 1, 10)).toBe(true);
      },
    );
    await fc.assert(property, runs);
  });

  test("quenched is annealed where no node is its own neighbour, and only there", async () => {
    const property = fc.asyncProperty(square(5), fc.boolean(), async (drew, selfEdges) => {
      const mask = drew.mask.map((row, i) => row.map((on, j) => (i === j ? selfEdges : on)));
      const of = { ...soften(drew), mask };
      const [a, b] = await Promise.all(
        (["annealed", "quenched"] as const).map((reading) =>
          posteriorExpectation(
            multihop({ ...options, value: hops({ weights: [1, 1], reading }) }),
            withoutSent(of),
          ),
        ),
      );
      const { posterior, expectation } = await answerOf(of);
      expectation.forEach((y, i) => {
        y.forEach((x, c) => {
          const stays = at(posterior[i], i) * (x - at(of.value[i], c));
          if (!selfEdges) expect(stays).toBeCloseTo(0, 12);
          const [p, q] = [a, b].map((got) => got?.expectation?.data[2 * i + c] ?? Number.NaN);
          expect(close(at([p ?? 0], 0) - at([q ?? 0], 0), stays, 40)).toBe(true);
        });
      });
    });
    await fc.assert(property, runs);
  });
});
