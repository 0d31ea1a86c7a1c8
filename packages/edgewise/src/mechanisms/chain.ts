import { type JointModel, jointModel, linearChain } from "../model/jointModel.ts";

/**
 * Linear chain: a state for every step of a sequence, where neighbours score their pair.
 *
 * p(s₁ … s_T) ∝ exp { Σₜ unary[t, sₜ] + Σₜ pairwise[t − 1, sₜ₋₁, sₜ] }
 *
 * | argument        | shape          | unit                       |
 * | --------------- | -------------- | -------------------------- |
 * | unary           | [B, T, K]      | nats                       |
 * | pairwise        | [B, T−1, K, K] | nats; previous, next state |
 * | value           | [B, T, V]      | for `expectation`          |
 * | → marginals     | [B, T, K]      | Pr[sₜ = k]                 |
 * | → pairMarginals | [B, T−1, K, K] | Pr[sₜ = i, sₜ₊₁ = j]       |
 * | → logPartition  | [B]            | nats                       |
 * | → expectation   | [B, K, V]      | Σₜ Pr[sₜ = k] valueₜ       |
 *
 * @source Kim et al. (2017), "Structured Attention Networks", segmentation attention;
 *   docs/mathematics.md, 11.1.
 * @limit  `pairwise` of 0 gives a softmax over the states of each step.
 * @cost   O(T K²) time, forward and backward.
 */
export function chain(options: { name?: string } = {}): JointModel {
  return jointModel({ name: "chain", structure: linearChain(), ...options });
}
