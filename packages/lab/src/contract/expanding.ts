import { type ExpandingOptions, expanding, scaledDot, softcap } from "edgewise";
import { z } from "zod";
import { scoreKeys, whole } from "./keys.ts";
import type { Row } from "./row.ts";
import { expectation, key, query, value } from "./tensors.ts";

const evidenceCount = z.number().min(1e-100).max(1e100);

/** The row of expanding attention: always causal, on the nodes of one sequence. */
export const expandingRow: Row = {
  name: "expanding",
  summary: "looks back over a window that grows while it infers how far it should reach",
  section: "7",
  tensors: [
    query,
    { ...key, shapes: [["B", "G", "N", "D"]] },
    { ...value, shapes: [["B", "G", "N", "V"]] },
  ],
  keys: {
    ...scoreKeys,
    alpha: {
      schema: evidenceCount,
      about: "stops counted beforehand: 1 − q ~ Beta(alpha, beta)",
      default: "1",
    },
    beta: { schema: evidenceCount, about: "continuations counted beforehand", default: "4" },
    inference: {
      schema: z.enum(["plugin-reset", "plugin-accumulate", "vb", "exact"]),
      about: "how the continuation probability q is inferred",
      default: '"plugin-reset"',
    },
    growth: {
      schema: z.enum(["prior", "posterior", "optimistic"]),
      about: "what bounds the mass outside a window: prior, posterior for certain, or hopefully",
      default: '"prior"',
    },
    share: {
      schema: z.enum(["query", "group"]),
      about: "one q for each query, or one for each batch entry and head",
      default: '"query"',
    },
    tail: {
      schema: z.number().min(0).lt(1),
      about: "mass that may stay outside a window",
      default: "0.01",
    },
    tolerance: {
      schema: z.number().min(0),
      about: "updates end when E[q] moves by less",
      default: "1e-3",
    },
    maxIterations: { schema: whole.min(0), about: "most updates", default: "12" },
    selfEdges: {
      schema: z.boolean(),
      about: "distance 0 is the node itself, or else the node before it",
      default: "true",
    },
  },
  outputs: [
    expectation,
    {
      name: "continuation",
      shape: "[B, H, N]",
      about: "E[q], the probability to look one node further",
    },
    { name: "window", shape: "[B, H, N]", about: "keys looked at" },
    { name: "iterations", shape: "[B, H, N]", about: "updates of the belief about q" },
    {
      name: "operations",
      shape: "[2]",
      about: "multiply–adds counted, and those of self attention on the same input",
      counted: true,
    },
  ],
  rules: ({ inference, share }) =>
    inference === "exact" && share === "group"
      ? [
          [
            'inference "exact" with share "group"',
            "one q for each query, since q is summed out",
            'take share out, or set inference: "vb"',
          ],
        ]
      : [],
  declare: ({ config }) => {
    const {
      inference,
      scale,
      softcap: cap,
      ...rest
    } = config as Omit<ExpandingOptions, "potential" | "scheme"> & {
      inference?: ExpandingOptions["scheme"];
      scale?: number;
      softcap?: number;
    };
    const dot = scaledDot(scale === undefined ? {} : { scale });
    const potential = cap === undefined ? dot : softcap({ cap, of: dot });
    return {
      model: expanding({ ...rest, scheme: inference, potential }),
      read: ["expectation", "continuation", "window", "iterations", "operations"],
    };
  },
};
