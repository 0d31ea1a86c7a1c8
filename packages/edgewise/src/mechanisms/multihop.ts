import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { hops, type Value } from "../model/value.ts";

/**
 * Multihop attention: the value of an edge is its node's and its node's neighbour's, and so on.
 *
 * Y = Σ_h γ_h Pʰ V, (P + P²) V by default; `resolvent({ continuation })` for infinitely many hops.
 *
 * @source Singh & Buckley (2023), multihop attention; docs/mathematics.md, 6.1, with the correction for
 *   self-edges in the quenched reading.
 * @limit  One hop gives self attention.
 * @cost   One more fold for each hop; Pʰ is never formed.
 */
export function multihop({
  value = hops(),
  ...options
}: EdgeModelOptions & { value?: Value } = {}): EdgeModel {
  return edgeModel({ name: "multihop", value, square: true, ...options });
}
