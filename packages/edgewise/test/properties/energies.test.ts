/** Energies of binary edges: docs/mathematics.md, 8. A layer's answer is one step down each. */
import { feedForward, given, type Tensor } from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { prepare } from "../inDouble.ts";
import { at, random } from "../random.ts";
import { runs } from "./cases.ts";

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, d) => sum + x * at(b, d), 0);
const squared = (a: readonly number[]): number => dot(a, a);

interface Setting {
  readonly weight: number[][];
  readonly odds: number[];
  readonly state: number[];
  readonly eta: number;
}

const setting: fc.Arbitrary<Setting> = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 6 }),
    fc.constantFrom(0.1, 0.5, 1, 3),
    fc.double({ min: 0.01, max: 1.99, noNaN: true }),
    fc.integer(),
  )
  .map(([memories, width, spread, eta, seed]) => {
    const rng = random(seed);
    return {
      weight: Array.from({ length: memories }, () => [...rng.normal([width], spread).data]),
      odds: [...rng.normal([memories], 2).data],
      state: [...rng.normal([width], 2).data],
      eta,
    };
  });

const row = (numbers: readonly number[], ...shape: number[]): Tensor => ({
  data: Float64Array.from(numbers),
  shape,
});
const inputsOf = ({ weight, odds }: Setting, state: readonly number[], hasOdds: boolean) => {
  const [memories, width] = [weight.length, state.length];
  const rows = row(weight.flat(), memories, width);
  return {
    query: row(state, 1, 1, width),
    key: rows,
    value: rows,
    ...(hasOdds ? { log_odds: row(odds, memories) } : {}),
  };
};

const sigmoid = await prepare(feedForward({ unit: "sigmoid", prior: given("log_odds", ["M"]) }), {
  read: ["expectation", "logEvidence"],
});
const relu = await prepare(feedForward({ unit: "relu" }), { read: ["expectation"] });

/** A layer whose keys are its values, with the energy that its answer goes down. */
const layers = {
  sigmoid: {
    next: (of: Setting, z: readonly number[]) => [
      ...sigmoid.sync(inputsOf(of, z, true)).expectation.data,
    ],
    energy: ({ weight, odds }: Setting, z: readonly number[]) =>
      squared(z) / 2 - weight.reduce((sum, w, k) => sum + softplus(dot(w, z) + at(odds, k)), 0),
  },
  relu: {
    next: (of: Setting, z: readonly number[]) => [
      ...relu.sync(inputsOf(of, z, false)).expectation.data,
    ],
    energy: ({ weight }: Setting, z: readonly number[]) =>
      squared(z) / 2 - weight.reduce((sum, w) => sum + Math.max(0, dot(w, z)) ** 2, 0) / 2,
  },
} as const;

describe.each(["sigmoid", "relu"] as const)("the energy of a %s layer", (unit) => {
  const { next, energy } = layers[unit];
  const moved = (z: readonly number[], to: readonly number[], eta: number): number[] =>
    z.map((x, d) => x + eta * (at(to, d) - x));
  const gap = (z: readonly number[], to: readonly number[]): number =>
    squared(z.map((x, d) => at(to, d) - x));
  const check = (claim: string, holds: (of: Setting) => void): void =>
    test(claim, () => {
      fc.assert(fc.property(setting, holds), { ...runs, numRuns: 6 * runs.numRuns });
    });

  check("I15: falls by ½‖z⁺ − z‖² or more when the answer takes the state's place", (of) => {
    const to = next(of, of.state);
    const [before, after] = [energy(of, of.state), energy(of, to)];
    const scale = 1 + Math.abs(before) + Math.abs(after) + squared(to);
    expect(after - before + gap(of.state, to) / 2).toBeLessThanOrEqual(1e-12 * scale);
  });

  check("falls by η(1 − η/2)‖z⁺ − z‖² or more in a residual step, for every η in (0, 2)", (of) => {
    const to = next(of, of.state);
    const after = energy(of, moved(of.state, to, of.eta));
    const least = of.eta * (1 - of.eta / 2) * gap(of.state, to);
    const scale = 1 + Math.abs(energy(of, of.state)) + Math.abs(after) + squared(to);
    expect(after - energy(of, of.state) + least).toBeLessThanOrEqual(1e-12 * scale);
  });

  check("I16, I17: has the gradient z − z⁺, so a residual step is a step down it", (of) => {
    const to = next(of, of.state);
    const h = 1e-6;
    of.state.forEach((x, d) => {
      const along = (step: number): number[] => of.state.map((y, e) => (e === d ? x + step : y));
      const slope = (energy(of, along(h)) - energy(of, along(-h))) / (2 * h);
      const scale = 1 + squared(of.state) + squared(to) + Math.abs(energy(of, of.state));
      expect(Math.abs(slope - (x - at(to, d)))).toBeLessThan(1e-7 * scale);
      // z − η ∇F = (1 − η) z + η z⁺
      const stepped = x - of.eta * (x - at(to, d));
      expect(Math.abs(stepped - ((1 - of.eta) * x + of.eta * at(to, d)))).toBeLessThan(
        1e-12 * scale,
      );
    });
  });
});

test("the energy of a sigmoid layer is ½‖z‖² less its log evidence and the prior's mass", () => {
  fc.assert(
    fc.property(setting, (of) => {
      const { logEvidence } = sigmoid.sync(inputsOf(of, of.state, true));
      const mass = of.odds.reduce((sum, c) => sum + softplus(c), 0);
      const expected = squared(of.state) / 2 - layers.sigmoid.energy(of, of.state) - mass;
      expect(Math.abs(at(logEvidence.data, 0) - expected)).toBeLessThan(
        1e-11 * (1 + Math.abs(expected) + squared(of.state)),
      );
    }),
    runs,
  );
});

test("the gradient of a sigmoid layer's log evidence by its query is its expectation", () => {
  fc.assert(
    fc.property(setting, (of) => {
      const inputs = inputsOf(of, of.state, true);
      const gradient = sigmoid.gradientSync(inputs, { logEvidence: row([1], 1, 1) });
      const { expectation } = sigmoid.sync(inputs);
      expectation.data.forEach((y, d) => {
        expect(Math.abs(at(gradient["query"]?.data ?? [], d) - y)).toBeLessThan(
          1e-11 * (1 + Math.abs(y)),
        );
      });
    }),
    runs,
  );
});
