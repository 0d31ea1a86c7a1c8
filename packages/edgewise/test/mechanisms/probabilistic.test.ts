import {
  cross,
  edges,
  given,
  type Inputs,
  parameter,
  probabilistic,
  type Readings,
  tensor,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { adapt, type MixtureCase } from "../enumeration/mixture.ts";
import { posteriorExpectation } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { random } from "../random.ts";

type Options = NonNullable<Parameters<typeof probabilistic>[0]>;
const [N, M, D, V] = [4, 3, 2, 2];
const rng = random(47);
const matrix = (n: number, width: number): number[][] =>
  Array.from({ length: n }, () => [...rng.normal([width]).data]);
const tables = (n: number, m: number, width: number): number[][][] =>
  Array.from({ length: n }, () => matrix(m, width));

const [query, key, value] = [matrix(N, D), matrix(M, D), matrix(M, V)];
const [alpha, beta] = [
  [0.6, 1.3, 0.9],
  [1.5, 0.4, 0.8],
];
const marks = matrix(N, V);
const fixed = marks.map((row, i) => (i % 2 === 0 ? row : undefined));
const [queryPosition, keyPosition, valuePosition] = [
  tables(N, M, D),
  tables(M, N, D),
  tables(N, M, V),
];
const beliefs = matrix(N, M);
const inputs: Inputs = { query: single(query), key: single(key), value: single(value) };
const precisions: Inputs = { alpha: tensor([[alpha]]), beta: tensor([[beta]]) };
const perUnit = {
  queryPrecision: parameter("alpha", ["B", "H", "M"]),
  valuePrecision: parameter("beta", ["B", "H", "M"]),
};
const annotations: Inputs = {
  fixed: single(marks),
  is_fixed: tensor([[fixed.map((row) => (row === undefined ? 0 : 1))]]),
};
const declared: MixtureCase = { query, key, value, alpha, beta };
const read = [
  "expectation",
  "key",
  "value",
  "responsibilities",
  "logLikelihood",
  "logEvidence",
  "entropy",
] as const;
const answer = (options: Options, given: Inputs): Promise<Readings<(typeof read)[number]>> =>
  posteriorExpectation(probabilistic(options), { ...inputs, ...given }, { read });

const both = { keyIterations: 2, valueIterations: 3 };
const cases: [claim: string, options: Options, truth: Partial<MixtureCase>][] = [
  ["9.1 responsibilities with normalisers", {}, {}],
  ["9.2 the mode of the value after one step", { readout: "map" }, {}],
  ["9.2 the magnitude prior", { magnitudePrior: true }, {}],
  ["9.3 keys adapt towards queries from where they started", { keyIterations: 3 }, {}],
  ["9.3 the anchor runs", { keyIterations: 3, anchor: "running" }, {}],
  ["9.3 prior precision of keys", { keyIterations: 2, keyPriorPrecision: 0.3 }, {}],
  ["9.3 a frozen magnitude prior", { keyIterations: 3, magnitudePrior: true }, {}],
  [
    "9.3 a magnitude prior that is recomputed",
    { keyIterations: 3, magnitudePrior: true, freezePrior: false },
    {},
  ],
  ["9.4 values follow annotations", { valueIterations: 3, annotated: true }, { fixed }],
  [
    "9.4 values follow annotations from where they are",
    { valueIterations: 3, annotated: true, anchor: "running", valuePriorPrecision: 0.2 },
    { fixed },
  ],
  ["9.6 keys first, then values", { ...both, annotated: true }, { fixed }],
  [
    "9.6 everything at once, clamped, read as the mode, recomputed",
    {
      ...both,
      annotated: true,
      clampAnnotated: true,
      readout: "map",
      magnitudePrior: true,
      freezePrior: false,
      anchor: "running",
    },
    { fixed },
  ],
  [
    "the paper's layer drops normalisers, and annotations from the E-step",
    { ...both, annotated: true, magnitudePrior: true, paperCompat: true },
    { fixed },
  ],
];

describe("probabilistic attention is its formulas", () => {
  for (const [claim, options, truth] of cases)
    test(claim, async () => {
      const got = await answer(
        { ...options, ...perUnit },
        { ...precisions, ...(options.annotated ? annotations : {}) },
      );
      const { annotated: _, ...rest } = options;
      const expected = adapt({ ...declared, ...(rest as object), ...truth });
      for (const name of read) near(got[name], expected[name]);
    });

  test("with a given prior on a graph with an empty row, which moves nothing", async () => {
    const list: [number, number][] = [
      [0, 0],
      [0, 2],
      [2, 1],
      [2, 2],
      [3, 0],
    ];
    const options = { ...both, annotated: true, graph: edges(list), prior: given() };
    const log_prior = single(beliefs);
    const got = await answer(
      { ...options, ...perUnit },
      { ...precisions, ...annotations, log_prior },
    );
    const expected = adapt({
      ...declared,
      ...both,
      fixed,
      admissible: (i, j) => list.some(([a, b]) => a === i && b === j),
      logPrior: (i, j) => beliefs[i]?.[j] ?? Number.NaN,
    });
    for (const name of read) near(got[name], expected[name]);
    near({ data: [...(got.responsibilities?.data.slice(3, 6) ?? [])] }, [0, 0, 0]);
  });

  for (const magnitudePrior of [false, true])
    test(`9.5 position tables ${magnitudePrior ? "with" : "without"} the magnitude prior`, async () => {
      const positions = { query: true, key: true, value: true };
      const tensors = {
        query_position: tensor(queryPosition),
        key_position: tensor(keyPosition),
        value_position: tensor(valuePosition),
      };
      const options = { ...both, ...perUnit, annotated: true, magnitudePrior, positions };
      const got = await posteriorExpectation(
        probabilistic(options),
        { ...inputs, ...precisions, ...annotations, ...tensors },
        { read: [...read, "expectationPosition"] },
      );
      const truth = { ...declared, ...both, fixed, magnitudePrior, queryPosition, keyPosition };
      const expected = adapt(truth);
      for (const name of read) near(got[name], expected[name]);
      const offsets = expected.responsibilities.map((row, i) =>
        [0, 1].map((c) => row.reduce((s, p, j) => s + p * (valuePosition[i]?.[j]?.[c] ?? 0), 0)),
      );
      near(got.expectationPosition, offsets);
    });
});

describe("limits", () => {
  test("I29: precision 1/√D, value precision 0 and magnitude prior are dot-product attention", async () => {
    const queryPrecision = 1 / Math.sqrt(D);
    const options = { queryPrecision, valuePrecision: 0, magnitudePrior: true };
    const plain = await posteriorExpectation(cross(), inputs, {
      read: ["expectation", "posterior"],
    });
    for (const valuePrecision of [0, 1e-13]) {
      const got = await answer({ ...options, valuePrecision }, {});
      near(got.expectation, [...(plain.expectation?.data ?? [])]);
      near(got.responsibilities, [...(plain.posterior?.data ?? [])]);
    }
  });

  test("with position tables the logit is α (q·ζ + q·rᵠ + ζ·rᶻ)", async () => {
    const a = 0.8;
    const got = await posteriorExpectation(
      probabilistic({
        queryPrecision: a,
        valuePrecision: 0,
        magnitudePrior: true,
        positions: { query: true, key: true, value: false },
      }),
      { ...inputs, query_position: tensor(queryPosition), key_position: tensor(keyPosition) },
      { read: ["responsibilities"] },
    );
    const times = (x: number[] = [], y: number[] = []): number =>
      x.reduce((s, v, d) => s + v * (y[d] ?? Number.NaN), 0);
    const expected = query.map((q, i) => {
      const e = key.map((z, j) => {
        const logit = times(q, z) + times(q, queryPosition[i]?.[j]) + times(z, keyPosition[j]?.[i]);
        return Math.exp(a * logit);
      });
      return e.map((x) => x / e.reduce((s, y) => s + y, 0));
    });
    near(got.responsibilities, expected);
  });

  test("I30: infinitely sure priors do not adapt", async () => {
    const sure = { keyPriorPrecision: 1e14, valuePriorPrecision: 1e14 };
    const got = await answer({ ...both, ...sure, annotated: true }, annotations);
    near(got.key, key, 1e-10);
    near(got.value, value, 1e-10);
  });

  test("I30: without annotations no bit of the values moves", async () => {
    const none = { ...annotations, is_fixed: tensor([[[0, 0, 0, 0]]]) };
    const running = { ...both, anchor: "running" } as const;
    for (const [options, given] of [
      [{ ...both, annotated: false }, {}],
      [{ ...running, annotated: false }, {}],
    ] as const)
      expect([...((await answer(options, given)).value?.data ?? [])]).toEqual(value.flat());
    const got = await answer({ ...running, annotated: true }, none);
    near(got.value, value);
  });

  test("units without a prior that nobody is responsible for stay where they are", async () => {
    const options = { ...both, keyPriorPrecision: 0, valuePriorPrecision: 0, annotated: true };
    const log_prior = single(
      beliefs.map((row) => [row[0] ?? 0, row[1] ?? 0, Number.NEGATIVE_INFINITY]),
    );
    const got = await answer({ ...options, prior: given() }, { ...annotations, log_prior });
    near({ data: [...(got.key?.data.slice(2 * D) ?? [])] }, key[2] ?? []);
    near({ data: [...(got.value?.data.slice(2 * V) ?? [])] }, value[2] ?? []);
    expect(got.expectation?.data.every(Number.isFinite)).toBe(true);
  });
});

test("refuses a negative precision, of units and of their priors", () => {
  for (const name of [
    "queryPrecision",
    "valuePrecision",
    "keyPriorPrecision",
    "valuePriorPrecision",
  ] as const)
    expect(() => probabilistic({ [name]: -1 }), name).toThrow(/bad_model/);
});
