import {
  causal,
  cross,
  edges,
  expression,
  type Graph,
  given,
  graph,
  hops,
  type Inputs,
  multihop,
  type Reading,
  relative,
  type Tensor,
  withoutSelf,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { near, rounding, single } from "../near.ts";
import { random } from "../random.ts";
import {
  annealed,
  assignments,
  type Case,
  dot,
  gather,
  infer,
  type Matrix,
  quenched,
  scatter,
} from "./oracle.ts";

const rows = (rng: ReturnType<typeof random>, n: number, width: number): number[][] =>
  Array.from({ length: n }, () => [...rng.normal([width]).data]);

interface Nodes {
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
  readonly inputs: Inputs;
}

function nodes(seed: number, N: number, M: number): Nodes {
  const rng = random(seed);
  const [query, key, value] = [rows(rng, N, 3), rows(rng, M, 3), rows(rng, M, 2)];
  return {
    query,
    key,
    value,
    inputs: { query: single(query), key: single(key), value: single(value) },
  };
}

const scoreOf =
  ({ query, key }: Nodes) =>
  (i: number, j: number): number =>
    dot(query[i] ?? [], key[j] ?? []) / Math.sqrt(3);

describe("the primitive is its definition", () => {
  const [N, M] = [4, 5];
  const list: [number, number][] = [
    [0, 4],
    [0, 0],
    [1, 2],
    [3, 1],
    [3, 2],
    [3, 3],
  ];
  const graphs: [string, Graph, Case["admissible"]][] = [
    ["a causal graph", causal(), (i, j) => j <= i],
    ["no self-edges", withoutSelf(), (i, j) => j !== i],
    ["a list with an empty row", edges(list), (i, j) => list.some(([a, b]) => a === i && b === j)],
  ];
  for (const [claim, allowed, admissible] of graphs)
    for (const tempering of ["likelihood", "joint"] as const)
      for (const temperature of [1, 0.4, 3])
        for (const chooser of ["receiver", "sender"] as const)
          test(`${chooser}s on ${claim}, ${tempering} at temperature ${temperature}`, async () => {
            const made = nodes(7, N, M);
            const beliefs = rows(random(8), N, M);
            (beliefs[0] ?? [])[1] = Number.NEGATIVE_INFINITY;
            const truth = infer({
              receivers: N,
              senders: M,
              chooser,
              admissible,
              logPrior: (i, j) => beliefs[i]?.[j] ?? Number.NaN,
              score: scoreOf(made),
              temperature,
              tempering,
            });
            const options = { graph: allowed, tempering, temperature, chooser };
            const sent = rows(random(9), N, 2);
            const gathers = chooser === "receiver";
            const read: Reading[] = [
              ...(["expectation", "posterior", "logEvidence", "entropy", "mass"] as const),
              ...(gathers ? (["scatter"] as const) : []),
            ];
            const got = await posteriorExpectation(
              cross({ ...options, prior: given() }),
              {
                ...made.inputs,
                log_prior: single(beliefs),
                ...(gathers ? { chooser_value: single(sent) } : {}),
              },
              { read },
            );
            near(got.posterior, truth.posterior);
            near(got.logEvidence, truth.logEvidence);
            near(got.entropy, truth.entropy);
            const collected = scatter(
              truth.posterior,
              gathers ? M : N,
              gathers ? sent : made.value,
            );
            near(got.mass, collected.mass);
            if (gathers) near(got.scatter, collected.scatter);
            near(
              got.expectation,
              gathers ? gather(truth.posterior, made.value) : collected.scatter,
            );
          });
});

describe("a factorised model is a product of its rows", () => {
  test("evidence and expectation are those of all edge assignments together", async () => {
    for (const [n, allowed, admissible] of [
      [4, causal(), (i: number, j: number) => j <= i],
      [4, withoutSelf(), (i: number, j: number) => j !== i],
    ] as const) {
      const made = nodes(3, n, n);
      const slope = 0.6;
      const declared: Case = {
        receivers: n,
        senders: n,
        admissible,
        logPrior: (i, j) => -slope * Math.abs(i - j),
        score: scoreOf(made),
        temperature: 0.8,
      };
      const { all, evidence } = assignments(declared);
      const prior = expression("-0.6 * abs(i - j)");
      const got = await posteriorExpectation(
        relative({ graph: allowed, prior, temperature: 0.8 }),
        made.inputs,
      );
      const total = [...(got.logEvidence?.data ?? [])].reduce((a, b) => a + b, 0);
      expect(Math.abs(total - evidence)).toBeLessThanOrEqual(rounding);
      const expected = made.query.map((_, i) =>
        [0, 1].map((c) =>
          all.reduce(
            (sum, { edges: phi, probability }) =>
              sum + probability * (made.value[phi[i] ?? -1]?.[c] ?? Number.NaN),
            0,
          ),
        ),
      );
      near(got.expectation, expected);
    }
  });
});

describe("I23: multihop attention is the expectation over all assignments of edges", () => {
  const cases: [string, Graph | undefined, Case["admissible"]][] = [
    ["with self-edges", undefined, () => true],
    ["without self-edges", withoutSelf(), (i, j) => j !== i],
    ["on the past", causal(), (i, j) => j <= i],
  ];
  for (const [claim, allowed, admissible] of cases)
    for (const n of [3, 5])
      test(`${n} nodes ${claim}`, async () => {
        const made = nodes(n, n, n);
        const declared: Case = {
          receivers: n,
          senders: n,
          admissible,
          logPrior: () => 0,
          score: scoreOf(made),
        };
        const options = allowed === undefined ? {} : { graph: allowed };
        const expectation = async (value: ReturnType<typeof hops>): Promise<Tensor | undefined> =>
          (await posteriorExpectation(multihop({ ...options, value }), made.inputs)).expectation;
        const two = [0.7, -1.2];
        const byWalks = annealed(declared, two, made.value);
        const byGraphs = quenched(declared, two, made.value);
        near(await expectation(hops({ weights: two })), byWalks);
        near(await expectation(hops({ weights: two, reading: "quenched" })), byGraphs);
        near(
          await expectation(hops({ weights: [1, 0, 0.5] })),
          annealed(declared, [1, 0, 0.5], made.value),
        );
        const gap = Math.max(
          ...byWalks.flatMap((row, i) => row.map((y, c) => Math.abs(y - (byGraphs[i]?.[c] ?? 0)))),
        );
        if (claim === "without self-edges") expect(gap).toBeLessThanOrEqual(rounding);
        else expect(gap).toBeGreaterThan(1e-3);
      });

  test("on a causal graph whose root keeps to itself every number of hops is quenched", async () => {
    const list: [number, number][] = [
      [0, 0],
      [1, 0],
      [2, 0],
      [2, 1],
      [3, 0],
      [3, 1],
      [3, 2],
    ];
    const made = nodes(2, 4, 4);
    const declared: Case = {
      receivers: 4,
      senders: 4,
      admissible: (i, j) => list.some(([a, b]) => a === i && b === j),
      logPrior: () => 0,
      score: scoreOf(made),
    };
    const weights = [0.3, 0.4, 0.3];
    const model = multihop({ graph: edges(list), value: hops({ weights }) });
    const got = await posteriorExpectation(model, made.inputs);
    near(got.expectation, quenched(declared, weights, made.value));
  });
});

test("a row without edges is empty in every reading, and the others do not notice", async () => {
  const made = nodes(11, 3, 3);
  const attend = await prepare(
    graph(
      edges([
        [0, 1],
        [2, 0],
        [2, 2],
      ]),
    ),
    {
      read: ["expectation", "posterior", "logEvidence", "entropy", "mode"],
    },
  );
  const got = attend.sync(made.inputs);
  expect([...got.expectation.data.slice(2, 4)]).toEqual([0, 0]);
  expect([...got.posterior.data.slice(3, 6)]).toEqual([0, 0, 0]);
  expect(got.logEvidence?.data[1]).toBe(Number.NEGATIVE_INFINITY);
  expect(got.entropy?.data[1]).toBe(0);
  expect([...got.mode.data][1]).toBe(-1);
  expect(got.info).toMatchObject({ emptyRows: 1, edges: 3 });
  const without = await posteriorExpectation(
    graph(
      edges([
        [0, 1],
        [1, 1],
        [2, 0],
        [2, 2],
      ]),
    ),
    made.inputs,
  );
  expect(got.expectation?.data[0]).toBe(without.expectation?.data[0]);
  expect(got.expectation?.data[4]).toBe(without.expectation?.data[4]);
});
