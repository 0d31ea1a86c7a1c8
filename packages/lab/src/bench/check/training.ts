import { dataOf, type HostTensors } from "../workload/inputs.ts";
import type { Sizes } from "../workload/workload.ts";
import { addScaled, dot } from "./attention.ts";
import type { Expected } from "./rows.ts";

/** Rate of Adam in the training workload. */
export const rate = 3e-3;

type Weights = {
  readonly query_weight: number[];
  readonly key_weight: number[];
  readonly readout: number[];
};

/**
 * Weights after one step of Adam on the mean squared error of ⟨readout, (P + P²) X⟩ at the last node.
 *
 * Adam's first step divides a gradient by its own size, so it says little about the gradient: what
 * is compared are the gradients of the first step, as the outputs `d_…`.
 */
export function trainingRows(batch: number, { N, D }: Sizes, inputs: HostTensors): Expected {
  const weights: Weights = {
    query_weight: [...dataOf(inputs, "query_weight")],
    key_weight: [...dataOf(inputs, "key_weight")],
    readout: [...dataOf(inputs, "readout")],
  };
  const gradient: Weights = {
    query_weight: new Array<number>(D * D).fill(0),
    key_weight: new Array<number>(D * D).fill(0),
    readout: new Array<number>(D).fill(0),
  };
  const [nodes, targets] = [dataOf(inputs, "nodes"), dataOf(inputs, "target")];
  for (let b = 0; b < batch; b++) {
    const rows = Array.from({ length: N }, (_, n) =>
      nodes.subarray((b * N + n) * D, (b * N + n + 1) * D),
    );
    addSequence(gradient, weights, rows, targets[b] as number, batch);
  }
  const grid = (flat: number[]): number[][] =>
    Array.from({ length: D }, (_, r) => flat.slice(r * D, (r + 1) * D));
  const all = Array.from({ length: D }, (_, r) => r);
  return {
    picks: { d_query_weight: all, d_key_weight: all, d_readout: [0] },
    rows: {
      d_query_weight: grid(gradient.query_weight),
      d_key_weight: grid(gradient.key_weight),
      d_readout: [gradient.readout],
    },
  };
}

/** Adds the gradient of one sequence's squared error, over the size of the batch. */
function addSequence(
  gradient: Weights,
  weights: Weights,
  rows: readonly Float32Array[],
  target: number,
  batch: number,
): void {
  const [N, D] = [rows.length, weights.readout.length];
  const project = (matrix: number[], row: Float32Array): number[] =>
    Array.from({ length: D }, (_, r) => dot(matrix.slice(r * D, (r + 1) * D), row));
  const queries = rows.map((row) => project(weights.query_weight, row));
  const keys = rows.map((row) => project(weights.key_weight, row));
  const P = queries.map((query, i) => {
    const scores = keys.map((key, j) =>
      i === j ? Number.NEGATIVE_INFINITY : dot(query, key) / Math.sqrt(D),
    );
    const exps = scores.map((score) => Math.exp(score));
    const total = exps.reduce((a, b) => a + b, 0);
    return exps.map((value) => value / total);
  });
  // Row of P + P² that is read out, and the read-out of every node.
  const last = P[N - 1] as number[];
  const reach = last.map(
    (p, j) => p + last.reduce((sum, q, k) => sum + q * (P[k]?.[j] as number), 0),
  );
  const values = rows.map((row) => dot(weights.readout, row));
  const slope = (2 / batch) * (dot(reach, values) - target);
  for (const [j, row] of rows.entries())
    addScaled(gradient.readout, slope * (reach[j] as number), row);
  const means = P.map((p) => dot(p, values));
  for (let i = 0; i < N; i++) {
    // What one more unit of P's row i at j adds: a first hop from the last node, a second from i.
    const through = i === N - 1 ? 1 + (last[i] as number) : (last[i] as number);
    const gains = values.map(
      (value, j) => through * value + (i === N - 1 ? (means[j] as number) : 0),
    );
    const p = P[i] as number[];
    const mean = dot(p, gains);
    for (let j = 0; j < N; j++) {
      const edge = (slope * (p[j] as number) * ((gains[j] as number) - mean)) / Math.sqrt(D);
      for (let r = 0; r < D; r++)
        for (let c = 0; c < D; c++) {
          const at = r * D + c;
          const [q, k] = [queries[i]?.[r] as number, keys[j]?.[r] as number];
          gradient.query_weight[at] =
            (gradient.query_weight[at] as number) + edge * k * (rows[i]?.[c] as number);
          gradient.key_weight[at] =
            (gradient.key_weight[at] as number) + edge * q * (rows[j]?.[c] as number);
        }
    }
  }
}
