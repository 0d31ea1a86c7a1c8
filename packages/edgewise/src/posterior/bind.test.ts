import { describe, expect, it } from "vitest";
import {
  absolute,
  cross,
  type EdgeModelOptions,
  expression,
  given,
  parameter,
  posteriorExpectation,
  prepare,
  rotary,
  tensor,
} from "../index.ts";

const row = (...values: number[]) => tensor([[[values]]]);
const inputs = { query: row(1, 2), key: row(1, 2), value: row(3) };
const heads = (count: number) => tensor([Array.from({ length: count }, () => [[1, 2]])]);
const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "accepted",
    (error: Error) => error.message,
  );

describe("inputs are refused in words that mend them", () => {
  it("groups that do not divide the heads", async () => {
    const grouped = { query: heads(3), key: heads(2), value: heads(2) };
    const message = await refusal(posteriorExpectation(cross(), grouped));
    expect(message).toContain("3 heads in query and 2 groups in key");
  });

  it("a key that is not there, by its name", async () => {
    const message = await refusal(posteriorExpectation(cross(), { query: heads(2) }));
    expect(message).toMatch(/^missing_tensor .*\n.*\n.*key \[B, G, M, D\]/);
  });

  it("NaN and infinity, with the tensor and the element", async () => {
    const message = await refusal(
      posteriorExpectation(cross(), { ...inputs, value: row(Number.NaN) }),
    );
    expect(message).toContain("NaN in value [1, 1, 1, 1] at element 0");
    const endless = { ...inputs, query: row(1, Number.NEGATIVE_INFINITY) };
    expect(await refusal(posteriorExpectation(cross(), endless))).toContain("not_finite");
  });

  it("−∞ stays legal in what a prior reads", async () => {
    const model = cross({ prior: given() });
    const log_prior = row(Number.NEGATIVE_INFINITY);
    const { logEvidence } = await posteriorExpectation(model, { ...inputs, log_prior });
    expect(logEvidence.data[0]).toBe(Number.NEGATIVE_INFINITY);
  });

  it("a learned temperature that is not above 0", async () => {
    const model = cross({ temperature: parameter("tau") });
    const tau = { data: Float64Array.of(-1), shape: [] };
    expect(await refusal(posteriorExpectation(model, { ...inputs, tau }))).toContain("above 0");
  });

  it("features that have no partner to turn with", async () => {
    const odd = { query: row(1, 2, 3), key: row(1, 2, 3), value: row(1) };
    expect(await refusal(posteriorExpectation(rotary(), odd))).toContain("even");
  });

  it("a text's misspelt tensor, with the name that was meant", async () => {
    const model = cross({ prior: expression("tabel[j]") });
    const table = { data: Float64Array.of(1), shape: [1] };
    const message = await refusal(posteriorExpectation(model, { ...inputs, table }));
    expect(message).toContain("write table in place of tabel");
  });

  it("what is no tensor, no seed, no count of draws", async () => {
    const plain = { ...inputs, query: [[1, 2]] } as never;
    expect(await refusal(posteriorExpectation(cross(), plain))).toContain("tensor(…)");
    const draws = (options: object) =>
      refusal(posteriorExpectation(cross(), inputs, { read: ["sample"], ...options }));
    expect(await draws({})).toContain("no seed");
    expect(await draws({ seed: 1, samples: 0.5 })).toContain("samples 0.5");
  });

  it("a misspelt option of a call, and a cotangent of no reading", async () => {
    const attend = await prepare(cross());
    expect(await refusal(attend(inputs, { sed: 1 } as object))).toContain("write seed");
    const wrong = attend.gradient(inputs, { expectaton: row(1) });
    expect(await refusal(wrong)).toContain("write expectation");
  });
});

describe("declarations are refused in words that mend them", () => {
  it.each<[string, object, string]>([
    ["a misspelt chooser", { chooser: "sendr" }, "write sender in place of sendr"],
    ["a misspelt tempering", { tempering: "jont" }, "write joint in place of jont"],
    ["a misspelt graph", { graph: { kind: "causl" } }, "write causal in place of causl"],
    ["a graph that is a list", { graph: [[0, 1]] }, "a list as graph"],
    ["a key of another word", { potential: { kind: "scaledDot", scal: 2 } }, "write scale"],
    ["a word without its key", { prior: { kind: "geometric" } }, "geometric without stop"],
    ["a union of nothing", { graph: { kind: "union", of: [] } }, "union of nothing"],
    ["a misspelt node", { nodes: { qery: { tensor: "q", shape: ["B"] } } }, "write query"],
    ["a node without a shape", { nodes: { key: { tensor: "key" } } }, "shape undefined"],
  ])("%s", (_, options, text) => {
    expect(() => cross(options as EdgeModelOptions)).toThrow(text);
  });

  it("widths that differ under a dot product", async () => {
    const key = { tensor: "key", shape: ["B", "G", "M", "C"] };
    expect(await refusal(prepare(cross({ nodes: { key } })))).toContain(
      "query of width D and key of width C",
    );
  });

  it("receivers and senders that are not the same nodes where they must be", async () => {
    const two = {
      query: tensor([
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ]),
      key: inputs.key,
      value: inputs.value,
    };
    const position = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(await refusal(posteriorExpectation(absolute(), { ...two, position }))).toContain(
      "shape_mismatch",
    );
  });
});

describe("tensor", () => {
  it("refuses rows of different lengths and what is no number", () => {
    expect(() => tensor([[1, 2], [3]])).toThrow("a row of 1 at level 2");
    expect(() => tensor(["a"] as never)).toThrow("string at level 2");
    expect(() => tensor(new Float32Array(3) as never)).toThrow("bad_option");
  });
});
