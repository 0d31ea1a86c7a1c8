/** Scores of every size and order, against the reference: rows that lie far apart, rise late, or are equal. */
import { cross, given, type Inputs, prepare, type Reading, scaledDot, type Tensor } from "edgewise";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random, the } from "../random.ts";
import { agrees, expected, recorder } from "./agreement.ts";
import { cotangent } from "./cases.ts";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";
import { singles } from "./inputs.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

/** Scores are queries against unit keys. */
const model = cross({ potential: scaledDot({ scale: 1 }), prior: given() });
const usual = ["expectation", "logEvidence", "entropy", "scatter", "mass"];
const none = Number.NEGATIVE_INFINITY;

type Scores = (i: number, j: number, m: number) => number;
const noise = random(8);
const drawn = Array.from({ length: 4096 }, () => 2 * noise.next() - 1);
const any = (i: number, j: number): number => drawn[(61 * i + 17 * j) % drawn.length] as number;

/** Log priors are 0 unless a case has its own. */
const cases: [claim: string, score: Scores, logPrior?: Scores][] = [
  ["scores to ±1e4", (i, j) => 1e4 * any(i, j)],
  ["scores near 1e4", (i, j) => 1e4 + any(i, j)],
  ["scores near −1e4", (i, j) => -1e4 + any(i, j)],
  ["scores that alternate between −1e4 and 1e4", (i, j) => ((i + j) % 2 === 0 ? 1e4 : -1e4)],
  [
    "rows of which each is ten times as far as the one before",
    (i, j) => 10 ** ((i % 9) - 4) * any(i, j),
  ],
  ["rows that are 1e4 apart", (i, j) => (i % 2 === 0 ? 1e4 : -1e4) + any(i, j)],
  ["a maximum that rises with every sender", (_, j, m) => (1e4 * j) / m],
  ["a maximum that comes first", (_, j, m) => -(1e4 * j) / m],
  ["a maximum in the last column", (i, j, m) => (j === m - 1 ? 1e4 : any(i, j))],
  ["a maximum that rises late and little", (i, j, m) => (j > 0.9 * m ? 3 : -3) + 0.1 * any(i, j)],
  ["scores that are equal", () => 3.25],
  ["scores that are equal and large", () => -9999.5],
  ["scores of 0", () => 0],
  ["scores too small to matter", (i, j) => 1e-30 * any(i, j)],
  ["first senders forbidden, then many", any, (_, j, m) => (j < 0.8 * m ? none : 0)],
  ["last senders forbidden", any, (_, j, m) => (j >= 0.3 * m ? none : 0)],
  ["only the last sender", any, (_, j, m) => (j < m - 1 ? none : 0)],
  ["every other row without edges", any, (i) => (i % 2 === 0 ? none : 0)],
  ["rows without edges, first and last", any, (i) => (i === 0 || i > 5 ? none : 0)],
  [
    "large scores on edges that do not exist",
    (i, j) => (j % 3 === 0 ? 1e30 : any(i, j)),
    (_, j) => (j % 3 === 0 ? none : 0),
  ],
  ["scores that log priors undo", (i, j) => 5000 * any(i, j), (i, j) => -5000 * any(i, j)],
];

const lengths = [
  [9, 5],
  [7, 64],
  [5, 130],
] as const;

function inputsOf(score: Scores, logPrior: Scores, n: number, m: number, value: Tensor): Inputs {
  const matrix = (of: Scores): Tensor => ({
    data: Float64Array.from({ length: n * m }, (_, k) => of(Math.floor(k / m), k % m, m)),
    shape: [1, 1, n, m],
  });
  return singles({
    query: matrix(score),
    key: { data: unit(m), shape: [1, 1, m, m] },
    value,
    chooser_value: random(3).normal([1, 1, n, 3]),
    log_prior: matrix(logPrior),
  });
}

const unit = (m: number): Float64Array =>
  Float64Array.from({ length: m * m }, (_, k) => (k % (m + 1) === 0 ? 1 : 0));

describe("engines agree about", () => {
  for (const [claim, score, logPrior = () => 0] of cases)
    test(claim, async () => {
      const { engine, asked } = recorder();
      const attend = await prepare(model, { engine, read: usual });
      for (const [n, m] of lengths) {
        asked.length = 0;
        const inputs = inputsOf(score, logPrior, n, m, random(5).normal([1, 1, m, 3]));
        const readings = attend.sync(inputs) as unknown as Record<Reading, Tensor>;
        const cotangents = usual.map((name) => [name, cotangent(the(readings, name), name)]);
        attend.gradientSync(inputs, Object.fromEntries(cotangents));
        for (const [part, one] of asked.entries())
          await agrees(
            tried,
            expected(`${claim}, ${n} × ${m}, ${["readings", "gradient"][part]}`, one),
          );
      }
    });
});

test("equal scores have equal posteriors, and the first of them is the mode", async () => {
  for (const { engine } of tried) {
    const attend = await prepare(model, { engine, read: ["posterior", "mode"] });
    for (const [n, m] of lengths) {
      const inputs = inputsOf(
        () => 1234.5,
        () => 0,
        n,
        m,
        random(5).normal([1, 1, m, 3]),
      );
      const { value: _, chooser_value: __, ...plain } = inputs;
      const { posterior, mode } = attend.sync(plain);
      expect(new Set(posterior.data).size).toBe(1);
      expect(new Set(mode.data)).toEqual(new Set([0]));
    }
  }
});

test("huge values on edges of no weight leave the others' mean as it is", async () => {
  for (const { engine } of tried) {
    const attend = await prepare(model, { engine, read: ["expectation"] });
    for (const [n, m] of lengths) {
      const value = random(5).normal([1, 1, m, 3]);
      // Weights of exp(−1e4) are 0 in single precision, and nothing that they weigh is counted.
      const far = { data: value.data.map((x, k) => (k < 3 ? 3e38 : x)), shape: value.shape };
      const score: Scores = (i, j) => (j === 0 ? -1e4 : any(i, j));
      const answer = (of: Tensor): Float32Array => {
        const { chooser_value: _, ...inputs } = inputsOf(score, () => 0, n, m, of);
        return Float32Array.from(attend.sync(inputs).expectation.data);
      };
      expect(answer(far)).toEqual(answer(value));
    }
  }
});
