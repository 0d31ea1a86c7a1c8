import { EdgewiseError, type Tensor } from "edgewise";
import { describe, expect, it } from "vitest";
import { gradientRow, runRow } from "./execute.ts";
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
    ["cross", { window: [1, 2.5] }, "bad_option", "int"],
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
    ["multihop", { resolvent: 1 }, "bad_option", "<1"],
    ["multihop", { hops: 3, reading: "quenched" }, "bad_option", "two hops"],
    ["multihop", { hops: 3, weights: [1] }, "bad_option", "one weight for each hop"],
    ["rotary", { pairing: "whole" }, "bad_option", "half"],
    ["classifier", { scale: 2 }, "unknown_option", "temperature"],
  ])("%s with %j is %s", async (row, config, code, text) => {
    const tensors =
      row === "classifier"
        ? new Map([
            ["features", filled([2, 3])],
            ["classes", filled([4, 3])],
          ])
        : row === "multihop"
          ? attention({ query: filled([1, 2, 5, 4]) })
          : attention();
    const error = await complaint(row, tensors, config);
    expect(error.code).toBe(code);
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

  it("answer for every floating input of every row", async () => {
    for (const row of rows.filter(
      ({ name }) => !["classifier", "multihop", "absolute"].includes(name),
    )) {
      const tensors = attention({ d_expectation: filled([1, 2, 3, 2]) });
      const { outputs } = await gradientRow(
        row,
        tensors,
        row.name === "hard" ? { mode: true } : {},
      );
      expect([...outputs.keys()].toSorted(), row.name).toEqual(["d_key", "d_query", "d_value"]);
    }
  });
});
