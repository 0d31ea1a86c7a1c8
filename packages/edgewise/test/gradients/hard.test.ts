import {
  edges,
  given,
  hard,
  type Inputs,
  parameter,
  relative,
  type Tensor,
  tensor,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { prepare } from "../inDouble.ts";
import { at, random, the } from "../random.ts";
import { checkGradient } from "./checkGradient.ts";

const [N, M, D, V] = [3, 5, 2, 2];
function nodes(spread = 1): Inputs {
  const rng = random(41);
  return {
    query: rng.normal([1, 2, N, D], spread),
    key: rng.normal([1, 1, M, D]),
    value: rng.normal([1, 1, M, V]),
    log_prior: rng.normal([1, 2, N, M]),
    temperature: rng.between(0.6, 1.4),
  };
}
const learned = { prior: given(), temperature: parameter("temperature") };
const list: [number, number][] = [
  [0, 1],
  [0, 2],
  [0, 4],
  [2, 0],
  [2, 3],
];

describe("edges that are kept", () => {
  for (const count of [1, 2, 5, 7])
    test(`the ${count} most probable have the gradient of their renormalised posterior`, async () => {
      const options = { of: ["expectation", "logEvidence", "entropy"] as const };
      await checkGradient(hard({ choose: "top", count, ...learned }), nodes(), options);
      const onList = hard({ choose: "top", count, ...learned, graph: edges(list) });
      await checkGradient(onList, nodes(), options);
    });

  test("the mode passes nothing to scores and everything to the value it read", async () => {
    const model = hard({ ...learned, graph: edges(list) });
    const gradient = await checkGradient(model, nodes(), { of: ["expectation"] });
    for (const name of ["query", "key", "log_prior", "temperature"])
      expect(
        the(gradient, name).data.every((g) => g === 0),
        name,
      ).toBe(true);
    expect(the(gradient, "value").data.some((g) => g !== 0)).toBe(true);
  });
});

test("evidence and entropy have their gradient however edges are chosen", async () => {
  const of = ["logEvidence", "entropy"] as const;
  for (const choose of ["mode", "top", "samples"] as const) {
    const model = hard({
      choose,
      count: choose === "mode" ? 1 : 2,
      ...learned,
      graph: edges(list),
    });
    await checkGradient(model, nodes(), { of, call: { seed: 5 } });
  }
});

interface Moments {
  readonly mean: number[];
  readonly error: number[];
}

/**
 * Means and standard errors of gradients over seeds, all inputs in one row. The seeds lie far
 * apart; that neighbouring ones are as good is a claim of its own, in `mechanisms/hard`.
 */
async function over(
  seeds: number,
  model: ReturnType<typeof hard>,
  inputs: Inputs,
  expectation: Tensor,
): Promise<Moments> {
  const attend = await prepare(model);
  const [sum, squares]: [number[], number[]] = [[], []];
  for (let seed = 1; seed <= seeds; seed++)
    Object.keys(inputs)
      .flatMap((name) => [
        ...the(
          attend.gradientSync(inputs, { expectation }, { seed: Math.imul(seed, 2654435761) }),
          name,
        ).data,
      ])
      .forEach((g, k) => {
        sum[k] = (sum[k] ?? 0) + g;
        squares[k] = (squares[k] ?? 0) + g * g;
      });
  const mean = sum.map((s) => s / seeds);
  const error = mean.map((m, k) => Math.sqrt(Math.max(0, at(squares, k) / seeds - m * m) / seeds));
  return { mean, error };
}

describe("draws", () => {
  const cotangent = random(6).normal([1, 2, N, V]);
  for (const count of [1, 3])
    for (const graph of [undefined, edges(list)])
      test(`the score function of ${count} draws ${graph ? "on a list " : ""}averages to the soft gradient`, async () => {
        const inputs = nodes();
        const options = { ...learned, ...(graph === undefined ? {} : { graph }) };
        const soft = (await prepare(relative(options))).gradientSync(inputs, {
          expectation: cotangent,
        });
        const exact = Object.keys(inputs).flatMap((name) => [...the(soft, name).data]);
        const model = hard({ choose: "samples", count, ...options });
        const { mean, error } = await over(3000, model, inputs, cotangent);
        // Five standard errors: one of these 50 numbers leaves them in fewer than 1 of 30000 runs.
        mean.forEach((m, k) => {
          const gap = Math.abs(m - at(exact, k));
          expect(gap, `element ${k}: ${m} against ${at(exact, k)}`).toBeLessThanOrEqual(
            5 * at(error, k) + 1e-12,
          );
        });
        expect(error.some((e) => e > 0)).toBe(true);
      });

  test("by the other draws as a baseline, three draws vary less than a third of one", async () => {
    const value = nodes()["value"] as Tensor;
    const far = { ...nodes(), value: { ...value, data: value.data.map((v) => v + 20) } };
    const [one, three] = await Promise.all(
      [1, 3].map((count) =>
        over(600, hard({ choose: "samples", count, ...learned }), far, cotangent),
      ),
    );
    const total = (m: Moments | undefined): number =>
      (m?.error ?? []).reduce((sum, e) => sum + e * e, 0);
    expect(3 * total(three)).toBeLessThan(total(one));
  });

  test("the gradient by values is that of the draws' mean", async () => {
    const attend = await prepare(hard({ choose: "samples", count: 4, ...learned }), {
      read: ["expectation", "choice"],
    });
    const inputs = nodes();
    const { choice } = attend.sync(inputs, { seed: 3 });
    const got = attend.gradientSync(inputs, { expectation: cotangent }, { seed: 3 });
    const expected = new Float64Array(M * V);
    choice.data.forEach((j, k) => {
      for (let v = 0; v < V; v++) {
        const row = Math.floor(k / 4);
        expected[j * V + v] = at(expected, j * V + v) + at(cotangent.data, row * V + v) / 4;
      }
    });
    const { data } = the(got, "value");
    expected.forEach((g, k) => {
      expect(at(data, k)).toBeCloseTo(g, 12);
    });
  });

  // Samples of one gradient, [rows][3]: by rows that each have noise of their own, by seeds in turn.
  const gumbelSamples = async (rows: number, seeds: readonly number[]): Promise<number[][]> => {
    const repeated = <T>(row: T): T[] => Array.from({ length: rows }, () => row);
    const inputs: Inputs = {
      query: tensor([[repeated([0])]]),
      key: tensor([[[[1], [2], [3]]]]),
      value: tensor([[relaxed.value.map((v) => [v])]]),
      log_prior: tensor([[repeated(relaxed.logPrior)]]),
    };
    const options = { choose: "samples", count: 1, estimator: "gumbel" } as const;
    const { relaxation } = relaxed;
    const attend = await prepare(hard({ ...options, relaxation, prior: given() }));
    const expectation = tensor([[repeated([1])]]);
    return seeds.flatMap((seed) => {
      const { log_prior } = attend.gradientSync(inputs, { expectation }, { seed });
      return repeated(0).map((_, i) => [...(log_prior?.data.slice(3 * i, 3 * i + 3) ?? [])]);
    });
  };
  const relaxed = { relaxation: 0.4, logPrior: [0.2, -1, 0.9], value: [1, -2, 0.5] };
  const moments = (samples: readonly number[][], j: number): { mean: number; error: number } => {
    const mean = samples.reduce((a, row) => a + at(row, j), 0) / samples.length;
    const square = samples.reduce((a, row) => a + (at(row, j) - mean) ** 2, 0) / samples.length;
    return { mean, error: Math.sqrt(square / samples.length) };
  };
  const oneToManySeeds = Array.from({ length: 6000 }, (_, s) => s + 1);
  for (const [where, rows, seeds] of [
    ["rows", 6000, [2024]],
    ["seeds 1, 2, 3 …", 1, oneToManySeeds],
  ] as const)
    test(`Gumbel's gradient averages over ${where} to that of softmax((w + noise) / relaxation)`, async () => {
      const { relaxation, logPrior, value } = relaxed;
      const { next } = random(12);
      const expected = Array.from({ length: 40_000 }, () => {
        const e = logPrior.map((w) => Math.exp((w - Math.log(-Math.log(next()))) / relaxation));
        const total = e.reduce((a, b) => a + b);
        const y = e.reduce((a, x, j) => a + (x / total) * at(value, j), 0);
        return e.map((x, j) => ((x / total) * (at(value, j) - y)) / relaxation);
      });
      const got = await gumbelSamples(rows, seeds);
      for (const j of [0, 1, 2]) {
        const [a, b] = [moments(got, j), moments(expected, j)];
        const bound = 5 * Math.hypot(a.error, b.error);
        expect(Math.abs(a.mean - b.mean), `${a.mean} against ${b.mean}`).toBeLessThanOrEqual(bound);
        // The test can tell: the bound is far below the gradient.
        expect(bound).toBeLessThan(Math.abs(b.mean) / 2);
      }
    });

  test("Gumbel's gradient at a high relaxation is small, and finite at a low one", async () => {
    const inputs = nodes();
    for (const graph of [undefined, edges(list)])
      for (const relaxation of [0.05, 0.5, 50]) {
        const model = hard({
          choose: "samples",
          count: 2,
          estimator: "gumbel",
          relaxation,
          ...learned,
          ...(graph === undefined ? {} : { graph }),
        });
        const attend = await prepare(model);
        const gradient = attend.gradientSync(inputs, { expectation: cotangent }, { seed: 8 });
        for (const name of Object.keys(inputs))
          expect(the(gradient, name).data.every(Number.isFinite), name).toBe(true);
        const largest = Math.max(...the(gradient, "log_prior").data.map(Math.abs));
        expect(largest).toBeGreaterThan(0);
        if (relaxation === 50) expect(largest).toBeLessThan(0.1);
      }
  });

  test("rows without edges draw nothing and pass nothing", async () => {
    for (const estimator of ["scoreFunction", "gumbel"] as const) {
      const options = { ...learned, estimator, graph: edges(list) };
      const attend = await prepare(hard({ choose: "samples", count: 2, ...options }));
      const { query } = attend.gradientSync(nodes(), { expectation: cotangent }, { seed: 8 });
      query?.data.forEach((g, k) => {
        if (Math.floor(k / D) % N === 1) expect(g).toBe(0);
      });
    }
  });
});
