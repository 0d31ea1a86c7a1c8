import { EdgewiseError, type Tensor, tensor } from "edgewise";
import { describe, expect, it } from "vitest";
import { gradientRow, runRow } from "./execute.ts";
import { rowNamed } from "./rows.ts";

const filled = (shape: number[], value = 0.5): Tensor => ({
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  shape,
});
const none = Number.NEGATIVE_INFINITY;
const sequence = { unary: filled([2, 4, 3]), pairwise: filled([2, 3, 3, 3]) };
const heads = { head: filled([2, 3, 3]), root: filled([2, 3]) };
const mixture = {
  query: filled([2, 4, 3, 2]),
  key: filled([2, 2, 5, 2]),
  value: filled([2, 2, 5, 1]),
  support: filled([3, 3, 5], 1),
};

const run = (row: string, tensors: Record<string, Tensor>, config: object = {}) =>
  runRow(rowNamed(row), new Map(Object.entries(tensors)), config, { engine: "reference" });
const gradient = (row: string, tensors: Record<string, Tensor>, config: object = {}) =>
  gradientRow(rowNamed(row), new Map(Object.entries(tensors)), config, { engine: "reference" });
const shapes = async (row: string, tensors: Record<string, Tensor>, config: object = {}) =>
  Object.fromEntries([...(await run(row, tensors, config)).outputs].map(([k, t]) => [k, t.shape]));

describe("rows of structured posteriors", () => {
  it("write the outputs of the contract", async () => {
    expect(await shapes("chain", sequence)).toEqual({ marginals: [2, 4, 3], log_partition: [2] });
    expect(await shapes("tree", heads, { roots: "many" })).toEqual({
      marginals: [2, 3, 3],
      root_marginals: [2, 3],
      log_partition: [2],
    });
    for (const method of ["sinkhorn", "exact"])
      expect(await shapes("matching", { score: filled([2, 3, 3]) }, { method })).toEqual({
        marginals: [2, 3, 3],
      });
    const config = {
      causal: true,
      window: [1, null],
      softcap: 3,
      temperature: 2,
      whenEmpty: "zero",
    };
    expect(await shapes("motif", { ...mixture, slope: filled([4]) }, config)).toEqual({
      expectation: [2, 4, 3, 1],
      motif: [2, 4, 3],
    });
  });

  it("take lengths of 0", async () => {
    const steps = { unary: filled([1, 0, 3]), pairwise: filled([1, 0, 3, 3]) };
    expect(await shapes("chain", steps)).toEqual({ marginals: [1, 0, 3], log_partition: [1] });
    const nodes = { head: filled([1, 0, 0]), root: filled([1, 0]) };
    expect((await shapes("tree", nodes))["marginals"]).toEqual([1, 0, 0]);
    expect(await shapes("matching", { score: filled([0, 5, 5]) })).toEqual({
      marginals: [0, 5, 5],
    });
  });

  it("have gradients by every floating input, and none by the support", async () => {
    const of = async (row: string, tensors: Record<string, Tensor>, config = {}) =>
      [...(await gradient(row, tensors, config)).outputs.keys()].toSorted();
    expect(await of("chain", { ...sequence, d_log_partition: filled([2]) })).toEqual([
      "d_pairwise",
      "d_unary",
    ]);
    expect(await of("tree", { ...heads, d_root_marginals: filled([2, 3]) })).toEqual([
      "d_head",
      "d_root",
    ]);
    const weighed = { ...mixture, log_weight: tensor([0, none, 1]) };
    expect(await of("motif", { ...weighed, d_motif: filled([2, 4, 3]) })).toEqual([
      "d_key",
      "d_log_weight",
      "d_query",
      "d_value",
    ]);
  });

  it("say how gradients pass Sinkhorn's iterations", async () => {
    const tensors = { score: filled([1, 2, 2]), d_marginals: filled([1, 2, 2]) };
    expect((await gradient("matching", tensors)).info).toEqual({ gradient: "unrolled" });
    expect((await gradient("matching", tensors, { method: "exact" })).info).toEqual({
      gradient: "direct",
    });
  });

  it("say whether Sinkhorn's iterations converged", async () => {
    const score = tensor([
      [
        [3, 1],
        [0, 9],
      ],
    ]);
    const { info } = await run("matching", { score }, { iterations: 2 });
    expect(info).toMatchObject({ iterations: { sinkhorn: 2 }, converged: { sinkhorn: false } });
  });

  it("a prior expression may name the support", async () => {
    const prior = "support[0, i, j] + 0 * log_weight[0]";
    const named = { ...mixture, log_weight: tensor([1, 2, 3]) };
    const { outputs } = await run("motif", named, { prior });
    // A tensor that a text names is not applied a second time by itself.
    for (const p of outputs.get("motif")?.data ?? []) expect(p).toBeCloseTo(1 / 3, 12);
  });

  it.each<[string, string, Record<string, Tensor>, object, string, string]>([
    [
      "pairs of as many steps as there are states at",
      "chain",
      { ...sequence, pairwise: filled([2, 4, 3, 3]) },
      {},
      "shape_mismatch",
      "T-1 = 3, as in unary",
    ],
    [
      "scores that are not square",
      "matching",
      { score: filled([1, 3, 4]) },
      {},
      "shape_mismatch",
      "N = 3, as in score",
    ],
    [
      "nine nodes to match exactly",
      "matching",
      { score: filled([1, 9, 9]) },
      { method: "exact" },
      "shape_mismatch",
      'method: "sinkhorn"',
    ],
    [
      "another method",
      "matching",
      { score: filled([1, 2, 2]) },
      { method: "hungarian" },
      "bad_option",
      '"exact"',
    ],
    [
      "no iterations",
      "matching",
      { score: filled([1, 2, 2]) },
      { iterations: 0 },
      "bad_option",
      "iterations: 0",
    ],
    ["two roots", "tree", heads, { roots: "two" }, "bad_option", "roots"],
    [
      "a head without a score",
      "tree",
      { ...heads, root: filled([2, 3], none) },
      {},
      "not_finite",
      "root",
    ],
    ["a key of a chain", "chain", sequence, { temperature: 2 }, "unknown_option", "temperature"],
    [
      "a support of one half",
      "motif",
      { ...mixture, support: filled([3, 3, 5]) },
      {},
      "bad_option",
      "0 or 1",
    ],
    [
      "a support of other lengths",
      "motif",
      { ...mixture, support: filled([3, 5, 3], 1) },
      {},
      "shape_mismatch",
      "N = 3",
    ],
    [
      "weights of fewer motifs",
      "motif",
      { ...mixture, log_weight: filled([2]) },
      {},
      "shape_mismatch",
      "K = 3",
    ],
    [
      "the dense posterior of a motif",
      "motif",
      mixture,
      { posterior: true },
      "unknown_option",
      "posterior",
    ],
    [
      "no possible motif, where the config says so",
      "motif",
      { ...mixture, support: filled([3, 3, 5], 0) },
      { whenEmpty: "throw" },
      "empty_neighbourhood",
      "whenEmpty",
    ],
  ])("refuse %s", async (_, row, tensors, config, code, text) => {
    const failure = await run(row, tensors, config).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EdgewiseError);
    expect((failure as EdgewiseError).code).toBe(code);
    expect((failure as EdgewiseError).message).toContain(text);
  });
});
