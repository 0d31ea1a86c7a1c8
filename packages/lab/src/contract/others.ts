import { classifier, given, parameter, probabilistic, type Quantity, uniform } from "edgewise";
import { mixtureKeys, scoreKeys } from "./keys.ts";
import type { Given, Row } from "./row.ts";
import { expectation, logPrior, query } from "./tensors.ts";

const classifierRow: Row = {
  name: "classifier",
  summary: "classes are the candidates of one choice; the posterior is the answer",
  section: "3.6",
  tensors: [
    { name: "features", shapes: [["B", "D"]], about: "one per example" },
    { name: "classes", shapes: [["C", "D"]], about: "one per class" },
    {
      name: "log_prior",
      shapes: [["C"]],
      about: "log prior of each class",
      optional: true,
      forbids: true,
    },
  ],
  keys: { temperature: scoreKeys["temperature"] as NonNullable<(typeof scoreKeys)[string]> },
  outputs: [
    { name: "posterior", shape: "[B, C]", about: "probability of each class" },
    { name: "log_evidence", shape: "[B]", about: "log Σ π exp(score), nats" },
  ],
  declare: ({ config, has }) => ({
    model: classifier({
      prior: has("log_prior") ? given("log_prior", ["M"]) : uniform(),
      ...("temperature" in config ? { temperature: config["temperature"] as number } : {}),
    }),
    read: ["posterior", "logEvidence"],
  }),
};

const unit = [[], ["B", "H", "M"]];

const probabilisticRow: Row = {
  name: "probabilistic",
  summary: "mixture of Gaussians: keys adapt to queries, values to annotated tokens, by EM",
  section: "9",
  tensors: [
    query,
    { name: "key", shapes: [["B", "H", "M", "D"]], about: "centres of the units" },
    { name: "value", shapes: [["B", "H", "M", "V"]], about: "values of the units" },
    {
      name: "query_precision",
      shapes: unit,
      about: "α, of all units or of each",
      optional: true,
      positive: true,
    },
    {
      name: "value_precision",
      shapes: unit,
      about: "β, of all units or of each",
      optional: true,
      positive: true,
    },
    { name: "fixed", shapes: [["B", "H", "N", "V"]], about: "annotations", optional: true },
    {
      name: "is_fixed",
      shapes: [["B", "H", "N"]],
      about: "1 where a token is annotated, else 0",
      optional: true,
      data: true,
    },
    logPrior,
    {
      name: "query_position",
      shapes: [["N", "M", "D"]],
      about: "positions as seen from the query",
      optional: true,
    },
    {
      name: "key_position",
      shapes: [["M", "N", "D"]],
      about: "positions as seen from the key",
      optional: true,
    },
    {
      name: "value_position",
      shapes: [["N", "M", "V"]],
      about: "positions that values carry",
      optional: true,
    },
  ],
  keys: mixtureKeys,
  outputs: [
    expectation,
    {
      name: "expectation_position",
      shape: "[B, H, N, V]",
      about: "mean of value_position",
      optional: true,
    },
    { name: "key", shape: "[B, H, M, D]", about: "adapted keys" },
    { name: "value", shape: "[B, H, M, V]", about: "adapted values" },
    { name: "responsibilities", shape: "[B, H, N, M]", about: "posterior over units" },
    {
      name: "log_likelihood",
      shape: "[B, H, T]",
      about: "objective before each EM step and at the end, nats",
    },
  ],
  declare: (from) => {
    const { config, has } = from;
    const positions = {
      query: has("query_position"),
      key: has("key_position"),
      value: has("value_position"),
    };
    const model = probabilistic({
      ...config,
      prior: has("log_prior") ? given() : uniform(),
      annotated: has("fixed"),
      positions,
      queryPrecision: precision(from, "query_precision"),
      valuePrecision: precision(from, "value_precision"),
    });
    const position = positions.value ? (["expectationPosition"] as const) : [];
    return {
      model,
      read: ["expectation", ...position, "key", "value", "responsibilities", "logLikelihood"],
    };
  },
};

function precision({ has, shapeOf }: Given, name: string): Quantity {
  return has(name) ? parameter(name, shapeOf(name)) : 1;
}

/** Rows that are not of the transformer family. */
export const otherRows: readonly Row[] = [classifierRow, probabilisticRow];
