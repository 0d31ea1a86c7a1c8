import {
  cross,
  type Inputs,
  parameter,
  probabilistic,
  type Readings,
  type Tensor,
  tensor,
} from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";
import { single } from "../near.ts";
import { at, close, matrix, runs } from "./cases.ts";

interface Units {
  readonly query: number[][];
  readonly key: number[][];
  readonly value: number[][];
  readonly fixed: number[][];
  readonly known: boolean[];
  readonly alpha: number[];
  readonly beta: number[];
  readonly lambda: number;
  readonly mu: number;
  readonly magnitudePrior: boolean;
}

const precision = fc.double({ min: 0.1, max: 3, noNaN: true });
const units: fc.Arbitrary<Units> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
  .chain(([N, M]) => {
    const perUnit = fc.array(precision, { minLength: M, maxLength: M });
    return fc.record({
      query: matrix(N, 3, 2),
      key: matrix(M, 3, 2),
      value: matrix(M, 2, 2),
      fixed: matrix(N, 2, 2),
      known: fc.array(fc.boolean(), { minLength: N, maxLength: N }),
      alpha: perUnit,
      beta: perUnit,
      lambda: precision,
      mu: precision,
      magnitudePrior: fc.boolean(),
    });
  });

const inputsOf = (of: Units): Inputs => ({
  query: single(of.query),
  key: single(of.key),
  value: single(of.value),
  fixed: single(of.fixed),
  is_fixed: tensor([[of.known.map(Number)]]),
  alpha: tensor([[of.alpha]]),
  beta: tensor([[of.beta]]),
});

const read = ["expectation", "key", "value", "logLikelihood", "responsibilities"] as const;
type Adapted = Readings<(typeof read)[number]>;

function adapted(of: Units, options: Parameters<typeof probabilistic>[0]): Promise<Adapted> {
  const { lambda: keyPriorPrecision, mu: valuePriorPrecision, magnitudePrior } = of;
  const model = probabilistic({
    annotated: true,
    queryPrecision: parameter("alpha", ["B", "H", "M"]),
    valuePrecision: parameter("beta", ["B", "H", "M"]),
    keyPriorPrecision,
    valuePriorPrecision,
    magnitudePrior,
    ...options,
  });
  return posteriorExpectation(model, inputsOf(of), { read });
}

/** A fall that rounding of a sum of a dozen logs near 100 cannot explain. */
const falls = 1e-10;

describe("I30: adaptation", () => {
  test("no iteration of either phase lowers the objective, anchored at the start", async () => {
    const property = fc.asyncProperty(units, async (of) => {
      const { logLikelihood } = await adapted(of, { keyIterations: 4, valueIterations: 4 });
      const trace = [...(logLikelihood?.data ?? [])];
      expect(trace).toHaveLength(9);
      for (let t = 1; t < trace.length; t++)
        expect(at(trace, t) - at(trace, t - 1)).toBeGreaterThanOrEqual(-falls * 100);
    });
    await fc.assert(property, runs);
  });

  test("with a running anchor no iteration lowers the likelihood alone", async () => {
    const property = fc.asyncProperty(units, async (of) => {
      let before = Number.NEGATIVE_INFINITY;
      for (let t = 0; t <= 6; t++) {
        const [keyIterations, valueIterations] = [Math.min(t, 3), Math.max(0, t - 3)];
        const got = await adapted(of, { keyIterations, valueIterations, anchor: "running" });
        const moved = (now: Tensor, from: number[][]): number =>
          from.flat().reduce((s, x, k) => s + (x - at([...now.data], k)) ** 2, 0);
        const penalty =
          (of.lambda / 2) * moved(got.key, of.key) + (of.mu / 2) * moved(got.value, of.value);
        const likelihood = at([...(got.logLikelihood?.data ?? [])], t) + penalty;
        expect(likelihood).toBeGreaterThanOrEqual(before - falls * 100);
        before = likelihood;
      }
    });
    await fc.assert(property, runs);
  });

  test("surer and surer priors end in no adaptation", async () => {
    const property = fc.asyncProperty(units, async (of) => {
      const iterations = { keyIterations: 3, valueIterations: 3 };
      const far = (got: Adapted): number =>
        Math.max(
          ...of.key.flat().map((x, k) => Math.abs(x - (got.key?.data[k] ?? Number.NaN))),
          ...of.value.flat().map((x, k) => Math.abs(x - (got.value?.data[k] ?? Number.NaN))),
        );
      const sure = { ...iterations, keyPriorPrecision: 1e8, valuePriorPrecision: 1e8 };
      // One step moves by at most α n ‖q − ζ‖ / λ < 3 · 6 · 7 / 1e8.
      expect(far(await adapted(of, sure))).toBeLessThanOrEqual(3 * 1.3e-6);
    });
    await fc.assert(property, runs);
  });

  test("without annotations values are untouched, bit for bit", async () => {
    const property = fc.asyncProperty(units, async (of) => {
      const none = { ...of, known: of.known.map(() => false) };
      const { value } = await adapted(none, { valueIterations: 3, anchor: "running" });
      of.value.flat().forEach((x, k) => {
        expect(close(value?.data[k] ?? Number.NaN, x)).toBe(true);
      });
      const { annotated, value: plain } = {
        annotated: false,
        value: (
          await posteriorExpectation(
            probabilistic({ valueIterations: 3 }),
            { query: single(of.query), key: single(of.key), value: single(of.value) },
            { read: ["value"] },
          )
        ).value,
      };
      expect(annotated).toBe(false);
      expect([...(plain?.data ?? [])]).toEqual(of.value.flat());
    });
    await fc.assert(property, runs);
  });

  test("clamped tokens read their annotation, the others the mixture", async () => {
    const property = fc.asyncProperty(units, async (of) => {
      const iterations = { keyIterations: 1, valueIterations: 1 };
      const [free, clamped] = await Promise.all([
        adapted(of, iterations),
        adapted(of, { ...iterations, clampAnnotated: true }),
      ]);
      of.fixed.flat().forEach((x, k) => {
        const expected = of.known[Math.floor(k / 2)] ? x : free.expectation?.data[k];
        expect(clamped.expectation?.data[k]).toBe(expected);
      });
    });
    await fc.assert(property, runs);
  });
});

test("I29: the special case is scaled dot-product attention", async () => {
  const property = fc.asyncProperty(units, async (of) => {
    const inputs = { query: single(of.query), key: single(of.key), value: single(of.value) };
    const special = probabilistic({
      queryPrecision: 1 / Math.sqrt(3),
      valuePrecision: 0,
      magnitudePrior: true,
    });
    const [a, b] = await Promise.all([
      posteriorExpectation(special, inputs, { read: ["expectation", "responsibilities"] }),
      posteriorExpectation(cross(), inputs, { read: ["expectation", "posterior"] }),
    ]);
    b.expectation?.data.forEach((y, k) => {
      expect(close(a.expectation?.data[k] ?? Number.NaN, y)).toBe(true);
    });
    b.posterior?.data.forEach((p, k) => {
      expect(close(a.responsibilities?.data[k] ?? Number.NaN, p)).toBe(true);
    });
  });
  await fc.assert(property, runs);
});
