import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";

/**
 * Cross attention: each receiver chooses among all senders, uniform prior, dot potential.
 *
 * φᵢⱼ = ⟨query_i, key_j⟩/√D        yᵢ = Σⱼ p(j | i) value_j
 *
 * | argument      | shape                      | unit     |
 * | ------------- | -------------------------- | -------- |
 * | query         | [B, H, N, D]               |          |
 * | key, value    | [B, G, M, D], [B, G, M, V] |          |
 * | → expectation | [B, H, N, V]               | as value |
 *
 * @source Singh & Buckley (2023), cross attention; docs/mathematics.md, 3.1. Heads read group ⌊hG/H⌋.
 * @limit  It is scaled dot-product attention (Vaswani et al. 2017, eq. 1).
 * @cost   O(N·M·(D + V)) time, O(N·V) memory.
 */
export function cross(options: EdgeModelOptions = {}): EdgeModel {
  return edgeModel({ name: "cross", ...options });
}
