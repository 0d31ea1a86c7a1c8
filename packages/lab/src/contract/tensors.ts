import type { OutputRow, TensorRow } from "./row.ts";

/** Tensors of every row with queries, keys and values in heads. */
export const query: TensorRow = {
  name: "query",
  shapes: [["B", "H", "N", "D"]],
  about: "one per receiver",
};
export const key: TensorRow = {
  name: "key",
  shapes: [["B", "G", "M", "D"]],
  about: "one per sender; G divides H",
};
export const value: TensorRow = {
  name: "value",
  shapes: [["B", "G", "M", "V"]],
  about: "what a sender's edge is worth",
};

export const logPrior: TensorRow = {
  name: "log_prior",
  shapes: [["B|1", "H|1", "N", "M"]],
  about: "log prior of each edge, not necessarily normalised; −∞ removes the edge",
  optional: true,
  forbids: true,
};
export const relativePrior: TensorRow = {
  name: "relative_prior",
  shapes: [["H", "N+M-1"]],
  about: "log prior per head and offset, at index j − i + N − 1",
  optional: true,
  forbids: true,
};
export const slope: TensorRow = {
  name: "slope",
  shapes: [["H"]],
  about: "subtracts slope · |i − j| from the log prior, per head",
  optional: true,
};
export const position: TensorRow = {
  name: "position",
  shapes: [["N", "D"]],
  about: "added to query and key of every head",
  optional: true,
};

export const priors: readonly TensorRow[] = [logPrior, relativePrior, slope];

export const expectation: OutputRow = {
  name: "expectation",
  shape: "[B, H, N, V]",
  about: "posterior mean of the values",
};
export const logEvidence: OutputRow = {
  name: "log_evidence",
  shape: "[B, H, N]",
  about: "log Σ π exp(score), nats; −∞ without edges",
};
export const entropy: OutputRow = {
  name: "entropy",
  shape: "[B, H, N]",
  about: "entropy of the posterior, nats",
};
export const posterior: OutputRow = {
  name: "posterior",
  shape: "[B, H, N, M]",
  about: 'probability of each edge, with "posterior": true',
  optional: true,
};
