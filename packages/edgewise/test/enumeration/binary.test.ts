import { binary, cross, edges, given, type Inputs, proportional } from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { runs } from "../properties/cases.ts";
import { at } from "../random.ts";

const number = (bound: number) => fc.double({ min: -bound, max: bound, noNaN: true });
const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);

/** Every assignment of on and off to a receiver's edges. */
const assignments = (count: number): boolean[][] =>
  Array.from({ length: 2 ** count }, (_, code) =>
    Array.from({ length: count }, (_, k) => Math.floor(code / 2 ** k) % 2 === 1),
  );

interface Enumerated {
  readonly on: number[];
  readonly logEvidence: number;
  readonly entropy: number;
  readonly carried: number;
  readonly proportional: number;
}

/** Bayes' rule over whole assignments, for the joint weight of each. */
function enumerate(
  score: readonly number[],
  odds: readonly number[],
  value: readonly number[],
  temperature: number,
  tempering: "likelihood" | "joint",
): Enumerated {
  const all = assignments(score.length);
  const prior = all.map((b) => sum(b.map((is, k) => (is ? at(odds, k) : 0))));
  const logMass = Math.log(sum(prior.map(Math.exp)));
  const logs = all.map((b, n) => {
    const potential = sum(b.map((is, k) => (is ? at(score, k) : 0)));
    return tempering === "joint"
      ? (at(prior, n) + potential) / temperature
      : at(prior, n) + potential / temperature;
  });
  const mass = sum(logs.map(Math.exp));
  const p = logs.map((l) => Math.exp(l) / mass);
  const mean = (of: (b: readonly boolean[]) => number): number =>
    sum(all.map((b, n) => at(p, n) * of(b)));
  const worth = (weight: (k: number) => number) =>
    mean((b) => sum(b.map((is, k) => (is ? weight(k) : 0))));
  return {
    on: score.map((_, k) => mean((b) => Number(b[k]))),
    logEvidence:
      tempering === "joint"
        ? temperature * Math.log(mass) - logMass
        : temperature * (Math.log(mass) - logMass),
    entropy: -sum(p.map((x) => (x === 0 ? 0 : x * Math.log(x)))),
    carried: worth((k) => at(value, k)),
    proportional: worth((k) => at(score, k) * at(value, k)),
  };
}

describe("binary edges, over all 2^K assignments", () => {
  const drawn = fc.integer({ min: 1, max: 7 }).chain((count) =>
    fc.record({
      score: fc.array(number(4), { minLength: count, maxLength: count }),
      odds: fc.array(number(3), { minLength: count, maxLength: count }),
      value: fc.array(number(5), { minLength: count, maxLength: count }),
      temperature: fc.double({ min: 0.5, max: 3, noNaN: true }),
      tempering: fc.constantFrom("likelihood" as const, "joint" as const),
    }),
  );

  test("posterior, evidence, entropy and both values are those of the enumeration", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async ({ score, odds, value, temperature, tempering }) => {
        const expected = enumerate(score, odds, value, temperature, tempering);
        const inputs: Inputs = {
          query: single([[1]]),
          key: single(score.map((a) => [a])),
          value: single(value.map((v) => [v])),
          log_prior: single([odds]),
        };
        const declared = { choice: binary(), prior: given(), temperature, tempering };
        const answer = await posteriorExpectation(cross(declared), inputs, {
          read: ["expectation", "posterior", "logEvidence", "entropy"],
        });
        near(answer.posterior, expected.on);
        near(answer.logEvidence, [expected.logEvidence]);
        near(answer.entropy, [expected.entropy]);
        near(answer.expectation, [expected.carried]);
        const scored = cross({ ...declared, value: proportional() });
        near((await posteriorExpectation(scored, inputs)).expectation, [expected.proportional]);
      }),
      runs,
    );
  });

  test("edges that a graph leaves out are off for certain", async () => {
    const inputs: Inputs = {
      query: single([[1], [2]]),
      key: single([[0.5], [-1], [2]]),
      value: single([[1], [2], [3]]),
      chooser_value: single([[4], [5]]),
    };
    const kept: [number, number][] = [
      [0, 0],
      [0, 2],
    ];
    const answer = await posteriorExpectation(
      cross({ choice: binary(), graph: edges(kept) }),
      inputs,
      {
        read: ["expectation", "posterior", "logEvidence", "entropy", "scatter", "mass"],
      },
    );
    const first = enumerate([0.5, 2], [0, 0], [1, 3], 1, "likelihood");
    const [p, q] = [at(first.on, 0), at(first.on, 1)];
    near(answer.posterior, [p, 0, q, 0, 0, 0]);
    near(answer.expectation, [first.carried, 0]);
    near(answer.logEvidence, [first.logEvidence, 0]);
    near(answer.entropy, [first.entropy, 0]);
    near(answer.mass, [p, 0, q]);
    near(answer.scatter, [4 * p, 0, 4 * q]);
    expect(answer.info.edges).toBe(2);
  });
});
