import { direction } from "../logLinear.ts";
import type { RoutineArray, RoutineRun } from "../routine.ts";
import { exponentiate, given, LogSum, type Logs, logs, normalise } from "./logs.ts";

/**
 * Linear chain: p(states) ∝ exp Σₜ (unary[t, sₜ] + pairwise[t − 1, sₜ₋₁, sₜ]).
 *
 * | role            | shape          |                                   |
 * | --------------- | -------------- | --------------------------------- |
 * | unary           | [B, T, K]      |                                   |
 * | pairwise        | [B, T−1, K, K] | previous state, next state        |
 * | → marginals     | [B, T, K]      | Pr[sₜ = k]                        |
 * | → pairMarginals | [B, T−1, K, K] | Pr[sₜ = i, sₜ₊₁ = j]              |
 * | → logPartition  | [B]            | nats                              |
 *
 * @source Rabiner (1989), "A tutorial on hidden Markov models"; docs/mathematics.md, 11.1
 * @cost   O(T K²) time, O(T K) memory beyond the outputs
 */
export const forwardBackward: RoutineRun = (inputs) => {
  const { marginals, pairMarginals, logPartition } = infer(inputs);
  const { unary, pairwise } = inputs as Roles;
  return {
    marginals: { data: marginals.log, shape: unary.shape },
    pairMarginals: { data: pairMarginals.log, shape: pairwise.shape },
    logPartition: { data: logPartition, shape: unary.shape.slice(0, 1) },
  };
};

/** Rates of the probabilities when the parameters move in a direction. */
export const forwardBackwardTangent: RoutineRun = (inputs) => {
  const { marginals, pairMarginals } = infer(inputs);
  const { unary, pairwise } = inputs as Roles;
  return {
    marginals: { data: marginals.rate, shape: unary.shape },
    pairMarginals: { data: pairMarginals.rate, shape: pairwise.shape },
  };
};

type Roles = Readonly<Record<"unary" | "pairwise", RoutineArray>>;

function infer(inputs: Readonly<Record<string, RoutineArray>>) {
  const { unary: u, pairwise: a } = inputs as Roles;
  const [batch, length, states] = u.shape as [number, number, number];
  const unary = given(u, inputs[direction("unary")]);
  const pairwise = given(a, inputs[direction("pairwise")]);
  const marginals = logs(unary.log.length);
  const pairMarginals = logs(pairwise.log.length);
  const nothing = length === 0 ? 0 : Number.NEGATIVE_INFINITY;
  const logPartition = new Float64Array(batch).fill(states === 0 ? nothing : 0);
  for (let b = 0; b < batch && states > 0; b++) {
    const chain: Chain = {
      length,
      states,
      first: b * length * states,
      firstPair: b * Math.max(0, length - 1) * states * states,
      unary,
      pairwise,
    };
    const forward = logs(length * states);
    logPartition[b] = sweepForward(chain, forward);
    const backward = sweepBackward(chain);
    for (let t = 0; t < length; t++) meet(chain, t, forward, backward, marginals, pairMarginals);
  }
  exponentiate(marginals);
  exponentiate(pairMarginals);
  return { marginals, pairMarginals, logPartition };
}

/** One entry of the batch, and where it begins in the tensors. */
interface Chain {
  readonly length: number;
  readonly states: number;
  readonly first: number;
  readonly firstPair: number;
  readonly unary: Logs;
  readonly pairwise: Logs;
}

/** Messages to the right, each step's summing to 1; the log partition is what was divided out. */
function sweepForward(chain: Chain, message: Logs): number {
  const { length, states, first, firstPair, unary, pairwise } = chain;
  const sum = new LogSum();
  let logPartition = 0;
  for (let t = 0; t < length; t++) {
    for (let j = 0; j < states; j++) {
      const [to, own] = [t * states + j, first + t * states + j];
      sum.clear();
      if (t === 0) sum.add(0, 0);
      for (let i = 0; i < states && t > 0; i++) {
        const from = to - j - states + i;
        const pair = firstPair + ((t - 1) * states + i) * states + j;
        sum.add(
          message.log[from]! + pairwise.log[pair]!,
          message.rate[from]! + pairwise.rate[pair]!,
        );
      }
      message.log[to] = unary.log[own]! + sum.log;
      message.rate[to] = unary.rate[own]! + sum.rate;
    }
    logPartition += normalise(message, t * states, states);
  }
  return logPartition;
}

/** Messages to the left, from each step's right end. */
function sweepBackward({ length, states, first, firstPair, unary, pairwise }: Chain): Logs {
  const message = logs(length * states);
  const sum = new LogSum();
  for (let t = length - 2; t >= 0; t--) {
    for (let i = 0; i < states; i++) {
      sum.clear();
      for (let j = 0; j < states; j++) {
        const [from, own] = [(t + 1) * states + j, first + (t + 1) * states + j];
        const pair = firstPair + (t * states + i) * states + j;
        sum.add(
          pairwise.log[pair]! + unary.log[own]! + message.log[from]!,
          pairwise.rate[pair]! + unary.rate[own]! + message.rate[from]!,
        );
      }
      message.log[t * states + i] = sum.log;
      message.rate[t * states + i] = sum.rate;
    }
    normalise(message, t * states, states);
  }
  return message;
}

/** Probabilities, in logs, of the states of step t, and of the pairs with step t − 1. */
function meet(
  { states, first, firstPair, unary, pairwise }: Chain,
  t: number,
  forward: Logs,
  backward: Logs,
  marginals: Logs,
  pairMarginals: Logs,
): void {
  const [here, out] = [t * states, first + t * states];
  for (let k = 0; k < states; k++) {
    marginals.log[out + k] = forward.log[here + k]! + backward.log[here + k]!;
    marginals.rate[out + k] = forward.rate[here + k]! + backward.rate[here + k]!;
  }
  normalise(marginals, out, states);
  if (t === 0) return;
  const pairs = firstPair + (t - 1) * states * states;
  for (let i = 0; i < states; i++) {
    for (let j = 0; j < states; j++) {
      const [pair, left] = [pairs + i * states + j, here - states + i];
      pairMarginals.log[pair] =
        forward.log[left]! + pairwise.log[pair]! + unary.log[out + j]! + backward.log[here + j]!;
      pairMarginals.rate[pair] =
        forward.rate[left]! +
        pairwise.rate[pair]! +
        unary.rate[out + j]! +
        backward.rate[here + j]!;
    }
  }
  normalise(pairMarginals, pairs, states * states);
}
