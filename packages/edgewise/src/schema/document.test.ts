import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  absolute,
  binary,
  blockSlot,
  blocks,
  causal,
  chain,
  classifier,
  conditionalMean,
  cross,
  edges,
  expanding,
  expression,
  feedForward,
  geometric,
  graph,
  hard,
  hopfield,
  intersection,
  type Model,
  matching,
  motif,
  multihop,
  parameter,
  predictiveCoding,
  probabilistic,
  product,
  proportional,
  relative,
  resolvent,
  rotary,
  scored,
  self,
  slot,
  softcap,
  tree,
  union,
  window,
} from "../index.ts";
import { modelSchema, readModel, writeModel } from "./index.ts";

const models: Model[] = [
  hopfield({ precision: 2, maxIterations: 5, tolerance: 1e-6, gradient: "implicit" }),
  slot({ update: "learned" }),
  slot({ update: "mean", responsibilities: "distance" }),
  blockSlot({ form: "composed" }),
  predictiveCoding({
    layers: 3,
    update: "closed",
    topPrecision: parameter("top_precision", ["n0"]),
  }),
  chain(),
  tree({ roots: "many" }),
  matching({ method: "exact", temperature: 2 }),
  motif({ graph: causal(), logWeight: "log_weight" }),
  cross(),
  self({ graph: causal(), prior: geometric({ stop: parameter("stop", ["H"]) }) }),
  graph(
    union(
      edges([[0, 1]]),
      intersection(
        window({ back: 3 }),
        blocks({
          size: 2,
          pattern: [
            [1, 0],
            [0, 1],
          ],
        }),
      ),
    ),
  ),
  relative(),
  absolute(),
  rotary({ pairing: "interleaved" }),
  classifier({ temperature: 2 }),
  multihop({ value: resolvent({ continuation: 0.5 }) }),
  expanding({ scheme: "vb", share: "group", selfEdges: false, tail: 0 }),
  hard({ choose: "samples", count: 3 }),
  probabilistic({
    keyIterations: 2,
    annotated: true,
    queryPrecision: parameter("query_precision", ["B", "H", "M"]),
  }),
  cross({
    potential: softcap({ cap: 20 }),
    prior: product(expression("where(j <= i, 0, forbidden)")),
  }),
  cross({ potential: scored("20 * tanh(score / 20)") }),
  feedForward({ unit: "gelu" }),
  cross({ choice: binary(), value: proportional() }),
  conditionalMean({ kernel: "gaussian", bandwidth: 2, ridge: parameter("ridge") }),
];

describe("model documents", () => {
  it.each(models)("$name comes back as it was written", (model) => {
    expect(readModel(writeModel(model))).toEqual(JSON.parse(JSON.stringify(model)));
  });

  it("match the JSON Schema that is published", () => {
    const published = readFileSync(new URL("../../model.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(modelSchema())));
  });

  it.each([
    [
      "a misspelt key names the nearest",
      { ...written(cross()), grap: 1 },
      "write graph in place of grap",
    ],
    [
      "an unknown word is refused with the known ones",
      { ...written(cross()), graph: { kind: "causl" } },
      "graph",
    ],
    ["a temperature of 0 is refused", { ...written(cross()), temperature: 0 }, "above 0"],
    [
      "a misspelt key of a structure is refused",
      { ...written(tree()), structure: { kind: "dependencyTree", root: "one" } },
      "structure",
    ],
    [
      "a structure beside a graph is refused",
      { ...written(tree()), graph: { kind: "complete" } },
      "keys among edgewise, name, structure",
    ],
    [
      "a future version is refused",
      { ...written(cross()), edgewise: 2 },
      "another value at edgewise",
    ],
  ])("%s", (_, document, text) => {
    expect(() => readModel(JSON.stringify(document))).toThrow(text);
  });

  it("a document written before there was a choice has a categorical one", () => {
    const { choice, ...before } = written(cross());
    expect(choice).toEqual({ kind: "categorical" });
    expect(readModel(JSON.stringify(before))).toEqual(cross());
  });

  it("text that is not JSON is refused", () => {
    expect(() => readModel("{")).toThrow("bad_model");
  });
});

function written(model: Model): Record<string, unknown> {
  return JSON.parse(writeModel(model));
}
