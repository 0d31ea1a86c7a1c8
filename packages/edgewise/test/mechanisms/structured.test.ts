import {
  causal,
  chain,
  cross,
  draw,
  edges,
  type Inputs,
  jointModel,
  type Model,
  matching,
  motif,
  motifs,
  parameter,
  type Tensor,
  tensor,
  tree,
  union,
} from "edgewise";
import { describe, expect, test, vi } from "vitest";
import { LogSum } from "../../src/ir/routine/run/logs.ts";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { at, random } from "../random.ts";

const empty = (...shape: number[]): Tensor => ({ data: new Float64Array(0), shape });
const ln2 = Math.log(2);

describe("by hand", () => {
  test("a chain of two steps: four paths of weights 2, 6, 3, 1", async () => {
    const inputs = {
      unary: tensor([
        [
          [0, 0],
          [0, 0],
        ],
      ]),
      pairwise: tensor([
        [
          [
            [Math.log(2), Math.log(6)],
            [Math.log(3), 0],
          ],
        ],
      ]),
      value: tensor([[[10], [100]]]),
    };
    const read = ["marginals", "logPartition", "expectation"] as const;
    const got = await posteriorExpectation(chain(), inputs, { read });
    near(got.logPartition, [Math.log(12)]);
    near(got.marginals, [8 / 12, 4 / 12, 5 / 12, 7 / 12]);
    // State k: Σₜ Pr[sₜ = k] xₜ.
    near(got.expectation, [(80 + 500) / 12, (40 + 700) / 12]);
  });

  test("a tree of two nodes: with one root 2·3 and 5·7, with many also 2·5", async () => {
    const inputs = {
      head: tensor([
        [
          [99, Math.log(3)],
          [Math.log(7), -99],
        ],
      ]),
      root: tensor([[Math.log(2), Math.log(5)]]),
      value: tensor([[[1], [10]]]),
    };
    const read = ["marginals", "rootMarginals", "logPartition", "expectation"] as const;
    const one = await posteriorExpectation(tree(), inputs, { read });
    near(one.logPartition, [Math.log(41)]);
    near(one.marginals, [0, 6 / 41, 35 / 41, 0]);
    near(one.rootMarginals, [6 / 41, 35 / 41]);
    near(one.expectation, [350 / 41, 6 / 41]);
    const many = await posteriorExpectation(tree({ roots: "many" }), inputs, { read });
    near(many.logPartition, [Math.log(51)]);
    near(many.rootMarginals, [16 / 51, 45 / 51]);
  });

  test("a matching of two nodes: (2·3) against (1·4); Sinkhorn by √(6/4)", async () => {
    const inputs = {
      score: tensor([
        [
          [Math.log(2), 0],
          [Math.log(4), Math.log(3)],
        ],
      ]),
      value: tensor([[[1], [10]]]),
      chooser_value: tensor([[[1], [10]]]),
    };
    const exact = await posteriorExpectation(matching({ method: "exact" }), inputs, {
      read: ["marginals", "logPartition", "expectation", "scatter"],
    });
    near(exact.logPartition, [Math.log(10)]);
    near(exact.marginals, [0.6, 0.4, 0.4, 0.6]);
    near(exact.expectation, [4.6, 6.4]);
    near(exact.scatter, [4.6, 6.4]);
    // The products along both diagonals keep their ratio: q² / (1 − q)² = 6/4.
    const plan = await posteriorExpectation(matching({ tolerance: 1e-14 }), inputs, {
      read: ["marginals"],
    });
    const q = Math.sqrt(1.5) / (1 + Math.sqrt(1.5));
    near(plan.marginals, [q, 1 - q, 1 - q, q]);
  });

  test("two motifs of one row: the one with twice the mean weight is twice as probable", async () => {
    const inputs = {
      query: tensor([[[[1]]]]),
      key: tensor([[[[0], [Math.log(3)]]]]),
      value: tensor([[[[1], [5]]]]),
      support: tensor([[[1, 0]], [[1, 1]]]),
    };
    const got = await posteriorExpectation(motif(), inputs, { read: ["motif", "expectation"] });
    near(got.motif, [1 / 3, 2 / 3]);
    near(got.expectation, [1 / 3 + (2 / 3) * 4]);
  });
});

describe("Sinkhorn's plan and the marginals of permutations", () => {
  test("are different numbers on a random matrix of 5 × 5", async () => {
    const score = random(7).normal([1, 5, 5]);
    const read = ["marginals"] as const;
    const plan = await posteriorExpectation(matching({ tolerance: 1e-12 }), { score }, { read });
    const exact = await posteriorExpectation(matching({ method: "exact" }), { score }, { read });
    const gap = plan.marginals.data.map((q, k) => Math.abs(q - at(exact.marginals.data, k)));
    expect(Math.max(...gap)).toBeGreaterThan(0.03);
  });

  test("iterations end at the tolerance, and say how many they were", async () => {
    const score = random(8).normal([3, 4, 4]);
    const model = matching({ tolerance: 1e-3 });
    const { marginals, info } = await posteriorExpectation(
      model,
      { score },
      { read: ["marginals"] },
    );
    expect(info.converged).toEqual({ sinkhorn: true });
    expect(info.iterations["sinkhorn"]).toBeLessThan(100);
    const rows = [...marginals.data.keys()].filter((k) => k % 4 === 0);
    for (const k of rows)
      expect(
        Math.abs(Array.from(marginals.data.subarray(k, k + 4)).reduce((a, b) => a + b, 0) - 1),
      ).toBeLessThan(1e-3);
  });

  test("iterations that end at their cap say that they have not converged", async () => {
    const score = tensor([
      [
        [9, 0, 0],
        [9, 0, 0],
        [0, 9, 9],
      ],
    ]);
    const model = matching({ iterations: 3 });
    const { info } = await posteriorExpectation(model, { score }, { read: ["marginals"] });
    expect(info).toMatchObject({ iterations: { sinkhorn: 3 }, converged: { sinkhorn: false } });
  });

  test("other inferences say nothing of convergence", async () => {
    const inputs = { unary: empty(1, 0, 2), pairwise: empty(1, 0, 2, 2) };
    const { info } = await posteriorExpectation(chain(), inputs, { read: ["marginals"] });
    expect(info).not.toHaveProperty("converged");
  });
});

describe("scores of 10000", () => {
  test("best edges that form a cycle do not swallow the trees", async () => {
    const inputs = {
      head: tensor([
        [
          [0, 1e4, -1e4],
          [1e4, 0, -1e4],
          [0, 0, 0],
        ],
      ]),
      root: tensor([[-1e4, -1e4, -1e4]]),
    };
    const read = ["marginals", "rootMarginals", "logPartition"] as const;
    for (const roots of ["one", "many"] as const) {
      // Two trees of weight 1, 2 → 0 → 1 and 2 → 1 → 0; the others weigh e^−10000 or less.
      const got = await posteriorExpectation(tree({ roots }), inputs, { read });
      near(got.logPartition, [ln2]);
      near(got.rootMarginals, [0, 0, 1]);
      near(got.marginals, [0, 0.5, 0, 0.5, 0, 0, 0.5, 0.5, 0]);
    }
  });

  test("a gradient of the tree stays finite", async () => {
    const head = random(9).normal([1, 6, 6], 1e4);
    const root = random(10).normal([1, 6], 1e4);
    const attend = await prepare(tree(), { read: ["marginals"] });
    const cotangent = random(11).normal([1, 6, 6]);
    const got = attend.gradientSync({ head, root }, { marginals: cotangent });
    for (const { data } of Object.values(got)) expect(data.every(Number.isFinite)).toBe(true);
  });
});

describe("nothing", () => {
  const none = Number.NEGATIVE_INFINITY;
  test.each<[string, Model, Inputs, Record<string, number[]>]>([
    [
      "a chain without steps has one path",
      chain(),
      { unary: empty(2, 0, 3), pairwise: empty(2, 0, 3, 3) },
      { marginals: [], pairMarginals: [], logPartition: [0, 0] },
    ],
    [
      "a chain of one step has no pairs",
      chain(),
      { unary: tensor([[[0, ln2]]]), pairwise: empty(1, 0, 2, 2) },
      { marginals: [1 / 3, 2 / 3], pairMarginals: [], logPartition: [Math.log(3)] },
    ],
    [
      "a chain without states has no path",
      chain(),
      { unary: empty(1, 1e12, 0), pairwise: empty(1, 1e12 - 1, 0, 0) },
      { marginals: [], logPartition: [none] },
    ],
    [
      "without nodes there is a forest and no tree of one root",
      tree(),
      { head: empty(1, 0, 0), root: empty(1, 0) },
      { marginals: [], rootMarginals: [], logPartition: [none] },
    ],
    [
      "one node is its own root",
      tree(),
      { head: tensor([[[7]]]), root: tensor([[3]]) },
      { marginals: [0], rootMarginals: [1], logPartition: [3] },
    ],
    ["no nodes, no pairs", matching(), { score: empty(2, 0, 0) }, { marginals: [] }],
    [
      "no nodes have one permutation",
      matching({ method: "exact" }),
      { score: empty(1, 0, 0) },
      { marginals: [], logPartition: [0] },
    ],
    [
      "no batch, nothing to do, however many nodes",
      tree(),
      { head: empty(0, 1e6, 1e6), root: empty(0, 1e6) },
      { rootMarginals: [], logPartition: [] },
    ],
  ])("%s", async (_, model, inputs, expected) => {
    const got = await posteriorExpectation(model, inputs, { read: Object.keys(expected) });
    for (const [name, numbers] of Object.entries(expected)) near(got[name], numbers);
    const attend = await prepare(model);
    const cotangents = Object.fromEntries(
      Object.keys(expected).map((name) => [
        name,
        { data: new Float64Array(got[name]?.data.length ?? 0), shape: got[name]?.shape ?? [] },
      ]),
    );
    const gradient = await attend.gradient(inputs, cotangents);
    expect(Object.keys(gradient).toSorted()).toEqual(Object.keys(inputs).toSorted());
  });

  test("without motifs, receivers or senders the expectation is 0", async () => {
    for (const [K, N, M] of [
      [0, 2, 3],
      [2, 0, 3],
      [2, 2, 0],
    ] as const) {
      const rng = random(1);
      const inputs = {
        query: rng.normal([1, 1, N, 2]),
        key: rng.normal([1, 1, M, 2]),
        value: rng.normal([1, 1, M, 1]),
        support: rng.coins(1, [K, N, M]),
      };
      const read = ["expectation", "motif"] as const;
      const got = await posteriorExpectation(motif(), inputs, { read });
      expect([...got.expectation.data]).toEqual(new Array(N).fill(0));
      // Without receivers every motif explains nothing alike.
      expect([...got.motif.data]).toEqual(new Array(K).fill(N === 0 ? 0.5 : 0));
    }
  });

  test('whenEmpty: "throw" stops where no motif is possible, and only there', async () => {
    const rng = random(2);
    const inputs = {
      query: rng.normal([1, 2, 2, 2]),
      key: rng.normal([1, 2, 2, 2]),
      value: rng.normal([1, 2, 2, 1]),
    };
    const model = motif({ whenEmpty: "throw" });
    const possible = tensor([
      [
        [1, 1],
        [0, 0],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    await posteriorExpectation(model, { ...inputs, support: possible });
    const impossible = tensor([
      [
        [1, 1],
        [0, 0],
      ],
    ]);
    await expect(posteriorExpectation(model, { ...inputs, support: impossible })).rejects.toThrow(
      "empty_neighbourhood",
    );
  });
});

test("a chain costs terms in proportion to T K²", async () => {
  const attend = await prepare(chain(), { read: ["marginals", "logPartition"] });
  const terms = (T: number, K: number): number => {
    const add = vi.spyOn(LogSum.prototype, "add");
    const rng = random(3);
    attend.sync({ unary: rng.normal([1, T, K]), pairwise: rng.normal([1, T - 1, K, K]) });
    const count = add.mock.calls.length;
    add.mockRestore();
    return count;
  };
  // One term for each pair forwards, backwards and in the pair marginals, and a few for each state.
  for (const [T, K] of [
    [2, 5],
    [40, 5],
    [40, 10],
    [80, 10],
  ] as const) {
    expect(terms(T, K)).toBeGreaterThanOrEqual(2 * (T - 1) * K * K);
    expect(terms(T, K)).toBeLessThanOrEqual(3 * (T - 1) * K * K + 4 * T * K);
  }
});

describe("what is refused", () => {
  test("an expectation without values names the marginals, which need none", async () => {
    const inputs = { head: tensor([[[0]]]), root: tensor([[0]]) };
    const failure = posteriorExpectation(tree(), inputs);
    await expect(failure).rejects.toThrow("missing_tensor");
    await expect(failure).rejects.toThrow('read: ["marginals"]');
  });

  test.each<[string, () => unknown, string, string]>([
    ["a method nobody knows", () => matching({ method: "exakt" as "exact" }), "bad_model", "exact"],
    ["roots nobody knows", () => tree({ roots: "two" as "one" }), "bad_model", "one of one, many"],
    ["no temperature", () => matching({ temperature: 0 }), "bad_model", "above 0"],
    ["half an iteration", () => matching({ iterations: 0.5 }), "bad_model", "whole number"],
    ["a negative tolerance", () => matching({ tolerance: -1 }), "bad_model", "at least 0"],
    [
      "a misspelt option",
      () => matching({ methd: "exact" } as object),
      "bad_model",
      "write method in place of methd",
    ],
    [
      "a structure nobody knows",
      () => jointModel({ structure: { kind: "lattice" } as never }),
      "bad_model",
      "one of linearChain, dependencyTree, perfectMatching",
    ],
    [
      "an unknown key of a model",
      () => jointModel({ structure: tree().structure, graph: causal() } as never),
      "unknown_option",
      "graph",
    ],
    ["motifs in a union", () => cross({ graph: union(causal(), motifs()) }), "bad_model", "union"],
    ["two libraries", () => motif({ graph: motifs({ support: "other" }) }), "bad_model", "2 lib"],
    ["motifs beside a list", () => motif({ graph: edges([[0, 1]]) }), "bad_model", "list of edges"],
    [
      "motifs that are drawn from",
      () => motif({ inference: draw() }),
      "bad_model",
      "inference draw",
    ],
    ["senders that choose", () => motif({ chooser: "sender" }), "bad_model", "senders that choose"],
    [
      "a joint temperature for each node",
      () => motif({ tempering: "joint", temperature: parameter("temperature", ["H", "N"]) }),
      "bad_model",
      '["H"]',
    ],
  ])("%s, in a declaration", (_, declare, code, text) => {
    expect(declare).toThrow(code);
    expect(declare).toThrow(text);
  });

  const square = (n: number): Tensor => random(4).normal([1, n, n]);
  const attention = {
    query: random(5).normal([1, 1, 2, 2]),
    key: random(6).normal([1, 1, 2, 2]),
    value: random(7).normal([1, 1, 2, 2]),
  };
  const none = Number.NEGATIVE_INFINITY;
  test.each<[string, Model, Inputs, string, string]>([
    [
      "nine nodes to match exactly",
      matching({ method: "exact" }),
      { score: square(9) },
      "shape_mismatch",
      'method: "sinkhorn"',
    ],
    [
      "scores that are not square",
      matching(),
      { score: empty(1, 0, 3) },
      "shape_mismatch",
      "N = 0",
    ],
    [
      "pairs of another number of steps",
      chain(),
      { unary: random(1).normal([1, 3, 2]), pairwise: random(1).normal([1, 3, 2, 2]) },
      "shape_mismatch",
      "T-1 = 2",
    ],
    [
      "an edge without a score",
      tree(),
      {
        head: tensor([
          [
            [0, none],
            [0, 0],
          ],
        ]),
        root: tensor([[0, 0]]),
      },
      "not_finite",
      "a finite number",
    ],
    [
      "a root score of NaN",
      tree(),
      { head: square(1), root: tensor([[NaN]]) },
      "not_finite",
      "NaN",
    ],
    [
      "a temperature at which scores leave double precision",
      matching({ temperature: 1e-320 }),
      {
        score: tensor([
          [
            [1, 0],
            [0, 1],
          ],
        ]),
      },
      "not_finite",
      "raise the temperature",
    ],
    ["a matching without scores", matching(), {}, "missing_tensor", "score [B, N, N]"],
    [
      "a support of one half",
      motif(),
      {
        ...attention,
        support: tensor([
          [
            [1, 0.5],
            [1, 1],
          ],
        ]),
      },
      "bad_option",
      "1 where a motif has the edge, and 0 elsewhere",
    ],
    [
      "a weight of +∞",
      motif({ logWeight: "log_weight" }),
      {
        ...attention,
        support: tensor([
          [
            [1, 1],
            [1, 1],
          ],
        ]),
        log_weight: tensor([-none]),
      },
      "not_finite",
      "Infinity in log_weight",
    ],
    [
      "weights that the model does not read",
      motif(),
      {
        ...attention,
        support: tensor([
          [
            [1, 1],
            [1, 1],
          ],
        ]),
        log_weight: tensor([0]),
      },
      "unknown_tensor",
      "log_weight",
    ],
  ])("%s, in the inputs", async (_, model, inputs, code, text) => {
    const read = model.name === "motif" ? ["motif"] : ["marginals"];
    const failure = posteriorExpectation(model, inputs, { read });
    await expect(failure).rejects.toThrow(code);
    await expect(failure).rejects.toThrow(text);
  });
});
