/** What an edge is worth to its receiver. */
export type Value =
  | { readonly kind: "indicator" }
  | { readonly kind: "carried" }
  | { readonly kind: "proportional" }
  | {
      readonly kind: "hops";
      readonly weights: readonly number[];
      readonly reading: "annealed" | "quenched";
    }
  | { readonly kind: "resolvent"; readonly continuation: number };

/** The edge itself, one-hot: the expectation is the posterior. */
export const indicator = (): Value => ({ kind: "indicator" });
/** The sender's value, carried along the edge. */
export const carried = (): Value => ({ kind: "carried" });
/** The sender's value times the edge's potential φ, before temperature. */
export const proportional = (): Value => ({ kind: "proportional" });
/**
 * Values of the nodes 1, 2, … hops away, weighted: Σ_h γ_h Pʰ V. "annealed" draws each hop anew;
 * "quenched" (two hops) walks one graph twice.
 *
 * @source Singh & Buckley (2023), "Attention as Implicit Structural Inference", multihop attention.
 */
export const hops = (
  options: { weights?: readonly number[]; reading?: "annealed" | "quenched" } = {},
): Value => ({
  kind: "hops",
  weights: [1, 1],
  reading: "annealed",
  ...options,
});
/** Infinitely many hops, each taken with probability γ: (1 − γ) (I − γ P)⁻¹ V. */
export const resolvent = (options: { continuation: number }): Value => ({
  kind: "resolvent",
  ...options,
});
