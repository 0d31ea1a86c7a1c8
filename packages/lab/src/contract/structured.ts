import { chain, matching, motif, tree } from "edgewise";
import { z } from "zod";
import { scoreKeys, structureKeys, whole } from "./keys.ts";
import type { Row } from "./row.ts";
import { expectation, key, priors, query, value } from "./tensors.ts";
import { notBoth, words } from "./transformer.ts";

const logPartition = { name: "log_partition", shape: "[B]", about: "log of Σ exp score, nats" };

const chainRow: Row = {
  name: "chain",
  summary: "a state for every step, where neighbours score their pair; forward–backward",
  section: "11",
  tensors: [
    { name: "unary", shapes: [["B", "T", "K"]], about: "score of each state at each step" },
    {
      name: "pairwise",
      shapes: [["B", "T-1", "K", "K"]],
      about: "score of each pair of states, previous then next",
    },
  ],
  keys: {},
  outputs: [
    { name: "marginals", shape: "[B, T, K]", about: "probability of each state at each step" },
    logPartition,
  ],
  declare: () => ({ model: chain(), read: ["marginals", "logPartition"] }),
};

const treeRow: Row = {
  name: "tree",
  summary: "one head for every node, without cycles; matrix-tree theorem",
  section: "11",
  tensors: [
    {
      name: "head",
      shapes: [["B", "N", "N"]],
      about: "score of head h above modifier m; the diagonal is not read",
    },
    { name: "root", shapes: [["B", "N"]], about: "score of a node as a root" },
  ],
  keys: {
    roots: {
      schema: z.enum(["one", "many"]),
      about: "whether a tree has exactly one root, or any number from one on",
      default: '"one"',
    },
  },
  outputs: [
    { name: "marginals", shape: "[B, N, N]", about: "probability that h is the head of m" },
    { name: "root_marginals", shape: "[B, N]", about: "probability that a node is a root" },
    logPartition,
  ],
  declare: ({ config }) => ({
    model: tree(config),
    read: ["marginals", "rootMarginals", "logPartition"],
  }),
};

const matchingRow: Row = {
  name: "matching",
  summary: "receivers and senders in pairs; Sinkhorn's plan or exact marginals of permutations",
  section: "11",
  tensors: [
    { name: "score", shapes: [["B", "N", "N"]], about: "score of receiver i with sender j" },
  ],
  keys: {
    method: {
      schema: z.enum(["sinkhorn", "exact"]),
      about: "doubly stochastic plan, or marginals of the posterior over permutations (N ≤ 8)",
      default: '"sinkhorn"',
    },
    temperature: scoreKeys["temperature"] as NonNullable<(typeof scoreKeys)[string]>,
    iterations: {
      schema: whole.min(1),
      about: "most iterations of Sinkhorn's method",
      default: "1000",
    },
    tolerance: {
      schema: z.number().min(0),
      about: "deviation of a row's sum from 1 below which they end",
      default: "1e-6",
    },
  },
  outputs: [
    {
      name: "marginals",
      shape: "[B, N, N]",
      about: "doubly stochastic: rows and columns sum to 1",
    },
  ],
  declare: ({ config }) => ({ model: matching(config), read: ["marginals"] }),
};

const motifRow: Row = {
  name: "motif",
  summary: "one of several graphs for a whole head, inferred together with the edges",
  section: "11",
  tensors: [
    query,
    key,
    value,
    {
      name: "support",
      shapes: [["K", "N", "M"]],
      about: "1 where the motif has the edge, else 0",
      data: true,
    },
    {
      name: "log_weight",
      shapes: [["K"]],
      about: "log weight of each motif, not necessarily normalised; −∞ rules it out",
      optional: true,
      forbids: true,
    },
    ...priors,
  ],
  keys: { ...scoreKeys, ...structureKeys },
  outputs: [
    expectation,
    { name: "motif", shape: "[B, H, K]", about: "posterior probability of each motif" },
  ],
  rules: notBoth,
  declare: (from) => ({
    model: motif({
      ...words(from),
      ...(from.has("log_weight") ? { logWeight: "log_weight" } : {}),
    }),
    read: ["expectation", "motif"],
  }),
};

/** Rows of the structured posteriors. */
export const structuredRows: readonly Row[] = [chainRow, treeRow, matchingRow, motifRow];
