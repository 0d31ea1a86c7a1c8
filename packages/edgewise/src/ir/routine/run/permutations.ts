import { direction } from "../logLinear.ts";
import type { RoutineArray, RoutineRun } from "../routine.ts";
import { exponentiate, given, LogSum, type Logs, logs, normalise } from "./logs.ts";

/**
 * Permutations: p(φ) ∝ exp Σᵢ score[i, φᵢ], by dynamic programming over the columns that the first
 * rows have taken.
 *
 * | role           | shape     |                  |
 * | -------------- | --------- | ---------------- |
 * | score          | [B, N, N] |                  |
 * | → marginals    | [B, N, N] | Pr[φᵢ = j]       |
 * | → logPartition | [B]       | nats: log of the permanent of exp score |
 *
 * @source Held & Karp (1962), dynamic programming over subsets; docs/mathematics.md, 11.3
 * @cost   O(2ᴺ N²) time and O(2ᴺ) memory
 */
export const permutations: RoutineRun = (inputs) => {
  const { marginals, logPartition } = infer(inputs);
  const { shape } = inputs["score"] as RoutineArray;
  return {
    marginals: { data: marginals.log, shape },
    logPartition: { data: logPartition, shape: shape.slice(0, 1) },
  };
};

/** Rates of the probabilities when the scores move in a direction. */
export const permutationsTangent: RoutineRun = (inputs) => ({
  marginals: { data: infer(inputs).marginals.rate, shape: (inputs["score"] as RoutineArray).shape },
});

function infer(inputs: Readonly<Record<string, RoutineArray>>) {
  const { score } = inputs as { score: RoutineArray };
  const [batch, nodes] = score.shape as [number, number];
  const weight = given(score, inputs[direction("score")]);
  const marginals = logs(weight.log.length);
  const logPartition = new Float64Array(batch);
  for (let b = 0; b < batch; b++) {
    const entry = (of: Logs): Logs => ({
      log: of.log.subarray(b * nodes * nodes, (b + 1) * nodes * nodes),
      rate: of.rate.subarray(b * nodes * nodes, (b + 1) * nodes * nodes),
    });
    logPartition[b] = permute(entry(weight), nodes, entry(marginals));
  }
  exponentiate(marginals);
  return { marginals, logPartition };
}

/** Log partition of one entry; its log probabilities are left in `marginals`. */
function permute(weight: Logs, nodes: number, marginals: Logs): number {
  const full = 2 ** nodes - 1;
  const sizes = Int32Array.from({ length: full + 1 }, (_, set) => sizeOf(set));
  const [before, after] = [logs(full + 1), logs(full + 1)];
  const sum = new LogSum();
  // The rows before number |set| hold the columns of the set; those from it on hold the others.
  for (let set = 1; set <= full; set++) {
    sum.clear();
    const row = (sizes[set]! - 1) * nodes;
    for (let j = 0; j < nodes; j++) {
      const rest = set ^ (1 << j);
      if (rest > set) continue;
      sum.add(before.log[rest]! + weight.log[row + j]!, before.rate[rest]! + weight.rate[row + j]!);
    }
    before.log[set] = sum.log;
    before.rate[set] = sum.rate;
  }
  for (let set = full - 1; set >= 0; set--) {
    sum.clear();
    const row = sizes[set]! * nodes;
    for (let j = 0; j < nodes; j++) {
      const more = set | (1 << j);
      if (more === set) continue;
      sum.add(after.log[more]! + weight.log[row + j]!, after.rate[more]! + weight.rate[row + j]!);
    }
    after.log[set] = sum.log;
    after.rate[set] = sum.rate;
  }
  for (let i = 0; i < nodes; i++) {
    for (let j = 0; j < nodes; j++) {
      sum.clear();
      for (let set = 0; set <= full; set++) {
        const more = set | (1 << j);
        if (sizes[set] === i && more !== set)
          sum.add(before.log[set]! + after.log[more]!, before.rate[set]! + after.rate[more]!);
      }
      marginals.log[i * nodes + j] = sum.log + weight.log[i * nodes + j]!;
      marginals.rate[i * nodes + j] = sum.rate + weight.rate[i * nodes + j]!;
    }
    normalise(marginals, i * nodes, nodes);
  }
  return before.log[full]!;
}

function sizeOf(set: number): number {
  return set === 0 ? 0 : (set & 1) + sizeOf(set >> 1);
}
