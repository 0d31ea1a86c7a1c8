import { EdgewiseError, type Tensor } from "edgewise";
import { describe, expect, it } from "vitest";
import { gradientRow, runRow } from "./execute.ts";
import type { Row } from "./row.ts";
import { rowNamed, rows } from "./rows.ts";

const filled = (shape: number[], value = 0.5): Tensor => ({
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  shape,
});
const attention = (changes: Record<string, Tensor | undefined> = {}): Map<string, Tensor> => {
  const base = {
    query: filled([1, 2, 3, 4]),
    key: filled([1, 2, 5, 4]),
    value: filled([1, 2, 5, 2]),
    ...changes,
  };
  return new Map(
    Object.entries(base).filter((entry): entry is [string, Tensor] => entry[1] !== undefined),
  );
};

async function complaint(
  row: string,
  tensors: Map<string, Tensor>,
  config: unknown = {},
  gradient = false,
): Promise<EdgewiseError> {
  const execute = gradient ? gradientRow : runRow;
  const failure = await execute(rowNamed(row), tensors, config).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(EdgewiseError);
  return failure as EdgewiseError;
}

describe("wrong tensors", () => {
  it.each([
    [
      "a missing one is named with its shape",
      { value: undefined },
      "missing_tensor",
      "value [B, G, M, V]",
    ],
    [
      "a misspelt one names the nearest",
      { log_prio: filled([1, 1, 3, 5]) },
      "unknown_tensor",
      "write log_prior",
    ],
    ["a wrong rank is refused", { key: filled([2, 5, 4]) }, "shape_mismatch", "[B, G, M, D]"],
    [
      "a wrong width is refused with its source",
      { key: filled([1, 2, 5, 3]) },
      "shape_mismatch",
      "D = 4, as in query",
    ],
    [
      "groups that do not divide the heads are refused",
      { query: filled([1, 3, 3, 4]) },
      "shape_mismatch",
      "divides",
    ],
    [
      "a table of other offsets is refused",
      { relative_prior: filled([2, 8]) },
      "shape_mismatch",
      "N+M-1 = 7",
    ],
    [
      "NaN is refused with its place",
      { value: filled([1, 2, 5, 2], Number.NaN) },
      "not_finite",
      "element 0",
    ],
    [
      "infinity is refused",
      { query: filled([1, 2, 3, 4], Number.POSITIVE_INFINITY) },
      "not_finite",
      "finite",
    ],
    [
      "positions are refused where none are read",
      { position: filled([3, 4]) },
      "unknown_tensor",
      "position",
    ],
    [
      "features of width 0 are refused",
      { query: filled([1, 2, 3, 0]), key: filled([1, 2, 5, 0]) },
      "shape_mismatch",
      "at least 1",
    ],
  ])("%s", async (_, changes, code, text) => {
    const error = await complaint("cross", attention(changes));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it("lengths of 0 are legal", async () => {
    const none = attention({ query: filled([1, 2, 0, 4]) });
    expect((await runRow(rowNamed("cross"), none, {})).outputs.get("expectation")?.shape).toEqual([
      1, 2, 0, 2,
    ]);
    const empty = attention({ key: filled([1, 2, 0, 4]), value: filled([1, 2, 0, 2]) });
    const { outputs } = await runRow(rowNamed("cross"), empty, {});
    expect([...(outputs.get("log_evidence")?.data ?? [])]).toEqual(
      new Array(6).fill(Number.NEGATIVE_INFINITY),
    );
  });

  it("a huge length beside one of 0 costs nothing", async () => {
    const claimed = {
      query: filled([1, 10 ** 12, 0, 4]),
      key: filled([1, 1, 5, 4]),
      value: filled([1, 1, 5, 2]),
    };
    const { outputs } = await runRow(rowNamed("cross"), attention(claimed), {});
    expect(outputs.get("entropy")?.shape).toEqual([1, 10 ** 12, 0]);
  });

  it("annotations come with their mask", async () => {
    const error = await complaint("probabilistic", attention({ fixed: filled([1, 2, 3, 2]) }));
    expect(error.message).toContain("fixed without is_fixed");
  });

  it("a regression takes no log prior", async () => {
    const prior = attention({ log_prior: filled([1, 1, 3, 5]) });
    const error = await complaint("conditional-mean", prior);
    expect(error.code).toBe("unknown_tensor");
    expect(error.message).toContain("query, key, value");
  });

  it("a negative precision is refused", async () => {
    const error = await complaint("probabilistic", attention({ query_precision: filled([], -1) }));
    expect(error.message).toContain("at least 0");
  });
});

describe("wrong configs", () => {
  it.each([
    ["cross", { temprature: 2 }, "unknown_option", "write temperature"],
    ["cross", { temperature: 0 }, "bad_option", "temperature: 0"],
    ["cross", { temperature: null }, "bad_option", "temperature: null"],
    ["cross", { window: [1] }, "bad_option", "window"],
    ["cross", { window: [1, 2.5] }, "bad_option", "a whole number"],
    ["cross", { softcap: 2, potential: "score" }, "bad_option", "20 * tanh(score / 20)"],
    ["cross", { prior: "score" }, "bad_expression", "name score"],
    ["cross", { prior: "slope[head]" }, "bad_expression", "no tensor is given"],
    [
      "cross",
      { prior: "value[0, 0, 9, 0]" },
      "index_out_of_range",
      "index 9 in dimension 3 of value",
    ],
    ["cross", { prior: "log(j - 9)" }, "not_finite", "NaN"],
    ["cross", { prior: "1 / 0" }, "not_finite", "Infinity"],
    ["cross", [], "bad_option", "a list"],
    [
      "cross",
      { whenEmpty: "throw", window: [0, 0], offset: 9 },
      "empty_neighbourhood",
      "the first at [0, 0, 0]",
    ],
    ["hard", {}, "bad_option", "exactly one"],
    ["hard", { mode: true, topK: 2 }, "bad_option", "exactly one"],
    ["hard", { causal: true, mode: true }, "unknown_option", "causal"],
    ["multihop", { resolvent: 0.5, hops: 2 }, "bad_option", "resolvent alone"],
    ["multihop", { resolvent: 1 }, "bad_option", "below 1"],
    ["multihop", { hops: 3, reading: "quenched" }, "bad_option", "two hops"],
    ["multihop", { hops: 3, weights: [1] }, "bad_option", "one weight for each hop"],
    ["rotary", { pairing: "whole" }, "bad_option", "half"],
    ["classifier", { scale: 2 }, "unknown_option", "temperature"],
    ["conditional-mean", { temperature: 2 }, "unknown_option", "keys among kernel"],
    ["conditional-mean", { kernel: "cosine" }, "bad_option", "gaussian"],
    ["conditional-mean", { bandwidth: 0 }, "bad_option", "bandwidth: 0"],
    ["conditional-mean", { ridge: -1 }, "bad_option", "ridge: -1"],
    // Five keys that are alike: definite with a ridge only.
    ["conditional-mean", { ridge: 0 }, "not_positive_definite", "system B = 0, G = 0"],
    ["expanding", { inference: "em" }, "bad_option", "plugin-reset"],
    ["expanding", { inference: "exact", share: "group" }, "bad_option", "one q for each query"],
    ["expanding", { tail: 1 }, "bad_option", "tail: 1"],
    ["expanding", { alpha: 0 }, "bad_option", "alpha: 0"],
    ["expanding", { maxIterations: -1 }, "bad_option", "maxIterations: -1"],
    ["expanding", { causal: true }, "unknown_option", "causal"],
    ["expanding", { selfEdges: false, whenEmpty: "throw" }, "empty_neighbourhood", "[0, 0, 0]"],
  ])("%s with %j is %s", async (row, config, code, text) => {
    const tensors =
      row === "classifier"
        ? new Map([
            ["features", filled([2, 3])],
            ["classes", filled([4, 3])],
          ])
        : ["multihop", "expanding"].includes(row)
          ? attention({ query: filled([1, 2, 5, 4]) })
          : attention();
    const error = await complaint(row, tensors, config);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });
});

describe("feed-forward", () => {
  const layer = (changes: Record<string, Tensor> = {}): Map<string, Tensor> =>
    new Map(
      Object.entries({
        query: filled([2, 3, 4]),
        key: filled([5, 4]),
        value: filled([5, 2]),
        ...changes,
      }),
    );
  const odds = (value: number) => ({ log_odds: filled([5], value) });

  it("writes expectation and posterior, of relu unless told otherwise", async () => {
    const { outputs } = await runRow(rowNamed("feed-forward"), layer(), {});
    expect([...outputs.keys()]).toEqual(["expectation", "posterior"]);
    expect([...(outputs.get("expectation")?.data ?? [])]).toEqual(new Array(12).fill(2.5));
    expect(outputs.get("posterior")?.shape).toEqual([2, 3, 5]);
  });

  it("has a gradient by every input, the log odds with them", async () => {
    const cotangent = { d_posterior: filled([2, 3, 5]) };
    const tensors = layer({ ...odds(0), ...cotangent });
    const { outputs } = await gradientRow(rowNamed("feed-forward"), tensors, { unit: "silu" });
    const names = ["d_key", "d_log_odds", "d_query", "d_value"];
    expect([...outputs.keys()].toSorted()).toEqual(names);
  });

  it.each([
    [{ unit: "relu" }, odds(0), "unknown_tensor", "log_odds with the unit relu"],
    [{ unit: "gelu" }, odds(0), "unknown_tensor", "take log_odds out"],
    [{ unit: "silu" }, odds(Number.POSITIVE_INFINITY), "not_finite", "Infinity in log_odds"],
    [{ unit: "silu" }, { log_odds: filled([4]) }, "shape_mismatch", "K = 5, as in key"],
    [{ unit: "swish" }, {}, "bad_option", "silu"],
    [{ temperature: 2 }, {}, "unknown_option", "unit"],
    [{}, { value: filled([5]) }, "shape_mismatch", "[K, V]"],
    [{}, { bias: filled([5]) }, "unknown_tensor", "query, key, value, log_odds"],
  ])("%j is refused in words that mend it", async (config, changes, code, text) => {
    const error = await complaint("feed-forward", layer(changes), config);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it("takes log odds of −∞, which remove a memory", async () => {
    const none = layer(odds(Number.NEGATIVE_INFINITY));
    for (const unit of ["sigmoid", "silu", "softmax"]) {
      const { outputs } = await runRow(rowNamed("feed-forward"), none, { unit });
      expect(outputs.get("expectation")?.data.every((y) => y === 0)).toBe(true);
    }
  });
});

describe("texts", () => {
  it.each(["posterior", "expectation", "logPartition", "uniform", "hop1", "t1", "mass"])(
    "may name a tensor %s",
    async (name) => {
      const square = {
        query: filled([1, 2, 5, 4]),
        [name]: filled([5], 0.1),
        d_expectation: filled([1, 2, 5, 2]),
      };
      for (const config of [{ hops: 2 }, { resolvent: 0.3 }]) {
        const tensors = attention(square);
        const given = { ...config, prior: `${name}[j]` };
        const gradient = await gradientRow(rowNamed("multihop"), tensors, given);
        expect(gradient.outputs.get(`d_${name}`)?.shape).toEqual([5]);
        tensors.delete("d_expectation");
        const { outputs } = await runRow(rowNamed("multihop"), tensors, given);
        expect(outputs.get("expectation")?.data.every(Number.isFinite)).toBe(true);
      }
    },
  );

  it("may forbid edges in the potential, all of them too", async () => {
    for (const potential of [
      "where(j == 0, forbidden, score)",
      "log(max(score - 1, 0))",
      "forbidden",
    ]) {
      const tensors = attention({
        d_expectation: filled([1, 2, 3, 2]),
        d_entropy: filled([1, 2, 3]),
      });
      const { outputs: gradients } = await gradientRow(rowNamed("cross"), tensors, { potential });
      for (const [name, { data }] of gradients)
        expect(data.every(Number.isFinite), name).toBe(true);
      const { outputs } = await runRow(rowNamed("cross"), attention(), {
        potential,
        posterior: true,
      });
      for (const name of ["expectation", "entropy", "posterior"])
        expect(outputs.get(name)?.data.every(Number.isFinite), name).toBe(true);
    }
  });

  it("may name a tensor without dimensions", async () => {
    const tensors = attention({ rate: filled([], 0.5) });
    const { outputs } = await runRow(rowNamed("cross"), tensors, { prior: "-rate * abs(i - j)" });
    const decay = attention({ slope: filled([2], 0.5) });
    const expected = await runRow(rowNamed("cross"), decay, {});
    expect(outputs).toEqual(expected.outputs);
  });

  it.each([
    ["a wrong number of indices", { foo: filled([3, 2]) }, "foo[0]", "foo with 1 indices"],
    ["indices on a number", { i: filled([3]) }, "i[0]", "i with indices"],
    ["score where there is none", { score: filled([3]) }, "score[0]", "score with indices"],
  ])("refuse %s", async (_, changes, prior, text) => {
    const error = await complaint("cross", attention(changes as Record<string, Tensor>), { prior });
    expect(error.code).toBe("bad_expression");
    expect(error.message).toContain(text);
  });
});

describe("gradients", () => {
  it("want at least one cotangent", async () => {
    const error = await complaint("cross", attention(), {}, true);
    expect(error.message).toContain("d_expectation");
  });

  it("refuse a cotangent of no output, naming the nearest", async () => {
    const error = await complaint(
      "cross",
      attention({ d_expectaton: filled([1, 2, 3, 2]) }),
      {},
      true,
    );
    expect(error.message).toContain("write d_expectation");
  });

  it("refuse a cotangent of another shape", async () => {
    const error = await complaint("cross", attention({ d_entropy: filled([1, 2, 4]) }), {}, true);
    expect(error.code).toBe("shape_mismatch");
  });

  it("stop at an empty neighbourhood where the config says so", async () => {
    const tensors = attention({ d_expectation: filled([1, 2, 3, 2]) });
    const error = await complaint(
      "cross",
      tensors,
      { whenEmpty: "throw", window: [0, 0], offset: 9 },
      true,
    );
    expect(error.code).toBe("empty_neighbourhood");
  });

  it("stop at a set of senders that is empty, too", async () => {
    const none = { key: filled([1, 2, 0, 4]), value: filled([1, 2, 0, 2]) };
    const tensors = attention({ ...none, d_expectation: filled([1, 2, 3, 2]) });
    const error = await complaint("cross", tensors, { whenEmpty: "throw" }, true);
    expect(error.code).toBe("empty_neighbourhood");
  });

  it("take a cotangent of the posterior, which need not be written", async () => {
    const tensors = attention({ d_posterior: filled([1, 2, 3, 5], 1) });
    const { outputs } = await gradientRow(rowNamed("cross"), tensors, {});
    expect(outputs.get("d_query")?.shape).toEqual([1, 2, 3, 4]);
  });

  it("say where a text has no finite derivative", async () => {
    const tensors = attention({ d_expectation: filled([1, 2, 3, 2]), foo: filled([5], 0) });
    const error = await complaint("cross", tensors, { prior: "sqrt(foo[j])" }, true);
    expect(error.code).toBe("not_finite");
    expect(error.message).toContain("foo");
  });

  it("answer for every floating input of every row", async () => {
    const needed = ({ tensors }: Row): string =>
      tensors.flatMap(({ name, optional }) => (optional ? [] : [name])).join();
    const square = ["multihop", "absolute", "feed-forward"];
    const found = rows.filter(
      (row) => needed(row) === "query,key,value" && !square.includes(row.name),
    );
    expect(found.length).toBeGreaterThan(5);
    for (const row of found) {
      const N = row.name === "expanding" ? 5 : 3;
      const query = filled([1, 2, N, 4]);
      const tensors = attention({ query, d_expectation: filled([1, 2, N, 2]) });
      const { outputs } = await gradientRow(
        row,
        tensors,
        row.name === "hard" ? { mode: true } : {},
      );
      expect([...outputs.keys()].toSorted(), row.name).toEqual(["d_key", "d_query", "d_value"]);
    }
  });
});

describe("expanding attention", () => {
  const square = (changes: Record<string, Tensor> = {}): Map<string, Tensor> =>
    attention({ query: filled([1, 2, 5, 4]), ...changes });

  it("takes query, key and value of one length, and nothing else", async () => {
    const slope = await complaint("expanding", square({ slope: filled([2]) }));
    expect(slope.code).toBe("unknown_tensor");
    const longer = await complaint("expanding", attention());
    expect(longer.code).toBe("shape_mismatch");
    expect(longer.message).toContain("N = 3, as in query");
  });

  it("counts in whole numbers, which --json repeats", async () => {
    const { outputs, info } = await runRow(rowNamed("expanding"), square(), {});
    const [counted, full] = info["operations"] as [number, number];
    expect([...(outputs.get("operations")?.data ?? [])]).toEqual([counted, full]);
    // Two heads, 15 edges each, D + V + 2 = 8 of which each.
    expect(full).toBe(2 * 15 * 8);
    expect(Number.isInteger(counted)).toBe(true);
    expect([...outputs.keys()]).toEqual([
      "expectation",
      "continuation",
      "window",
      "iterations",
      "operations",
    ]);
  });

  it("says that its gradient passes no iterations", async () => {
    const tensors = square({ d_expectation: filled([1, 2, 5, 2]) });
    const { info } = await gradientRow(rowNamed("expanding"), tensors, {});
    expect(info["gradient"]).toBe("direct");
  });
});
