import {
  type JointModel,
  jointModel,
  type PerfectMatching,
  perfectMatching,
} from "../model/jointModel.ts";

/**
 * Matching: every receiver has one sender and every sender one receiver.
 *
 * | method     | marginals                                                                 |
 * | ---------- | ------------------------------------------------------------------------- |
 * | "sinkhorn" | the doubly stochastic Q with the largest ⟨Q, score⟩ + temperature · H(Q)   |
 * | "exact"    | Pr[φᵢ = j] under p(φ) ∝ exp Σᵢ score[i, φᵢ] / temperature, up to 8 nodes   |
 *
 * The two are not the same numbers; both are doubly stochastic.
 *
 * | argument       | shape     | unit                                     |
 * | -------------- | --------- | ---------------------------------------- |
 * | score          | [B, N, N] | nats; receiver, sender                   |
 * | value          | [B, N, V] | of senders, for `expectation`            |
 * | chooser_value  | [B, N, V] | of receivers, for `scatter`              |
 * | → marginals    | [B, N, N] |                                          |
 * | → logPartition | [B]       | nats; "exact" only                       |
 * | → expectation  | [B, N, V] | Σⱼ Qᵢⱼ valueⱼ, of receivers               |
 * | → scatter      | [B, N, V] | Σᵢ Qᵢⱼ chooser_valueᵢ, of senders         |
 *
 * @source Sinkhorn & Knopp (1967); Mena et al. (2018), "Learning Latent Permutations with
 *   Gumbel-Sinkhorn Networks"; docs/mathematics.md, 11.3.
 * @limit  Temperature to 0 gives the best assignment; to infinity, 1/N everywhere.
 * @cost   "sinkhorn" O(N²) an iteration; "exact" O(2ᴺ N²).
 */
export function matching({
  name = "matching",
  ...options
}: { name?: string } & Partial<Omit<PerfectMatching, "kind">> = {}): JointModel {
  return jointModel({ name, structure: perfectMatching(options) });
}
