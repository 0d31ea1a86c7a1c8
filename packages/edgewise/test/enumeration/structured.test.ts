import { chain, given, type Inputs, matching, motif, type Tensor, tensor, tree } from "edgewise";
import { describe, expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";
import { near } from "../near.ts";
import { random } from "../random.ts";
import { dot, type Matrix } from "./oracle.ts";
import {
  chains,
  type Enumerated,
  enumerated,
  motifs,
  permutationsOf,
  trees,
} from "./structures.ts";

const rng = random(11);
const row = (count: number, spread = 2): number[] => [...rng.normal([count], spread).data];
const matrix = (n: number, m: number, spread = 2): number[][] =>
  Array.from({ length: n }, () => row(m, spread));
const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);
const table = (n: number, m: number, of: Enumerated, prefix = ""): number[][] =>
  range(n).map((i) => range(m).map((j) => of.probability(`${prefix}${i},${j}`)));

/** A batch of given entries; an empty one has the shape without its first extent. */
const batch = (...entries: Matrix[]): Tensor => tensor(entries as number[][][]);

describe("chains", () => {
  for (const [length, states] of [
    [1, 3],
    [2, 2],
    [3, 1],
    [4, 3],
    [5, 2],
  ] as const)
    test(`${length} steps of ${states} states: marginals, pairs and partition of all paths`, async () => {
      const entries = range(3).map(() => ({
        unary: matrix(length, states),
        pairwise: range(length - 1).map(() => matrix(states, states)),
      }));
      const inputs: Inputs = {
        unary: batch(...entries.map(({ unary }) => unary)),
        pairwise: {
          data: Float64Array.from(entries.flatMap(({ pairwise }) => pairwise.flat(2))),
          shape: [3, length - 1, states, states],
        },
      };
      const read = ["marginals", "pairMarginals", "logPartition"] as const;
      const got = await posteriorExpectation(chain(), inputs, { read });
      const truth = entries.map(({ unary, pairwise }) =>
        enumerated(chains(unary, pairwise, states)),
      );
      near(
        got.marginals,
        truth.map((of) => table(length, states, of)),
      );
      near(
        got.pairMarginals,
        truth.map((of) => range(length - 1).map((t) => table(states, states, of, `${t},`))),
      );
      near(
        got.logPartition,
        truth.map(({ logPartition }) => logPartition),
      );
    });
});

describe("trees", () => {
  for (const roots of ["one", "many"] as const)
    for (const nodes of [1, 2, 3, 4])
      for (const spread of [1, 50])
        test(`${nodes} nodes, ${roots} root, scores of ${spread}: all arborescences`, async () => {
          const entries = range(2).map(() => ({
            head: matrix(nodes, nodes, spread),
            root: row(nodes, spread),
          }));
          const inputs = {
            head: batch(...entries.map(({ head }) => head)),
            root: tensor(entries.map(({ root }) => root)),
          };
          const read = ["marginals", "rootMarginals", "logPartition"] as const;
          const got = await posteriorExpectation(tree({ roots }), inputs, { read });
          const truth = entries.map(({ head, root }) => enumerated(trees(head, root, roots)));
          near(
            got.marginals,
            truth.map((of) => table(nodes, nodes, of)),
          );
          near(
            got.rootMarginals,
            truth.map((of) => range(nodes).map((m) => of.probability(`${m}`))),
          );
          near(
            got.logPartition,
            truth.map(({ logPartition }) => logPartition),
          );
        });
});

describe("matchings", () => {
  for (const nodes of [1, 2, 3, 5])
    for (const temperature of [1, 0.5])
      test(`${nodes} nodes at temperature ${temperature}: all permutations`, async () => {
        const entries = range(2).map(() => matrix(nodes, nodes));
        const model = matching({ method: "exact", temperature });
        const read = ["marginals", "logPartition"] as const;
        const got = await posteriorExpectation(model, { score: batch(...entries) }, { read });
        const truth = entries.map((score) =>
          enumerated(permutationsOf(score.map((of) => of.map((s) => s / temperature)))),
        );
        near(
          got.marginals,
          truth.map((of) => table(nodes, nodes, of)),
        );
        near(
          got.logPartition,
          truth.map(({ logPartition }) => logPartition),
        );
      });
});

describe("motifs", () => {
  const [N, M, D] = [3, 3, 2];
  const local: Matrix = range(N).map((i) => range(M).map((j) => (Math.abs(i - j) <= 1 ? 1 : 0)));
  const causal: Matrix = range(N).map((i) => range(M).map((j) => (j <= i ? 1 : 0)));
  const broken: Matrix = [
    [1, 1, 1],
    [0, 0, 0],
    [1, 0, 1],
  ];
  const full: Matrix = range(N).map(() => range(M).map(() => 1));
  const none = Number.NEGATIVE_INFINITY;
  const cases: [string, Matrix[], number[], number[][]][] = [
    ["one motif", [causal], [0.3], matrix(N, M)],
    ["three motifs", [local, causal, full], [0.5, -0.2, 1], matrix(N, M)],
    ["a motif with an empty row", [broken, full, causal], [2, 0, 0], matrix(N, M)],
    ["a motif that is ruled out", [local, full], [none, -3], matrix(N, M)],
    [
      "a prior that empties a row of one motif",
      [causal, full],
      [0, 0],
      [
        [none, 0, 1],
        [0, none, 2],
        [1, 1, 1],
      ],
    ],
    ["no motif that is possible", [broken, full], [0, none], matrix(N, M)],
  ];
  test.each(cases)(
    "%s: all pairs of a motif and edges",
    async (_, support, logWeight, logPrior) => {
      const [query, key, value] = [matrix(N, D), matrix(M, D), matrix(M, 2)];
      const inputs = {
        query: tensor([[query]]),
        key: tensor([[key]]),
        value: tensor([[value]]),
        support: tensor(support as number[][][]),
        log_weight: tensor(logWeight),
        log_prior: tensor([[logPrior]]),
      };
      const model = motif({ logWeight: "log_weight", prior: given() });
      const read = ["expectation", "motif", "posterior", "logPartition"] as const;
      const got = await posteriorExpectation(model, inputs, { read });
      const score = query.map((q) => key.map((k) => dot(q, k) / Math.sqrt(D)));
      const truth = enumerated(motifs({ score, support, logWeight, logPrior }));
      const posterior = table(N, M, truth);
      near(got.posterior, posterior);
      near(
        got.motif,
        support.map((_motif, g) => truth.probability(`motif ${g}`)),
      );
      near(
        got.expectation,
        posterior.map((p) =>
          [0, 1].map((v) =>
            dot(
              p,
              value.map((of) => of[v] ?? Number.NaN),
            ),
          ),
        ),
      );
      near(got.logPartition, [truth.logPartition]);
      expect(got.expectation.data.some(Number.isNaN)).toBe(false);
    },
  );
});
