/** What an edge is worth to its receiver. */
export type Value =
  | { readonly kind: "none" }
  | { readonly kind: "carried" }
  | {
      readonly kind: "hops";
      readonly weights: readonly number[];
      readonly reading: "annealed" | "quenched";
    }
  | { readonly kind: "resolvent"; readonly continuation: number };

/** No value: the posterior itself is the answer. */
export const none = (): Value => ({ kind: "none" });
/** The sender's value, carried along the edge. */
export const carried = (): Value => ({ kind: "carried" });
/**
 * Values of the nodes 1, 2, … hops away, weighted: Σ_h γ_h Pʰ V. "annealed" draws each hop anew;
 * "quenched" (two hops) walks one graph twice.
 *
 * @source Singh & Buckley (2023), "Attention as Implicit Structural Inference", multihop attention.
 */
export const hops = ({
  weights = [1, 1],
  reading = "annealed",
}: {
  weights?: readonly number[];
  reading?: "annealed" | "quenched";
} = {}): Value => ({
  kind: "hops",
  weights,
  reading,
});
/** Infinitely many hops, each taken with probability γ: (1 − γ) (I − γ P)⁻¹ V. */
export const resolvent = ({ continuation }: { continuation: number }): Value => ({
  kind: "resolvent",
  continuation,
});
