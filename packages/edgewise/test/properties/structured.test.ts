import {
  chain,
  edgesFrom,
  graph,
  type JointModel,
  matching,
  motif,
  scaledDot,
  type Tensor,
  tensor,
  tree,
} from "edgewise";
import fc from "fast-check";
import { inverse, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { enumerated, trees } from "../enumeration/structures.ts";
import { prepare } from "../inDouble.ts";
import { at } from "../random.ts";
import { matrix, runs } from "./cases.ts";

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Square scores of 1–`most` nodes, and one number a node. */
const square = (most: number, bound: number): fc.Arbitrary<{ edge: number[][]; node: number[] }> =>
  fc
    .integer({ min: 1, max: most })
    .chain((n) =>
      fc
        .tuple(matrix(n, n, bound), matrix(1, n, bound))
        .map(([edge, [node = []]]) => ({ edge, node })),
    );

/** Chain of 1–6 steps and 1–4 states: its unary and pairwise scores. */
const sequence = (bound: number): fc.Arbitrary<{ unary: Tensor; pairwise: Tensor }> =>
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 })).chain(([T, K]) =>
    fc.tuple(matrix(T, K, bound), matrix(T - 1, K * K, bound)).map(([unary, pairs]) => ({
      unary: tensor([unary]),
      pairwise: { data: Float64Array.from(pairs.flat()), shape: [1, T - 1, K, K] },
    })),
  );

/** Asserts that two numbers agree, relative to the larger one where that is above 1. */
function close(got: number, expected: number, tolerance: number): void {
  const scale = Math.max(1, Math.abs(expected));
  expect(Math.abs(got - expected), `${got}, expected ${expected}`).toBeLessThanOrEqual(
    tolerance * scale,
  );
}

const sums = ({ data, shape }: Tensor): { rows: number[]; columns: number[] } => {
  const n = shape[1] ?? 0;
  const m = shape[2] ?? 0;
  return {
    rows: range(n).map((i) => range(m).reduce((s, j) => s + at(data, i * m + j), 0)),
    columns: range(m).map((j) => range(n).reduce((s, i) => s + at(data, i * m + j), 0)),
  };
};

const allOnes = (numbers: readonly number[], tolerance = 1e-10): void => {
  for (const x of numbers) close(x, 1, tolerance);
};

const bounds = [2, 50, 1e4];

describe("chains", async () => {
  const read = await prepare(chain(), { read: ["marginals", "pairMarginals", "logPartition"] });

  test.each(bounds)("marginals are probabilities and agree with pairs, scores to %d", (bound) => {
    fc.assert(
      fc.property(sequence(bound), (inputs) => {
        const { marginals, pairMarginals, logPartition } = read.sync(inputs);
        allOnes(sums(marginals).rows);
        expect(Number.isFinite(at(logPartition.data, 0))).toBe(true);
        const [, T = 0, K = 0] = marginals.shape;
        for (let t = 0; t + 1 < T; t++)
          for (let i = 0; i < K; i++) {
            const after = range(K).map((j) => at(pairMarginals.data, (t * K + i) * K + j));
            const before = range(K).map((j) => at(pairMarginals.data, (t * K + j) * K + i));
            close(
              after.reduce((a, b) => a + b, 0),
              at(marginals.data, t * K + i),
              1e-10,
            );
            close(
              before.reduce((a, b) => a + b, 0),
              at(marginals.data, (t + 1) * K + i),
              1e-10,
            );
          }
      }),
      runs,
    );
  });

  test("pairs without scores leave a softmax of each step", () => {
    fc.assert(
      fc.property(sequence(50), ({ unary, pairwise }) => {
        const still = { data: pairwise.data.map(() => 0), shape: pairwise.shape };
        const { marginals } = read.sync({ unary, pairwise: still });
        const [, T = 0, K = 0] = unary.shape;
        for (let t = 0; t < T; t++) {
          const scores = range(K).map((k) => at(unary.data, t * K + k));
          const weights = scores.map((s) => Math.exp(s - Math.max(...scores)));
          const total = weights.reduce((a, b) => a + b, 0);
          weights.forEach((w, k) => {
            close(at(marginals.data, t * K + k), w / total, 1e-10);
          });
        }
      }),
      runs,
    );
  });
});

describe("trees", async () => {
  const readings = ["marginals", "rootMarginals", "logPartition"] as const;
  const one = await prepare(tree(), { read: readings });
  const many = await prepare(tree({ roots: "many" }), { read: readings });
  const inputs = ({ edge, node }: { edge: number[][]; node: number[] }) => ({
    head: tensor([edge]),
    root: tensor([node]),
  });

  test.each(bounds)("every node has one head or is a root, scores to %d", (bound) => {
    fc.assert(
      fc.property(square(8, bound), (drawn) => {
        for (const read of [one, many]) {
          const { marginals, rootMarginals, logPartition } = read.sync(inputs(drawn));
          allOnes(sums(marginals).columns.map((sum, m) => sum + at(rootMarginals.data, m)));
          expect(Number.isFinite(at(logPartition.data, 0))).toBe(true);
        }
      }),
      runs,
    );
  });

  test.each(bounds)("a tree of one root has one root, scores to %d", (bound) => {
    fc.assert(
      fc.property(square(8, bound), (drawn) => {
        const { rootMarginals } = one.sync(inputs(drawn));
        allOnes([Array.from(rootMarginals.data).reduce((a, b) => a + b, 0)]);
      }),
      runs,
    );
  });

  test.each(bounds)("the log partition is that of all arborescences, scores to %d", (bound) => {
    fc.assert(
      fc.property(square(4, bound), (drawn) => {
        for (const [read, roots] of [
          [one, "one"],
          [many, "many"],
        ] as const) {
          const truth = enumerated(trees(drawn.edge, drawn.node, roots));
          const { logPartition, rootMarginals } = read.sync(inputs(drawn));
          close(at(logPartition.data, 0), truth.logPartition, 1e-10);
          rootMarginals.data.forEach((p, m) => {
            close(p, truth.probability(`${m}`), 1e-9);
          });
        }
      }),
      runs,
    );
  });

  test("marginals are what the inverse Laplacian says, where it can be inverted", () => {
    fc.assert(
      fc.property(square(7, 2), (drawn) => {
        for (const read of [one, many]) {
          const { marginals, rootMarginals } = read.sync(inputs(drawn));
          const said = byInverse(drawn.edge, drawn.node, read === one);
          said.edge.flat().forEach((p, k) => {
            close(at(marginals.data, k), p, 1e-10);
          });
          said.root.forEach((p, m) => {
            close(at(rootMarginals.data, m), p, 1e-10);
          });
        }
      }),
      runs,
    );
  });

  test("other numbers for the nodes give the same tree", () => {
    fc.assert(
      fc.property(square(6, 10), fc.infiniteStream(fc.nat()), ({ edge, node }, stream) => {
        const order = range(node.length)
          .map((k) => [stream.next().value as number, k] as const)
          .sort(([a], [b]) => a - b)
          .map(([, k]) => k);
        const pick = (of: readonly number[]): number[] => order.map((k) => of[k] ?? Number.NaN);
        const moved = { edge: order.map((k) => pick(edge[k] ?? [])), node: pick(node) };
        const [a, b] = [one.sync(inputs({ edge, node })), one.sync(inputs(moved))];
        close(at(a.logPartition.data, 0), at(b.logPartition.data, 0), 1e-10);
        order.forEach((k, m) => {
          close(at(b.rootMarginals.data, m), at(a.rootMarginals.data, k), 1e-10);
        });
      }),
      runs,
    );
  });
});

/** Marginals by mathematics 11.2: with G the inverse of the Laplacian L̂. */
function byInverse(head: number[][], root: number[], oneRoot: boolean) {
  const n = root.length;
  const weight = head.map((row, h) => row.map((s, m) => (h === m ? 0 : Math.exp(s))));
  const into = range(n).map((m) => weight.reduce((sum, row) => sum + (row[m] ?? 0), 0));
  const L = new Matrix(n, n);
  for (const h of range(n))
    for (const m of range(n)) L.set(h, m, (h === m ? (into[m] ?? 0) : 0) - (weight[h]?.[m] ?? 0));
  root.forEach((r, m) => {
    if (oneRoot) L.set(0, m, Math.exp(r));
    else L.set(m, m, L.get(m, m) + Math.exp(r));
  });
  const G = inverse(L);
  const edge = weight.map((row, h) =>
    row.map((a, m) => {
      const [own, other] = [G.get(m, m), G.get(m, h)];
      return oneRoot ? (m === 0 ? 0 : a * own) - (h === 0 ? 0 : a * other) : a * (own - other);
    }),
  );
  return { edge, root: root.map((r, m) => Math.exp(r) * G.get(m, oneRoot ? 0 : m)) };
}

describe("matchings", async () => {
  const exact = await prepare(matching({ method: "exact" }), {
    read: ["marginals", "logPartition"],
  });
  const plan = await prepare(matching({ tolerance: 1e-12, iterations: 20_000 }), {
    read: ["marginals"],
  });

  test.each(bounds)("exact marginals are doubly stochastic, scores to %d", (bound) => {
    fc.assert(
      fc.property(square(6, bound), ({ edge }) => {
        const { marginals, logPartition } = exact.sync({ score: tensor([edge]) });
        allOnes([...sums(marginals).rows, ...sums(marginals).columns]);
        expect(Number.isFinite(at(logPartition.data, 0))).toBe(true);
      }),
      runs,
    );
  });

  test("Sinkhorn's plan is doubly stochastic where it has converged", () => {
    fc.assert(
      fc.property(square(6, 3), ({ edge }) => {
        const { marginals, info } = plan.sync({ score: tensor([edge]) });
        expect(info.converged).toEqual({ sinkhorn: true });
        allOnes([...sums(marginals).rows, ...sums(marginals).columns]);
      }),
      runs,
    );
  });

  test("Sinkhorn's plan stays finite for scores to 10000, and its columns sum to 1", async () => {
    const short = await prepare(matching({ iterations: 50 }), { read: ["marginals"] });
    fc.assert(
      fc.property(square(6, 1e4), ({ edge }) => {
        const { marginals } = short.sync({ score: tensor([edge]) });
        allOnes(sums(marginals).columns);
      }),
      runs,
    );
  });

  test("Sinkhorn's plan maximises ⟨Q, S⟩ + H(Q) among doubly stochastic matrices", () => {
    fc.assert(
      fc.property(square(5, 3), ({ edge }) => {
        const objective = ({ data }: Tensor): number =>
          Array.from(data).reduce(
            (sum, q, k) => sum + q * (at(edge.flat(), k) - (q > 0 ? Math.log(q) : 0)),
            0,
          );
        const score = tensor([edge]);
        const best = objective(plan.sync({ score }).marginals);
        expect(objective(exact.sync({ score }).marginals)).toBeLessThanOrEqual(best + 1e-9);
      }),
      runs,
    );
  });

  test("scores of a row or a column alone change nothing", () => {
    fc.assert(
      fc.property(square(5, 3), ({ edge, node }) => {
        const shifted = edge.map((row, i) =>
          row.map((s, j) => s + (node[i] ?? 0) - 2 * (node[j] ?? 0)),
        );
        for (const read of [plan, exact]) {
          const [a, b] = [edge, shifted].map((s) => read.sync({ score: tensor([s]) }).marginals);
          a?.data.forEach((p, k) => {
            close(at(b?.data ?? [], k), p, 1e-9);
          });
        }
      }),
      runs,
    );
  });
});

describe("motifs", async () => {
  /** Scores as queries, against keys that are the unit vectors. */
  const inputs = (score: number[][], value: number[][], support: number[][][]) => {
    const n = score.length;
    const unit = range(n).map((i) => range(n).map((j) => (i === j ? 1 : 0)));
    return {
      query: tensor([[score]]),
      key: tensor([[unit]]),
      value: tensor([[value]]),
      support: tensor(support),
    };
  };
  const mask = (n: number, full = false): fc.Arbitrary<number[][]> =>
    fc.array(
      fc
        .array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n })
        .map((row, i = 0) => (full && !row.includes(1) ? row.with(i % n, 1) : row)),
      { minLength: n, maxLength: n },
    );
  const potential = scaledDot({ scale: 1 });

  test("one motif is attention on its graph", async () => {
    const read = await prepare(motif({ potential }));
    const masked = await prepare(graph(edgesFrom(), { potential }));
    fc.assert(
      fc.property(
        square(5, 50).chain((d) => fc.tuple(fc.constant(d.edge), mask(d.edge.length, true))),
        ([score, support]) => {
          const given = inputs(score, score, [support]);
          const pairs = support.flatMap((row, i) =>
            row.flatMap((s, j) => (s === 1 ? [[i, j]] : [])),
          );
          const { support: _, ...plain } = given;
          const edges = { data: Int32Array.from(pairs.flat()), shape: [pairs.length, 2] };
          const expected = masked.sync({ ...plain, edges }).expectation;
          read.sync(given).expectation.data.forEach((y, k) => {
            close(y, at(expected.data, k), 1e-10);
          });
        },
      ),
      runs,
    );
  });

  test("flat scores leave the weights of the motifs, however large their graphs are", async () => {
    const read = await prepare(motif({ potential, logWeight: "log_weight" }), { read: ["motif"] });
    fc.assert(
      fc.property(fc.tuple(mask(4, true), mask(4, true), matrix(1, 2, 5)), ([a, b, [w = []]]) => {
        const flat = range(4).map(() => range(4).map(() => 3));
        const given = { ...inputs(flat, flat, [a, b]), log_weight: tensor(w) };
        const odds = Math.exp(at(w, 0) - at(w, 1));
        close(at(read.sync(given).motif.data, 0), odds / (1 + odds), 1e-10);
      }),
      runs,
    );
  });

  test.each(bounds)(
    "probabilities of motifs sum to 1, or are 0 without any, scores to %d",
    async (bound) => {
      const read = await prepare(motif({ potential }), { read: ["motif", "expectation"] });
      fc.assert(
        fc.property(
          square(4, bound).chain((d) =>
            fc.tuple(fc.constant(d.edge), mask(d.edge.length), mask(d.edge.length)),
          ),
          ([score, a, b]) => {
            const got = read.sync(inputs(score, score, [a, b]));
            const possible = [a, b].map((rows) => rows.every((row) => row.includes(1)));
            const total = Array.from(got.motif.data).reduce((x, y) => x + y, 0);
            close(total, possible.includes(true) ? 1 : 0, 1e-10);
            possible.forEach((can, g) => {
              if (!can) expect(at(got.motif.data, g)).toBe(0);
            });
            if (!possible.includes(true))
              expect(got.expectation.data.every((y) => y === 0)).toBe(true);
          },
        ),
        runs,
      );
    },
  );
});

describe("the log partition is convex in the scores", () => {
  type Scores = Record<string, Tensor>;
  const between = (a: Scores, b: Scores): Scores =>
    Object.fromEntries(
      Object.entries(a).map(([name, { data, shape }]) => [
        name,
        { data: Float64Array.from(data, (x, k) => (x + at(b[name]?.data ?? [], k)) / 2), shape },
      ]),
    );
  const midpoint = async (model: JointModel, pair: fc.Arbitrary<[Scores, Scores]>) => {
    const read = await prepare(model, { read: ["logPartition"] });
    const logZ = (of: Scores): number => at(read.sync(of).logPartition.data, 0);
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [middle, ends] = [logZ(between(a, b)), (logZ(a) + logZ(b)) / 2];
        expect(middle).toBeLessThanOrEqual(ends + 1e-10 * Math.max(1, Math.abs(ends)));
      }),
      runs,
    );
  };
  const tensors = (shapes: Record<string, number[]>): fc.Arbitrary<[Scores, Scores]> => {
    const one = fc.record(
      Object.fromEntries(
        Object.entries(shapes).map(([name, shape]) => {
          const count = shape.reduce((a, b) => a * b, 1);
          const made = matrix(1, count, 50).map(([row = []]) => ({
            data: Float64Array.from(row),
            shape,
          }));
          return [name, made];
        }),
      ),
    );
    return fc.tuple(one, one);
  };

  test("of chains", () => midpoint(chain(), tensors({ unary: [1, 4, 3], pairwise: [1, 3, 3, 3] })));
  test.each(["one", "many"] as const)("of trees, %s root", (roots) =>
    midpoint(tree({ roots }), tensors({ head: [1, 4, 4], root: [1, 4] })),
  );
  test("of permutations", () =>
    midpoint(matching({ method: "exact" }), tensors({ score: [1, 4, 4] })));

  test("of motifs", async () => {
    const model = motif({ potential: scaledDot({ scale: 1 }), logWeight: "log_weight" });
    const read = await prepare(model, { read: ["logPartition"] });
    const key = tensor([[range(3).map((i) => range(3).map((j) => (i === j ? 1 : 0)))]]);
    const support = tensor([
      [
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 1],
      ],
      [
        [1, 1, 0],
        [1, 1, 1],
        [0, 1, 1],
      ],
    ]);
    const logZ = (of: Scores): number =>
      at(read.sync({ ...of, key, support }).logPartition.data, 0);
    fc.assert(
      fc.property(tensors({ query: [1, 1, 3, 3], log_weight: [2] }), ([a, b]) => {
        const [middle, ends] = [logZ(between(a, b)), (logZ(a) + logZ(b)) / 2];
        expect(middle).toBeLessThanOrEqual(ends + 1e-10 * Math.max(1, Math.abs(ends)));
      }),
      runs,
    );
  });
});
