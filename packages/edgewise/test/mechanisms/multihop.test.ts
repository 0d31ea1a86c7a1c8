import {
  causal,
  edges,
  type Graph,
  hops,
  multihop,
  resolvent,
  self,
  type Value,
  withoutSelf,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { type Case, dot, gather, infer, type Matrix } from "../enumeration/oracle.ts";
import { posteriorExpectation } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { random } from "../random.ts";

const [N, D] = [6, 3];
const rng = random(83);
const matrix = (n: number, width: number): number[][] =>
  Array.from({ length: n }, () => [...rng.normal([width]).data]);
const [query, key, value] = [matrix(N, D), matrix(N, D), matrix(N, 2)];
const inputs = { query: single(query), key: single(key), value: single(value) };
const plain: Case = {
  receivers: N,
  senders: N,
  admissible: () => true,
  logPrior: () => 0,
  score: (i, j) => dot(query[i] ?? [], key[j] ?? []) / Math.sqrt(D),
};

const list: [number, number][] = [
  [0, 1],
  [0, 0],
  [1, 3],
  [1, 5],
  [3, 3],
  [3, 2],
  [5, 0],
];
const graphs: [string, Graph | undefined, Case["admissible"]][] = [
  ["everybody", undefined, () => true],
  ["the past", causal(), (i, j) => j <= i],
  ["others", withoutSelf(), (i, j) => i !== j],
  ["a list with empty rows", edges(list), (i, j) => list.some(([a, b]) => a === i && b === j)],
];

/** Solution of A y = b by elimination with pivots, columns of b at once. */
function solved(A: Matrix, b: Matrix): number[][] {
  const rows = A.map((row, i) => [...row, ...(b[i] ?? [])]);
  for (let c = 0; c < rows.length; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row) => (Math.abs(row[c] ?? 0) > Math.abs(best[c] ?? 0) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(c, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[c] ?? 0) / (pivot[c] ?? Number.NaN);
      for (let k = c; k < row.length; k++) row[k] = (row[k] ?? 0) - factor * (pivot[k] ?? 0);
    }
  }
  return rows.map((row, i) => row.slice(rows.length).map((x) => x / (row[i] ?? Number.NaN)));
}

const plus = (a: Matrix, x: number, b: Matrix, y: number): number[][] =>
  a.map((row, i) => row.map((v, c) => x * v + y * (b[i]?.[c] ?? Number.NaN)));

async function expectation(value: Value, graph: Graph | undefined): Promise<Float64Array> {
  const model = multihop({ value, ...(graph === undefined ? {} : { graph }) });
  const got = await posteriorExpectation(model, inputs);
  return Float64Array.from(got.expectation?.data ?? []);
}

for (const [where, graph, admissible] of graphs)
  describe(`hops over ${where}`, () => {
    const { posterior: P } = infer({ ...plain, admissible });
    const one = gather(P, value);
    const two = gather(P, one);
    const three = gather(P, two);

    test("are powers of the posterior, weighted", async () => {
      near({ data: await expectation(hops(), graph) }, plus(one, 1, two, 1));
      const weights = [0.5, 0, -2];
      near({ data: await expectation(hops({ weights }), graph) }, plus(one, 0.5, three, -2));
    });

    test("quenched, take the repeated self-edge off", async () => {
      const weights = [0.3, 0.7];
      const stays = one.map((row, i) =>
        row.map((y, c) => (P[i]?.[i] ?? 0) * (y - (value[i]?.[c] ?? 0))),
      );
      const got = await expectation(hops({ weights, reading: "quenched" }), graph);
      near({ data: got }, plus(plus(one, 0.3, two, 0.7), 1, stays, -0.7));
    });

    test("one hop is self attention", async () => {
      const options = graph === undefined ? {} : { graph };
      const plainly = await posteriorExpectation(self(options), inputs);
      expect(await expectation(hops({ weights: [1] }), graph)).toEqual(plainly.expectation?.data);
    });

    for (const continuation of [0, 0.5, 0.95])
      test(`the resolvent at continuation ${continuation} solves its equations`, async () => {
        const A = P.map((row, i) => row.map((p, j) => (i === j ? 1 : 0) - continuation * p));
        const source = value.map((row) => row.map((v) => (1 - continuation) * v));
        // (I − γP)⁻¹ amplifies rounding by 1/(1 − γ) ≤ 20.
        near(
          { data: await expectation(resolvent({ continuation }), graph) },
          solved(A, source),
          1e-10,
        );
      });
  });

test("a posterior that is the identity gives 2 V", async () => {
  const pairs = Array.from({ length: N }, (_, i): [number, number] => [i, i]);
  const doubled = value.map((row) => row.map((v) => 2 * v));
  near({ data: await expectation(hops(), edges(pairs)) }, doubled);
});

test("I23: rows of Σ γ_h Pʰ sum to Σ γ_h, those of the resolvent to 1", async () => {
  const ones = { ...inputs, value: single(value.map(() => [1])) };
  for (const weights of [[1, 1], [0.2, 0.5, -1.3, 4], [1]]) {
    const got = await posteriorExpectation(multihop({ value: hops({ weights }) }), ones);
    const sum = weights.reduce((a, b) => a + b);
    near(got.expectation, new Array<number>(N).fill(sum));
  }
  const got = await posteriorExpectation(
    multihop({ value: resolvent({ continuation: 0.9 }) }),
    ones,
  );
  near(got.expectation, new Array<number>(N).fill(1));
});

test("hops that all weigh 0 give 0", async () => {
  for (const weights of [[0], [0, 0]])
    near(
      { data: await expectation(hops({ weights }), undefined) },
      new Array<number>(2 * N).fill(0),
    );
});

test("refuses what it cannot mean", () => {
  for (const value of [
    hops({ weights: [] }),
    hops({ weights: [1, 1, 1], reading: "quenched" }),
    resolvent({ continuation: 1 }),
    resolvent({ continuation: -0.1 }),
  ])
    expect(() => multihop({ value })).toThrow(/bad_model/);
});
