import {
  causal,
  cross,
  edges,
  edgesFrom,
  explain,
  expression,
  feedForward,
  given,
  graph,
  hopfield,
  type Model,
  posteriorExpectation,
  type Shapes,
  self,
  slot,
  tensor,
  tree,
  window,
} from "edgewise";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fasterThan } from "../../src/posterior/explanation.ts";
import { withoutRelaxedSimd } from "./runtimes.ts";

const square = (nodes: number, heads = 2, width = 4): Record<string, number[]> => {
  const shape = [1, heads, nodes, width];
  return { query: shape, key: shape, value: shape };
};
const numbers = (shapes: Shapes) =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, of]) => {
      const shape = "shape" in of ? of.shape : of;
      const count = shape.reduce((a, b) => a * b, 1);
      return [name, { data: Float32Array.from({ length: count }, (_, k) => (k % 7) / 8), shape }];
    }),
  );

afterEach(() => void vi.restoreAllMocks());

describe("an explanation", () => {
  it("is plain data: engine, reason, verdicts, steps", async () => {
    const said = await explain(self());
    expect(JSON.parse(JSON.stringify(said))).toEqual(said);
    expect(said).toMatchObject({
      engine: "wasm",
      why: expect.stringMatching(/^wasm is the fastest/),
    });
    expect(said.engines.map(({ name, runs }) => [name, runs])).toEqual([
      ["wasm", true],
      ["reference", true],
    ]);
    const steps = said.steps.map(({ step }) => step);
    expect(steps).toEqual(expect.arrayContaining(["logPartition", "logEvidence", "entropy"]));
    for (const { lowered } of said.steps) expect(lowered).not.toBe("");
    expect(said).not.toHaveProperty("cost");
  });

  it("follows iterations inside, and names routines with their reason", async () => {
    const iterated = await explain(slot());
    const [at, ...more] = iterated.steps.flatMap(({ lowered }, k) =>
      lowered.startsWith("an iteration") ? [k] : [],
    );
    expect(more).toEqual([]);
    expect(iterated.steps.length).toBeGreaterThan((at ?? 0) + 1);
    const { steps } = await explain(tree(), undefined, { read: ["marginals"] });
    expect(steps).toContainEqual({
      step: "matrixTree",
      lowered: expect.stringContaining("routine"),
      reason: expect.any(String),
    });
  });

  it("is of the readings that were asked for", async () => {
    const { steps } = await explain(self(), undefined, { read: ["logEvidence"] });
    expect(steps.map(({ step }) => step)).not.toContain("entropy");
    await expect(explain(self(), undefined, { read: ["expectaton"] })).rejects.toThrow(
      "write expectation",
    );
    await expect(explain(self(), undefined, { reed: [] } as object)).rejects.toThrow("write read");
  });
});

describe("the cost of a call", () => {
  const cases: [string, Model, Shapes][] = [
    ["dense", self(), square(9)],
    ["grouped", cross(), { ...square(6, 4), key: [1, 2, 5, 4], value: [1, 2, 5, 3] }],
    ["causal", self({ graph: causal() }), square(9)],
    ["a window", self({ graph: window({ back: 2, ahead: 1 }) }), square(9)],
    [
      "a prior as text",
      self({ prior: expression("where(mod(i, 2) == 0, 0, forbidden)") }),
      square(9),
    ],
    [
      "a list",
      graph(
        edges([
          [0, 1],
          [1, 1],
          [2, 0],
          [2, 0],
        ]),
      ),
      square(3),
    ],
    ["an iteration", hopfield({ maxIterations: 3 }), { state: [2, 3, 4], patterns: [2, 5, 4] }],
    ["slots", slot({ maxIterations: 2 }), { inputs: [2, 5, 4], slots: [2, 3, 4] }],
    ["a layer", feedForward(), { query: [2, 3, 4], key: [7, 4], value: [7, 5] }],
    ["nobody", self(), square(0)],
  ];

  it.each(cases)("%s: counts the edges that a call counts", async (_, model, shapes) => {
    const { cost } = await explain(model, shapes);
    const { info } = await posteriorExpectation(model, numbers(shapes));
    expect(cost).toMatchObject({ edges: info.edges, isExact: true });
  });

  it("of dense attention is 2 (D + V) operations an edge, and some for the weight", async () => {
    const { cost } = await explain(self(), square(256, 8, 64));
    const each = (cost?.flops ?? 0) / (cost?.edges ?? 1);
    expect(each).toBeGreaterThan(2 * (64 + 64));
    expect(each).toBeLessThan(2 * (64 + 64) + 20);
  });

  it("follows the structure, not the square of the length", async () => {
    const cost = async (nodes: number, back: number) =>
      (await explain(self({ graph: window({ back, ahead: 0 }) }), square(nodes))).cost;
    const [one, longer, wider] = [await cost(4096, 31), await cost(8192, 31), await cost(4096, 63)];
    expect((longer?.edges ?? 0) / (one?.edges ?? 1)).toBeCloseTo(2, 1);
    expect((wider?.flops ?? 0) / (one?.flops ?? 1)).toBeCloseTo(2, 1);
    expect((longer?.bytes ?? 0) / (one?.bytes ?? 1)).toBeCloseTo(2, 3);
    expect(one?.bytes).toBeLessThan(20 * 4 * 2 * 4096 * 4);
  });

  it("is an estimate where numbers decide which edges there are, or how many rounds", async () => {
    const shapes = { ...square(5), log_prior: [1, 1, 5, 5] };
    const masked = await explain(self({ prior: given() }), shapes);
    expect(masked.cost).toMatchObject({ edges: 50, isExact: false });
    const settles = hopfield({ maxIterations: 9, tolerance: 1e-3 });
    const { cost } = await explain(settles, { state: [1, 2, 4], patterns: [1, 3, 4] });
    expect(cost).toMatchObject({ edges: 60, isExact: false });
  });

  it("of a graph that is data wants the data", async () => {
    const model = self({ graph: edgesFrom("pairs") });
    const pairs = tensor([
      [0, 0],
      [1, 0],
    ]);
    const counted = await explain(model, { ...square(2), pairs });
    expect(counted.cost).toMatchObject({ edges: 4, isExact: true });
    await expect(explain(model, { ...square(2), pairs: [2, 2] })).rejects.toMatchObject({
      code: "missing_tensor",
      expected: "the tensor, whose edges are the graph",
    });
  });

  it.each<[string, object, string]>([
    ["a misspelt name", { ...square(2), qury: [1] }, "unknown_tensor"],
    ["a missing shape", { query: [1, 1, 2, 2] }, "missing_tensor"],
    [
      "lengths that differ",
      { ...square(2), key: [1, 2, 3, 4], query: [1, 2, 2, 5] },
      "shape_mismatch",
    ],
    ["what is no shape", { ...square(2), query: 4 }, "shape_mismatch"],
  ])("%s is refused", async (_, shapes, code) => {
    await expect(explain(self(), shapes as Shapes)).rejects.toMatchObject({ code });
  });
});

describe("what would be faster", () => {
  const here = { simd: true, relaxedSimd: true, sharedMemory: true, cores: 1, inPage: false };
  const wasm = { name: "wasm" };
  const page = { ...here, inPage: true, sharedMemory: false, cores: 4 };

  it("is nothing where everything is there", () => {
    expect(fasterThan(wasm, here, false)).toEqual([]);
    expect(fasterThan({ ...wasm, threads: 4 }, { ...here, cores: 4 }, false)).toEqual([]);
  });

  it.each([
    ["a native runtime for plain dense attention", wasm, here, true, "onnxruntime-node"],
    ["threads that are not asked for", wasm, { ...here, cores: 4 }, false, "wasm({ threads: 4 })"],
    ["isolation of a page", wasm, page, false, "Cross-Origin-Embedder-Policy"],
    ["fused instructions", wasm, { ...here, relaxedSimd: false }, false, "relaxed SIMD"],
    ["vectors", { name: "reference" }, { ...here, simd: false }, false, "WebAssembly SIMD"],
  ])("%s", (_, engine, features, isDense, words) => {
    expect(fasterThan(engine, features, isDense)).toEqual([expect.stringContaining(words)]);
  });

  it("names the native runtime for plain dense attention alone", async () => {
    const natively = async (model: Model) =>
      (await explain(model)).faster.some((line) => line.startsWith("onnxruntime-node"));
    expect(await natively(self())).toBe(true);
    expect(await natively(self({ graph: causal() }))).toBe(false);
    expect(await natively(self({ prior: given() }))).toBe(false);
    expect(await natively(hopfield())).toBe(false);
  });

  it("is told of the runtime at hand", async () => {
    withoutRelaxedSimd();
    const { why, faster } = await explain(self());
    expect(why).not.toContain("fused");
    expect(faster).toContainEqual(expect.stringContaining("relaxed SIMD"));
  });
});
