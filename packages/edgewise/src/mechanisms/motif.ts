import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { intersection, type MotifsGraph, motifs } from "../model/graph.ts";

/**
 * Mixture of graphs: one of K support patterns holds for a whole head, and which one is inferred
 * together with the edges.
 *
 * p(g | x) ∝ ω_g exp Σᵢ log evidenceᵢ⁽ᵍ⁾        yᵢ = Σ_g p(g | x) Σⱼ P⁽ᵍ⁾ᵢⱼ vⱼ
 *
 * | argument          | shape        | unit                                 |
 * | ----------------- | ------------ | ------------------------------------ |
 * | query, key, value | as `cross`   |                                      |
 * | support           | [K, N, M]    | 1 where the motif has the edge, or 0 |
 * | log_weight        | [K]          | nats, with `logWeight: "log_weight"` |
 * | → expectation     | [B, H, N, V] | as value                             |
 * | → motif           | [B, H, K]    | p(g &#124; x)                        |
 * | → posterior       | [B, H, N, M] |                                      |
 * | → logPartition    | [B, H]       | nats: log Σ_g ω_g exp Σᵢ ℓᵢ⁽ᵍ⁾        |
 *
 * @source docs/mathematics.md, 11.4. Priors are normalised on each row of each motif, so that a
 *   motif does not gain by being larger.
 * @limit  One motif gives attention on its graph.
 * @cost   K times the cost of `cross`, cut to each motif's support.
 */
export function motif({
  support,
  logWeight,
  graph,
  ...options
}: EdgeModelOptions & Partial<Omit<MotifsGraph, "kind">> = {}): EdgeModel {
  const library = motifs({ ...(support && { support }), ...(logWeight && { logWeight }) });
  return edgeModel({
    name: "motif",
    graph: graph === undefined ? library : intersection(graph, library),
    ...options,
  });
}
