import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { type DrawInference, draw } from "../model/inference.ts";

/**
 * Hard attention: the mode, the k most probable edges renormalised, or draws from the posterior.
 *
 * | choose    | bias of the expectation       | gradient by scores                         |
 * | --------- | ----------------------------- | ------------------------------------------ |
 * | "mode"    | ≤ 2 (1 − P_max) max ‖v‖       | 0                                          |
 * | "top"     | ≤ 2 τ_k max ‖v‖               | of the renormalised posterior              |
 * | "samples" | 0                             | score function: unbiased; Gumbel: biased   |
 *
 * | result        | shape        |                                   |
 * | ------------- | ------------ | --------------------------------- |
 * | → expectation | [B, H, N, V] |                                   |
 * | → choice      | [B, H, N, S] | senders, −1 where there is no edge |
 *
 * @source Singh & Buckley (2023), "Attention: Marginal Probability is All You Need?", hard
 *   attention; docs/mathematics.md, 2.5.
 * @limit  `top` of all senders is soft attention.
 */
export function hard({
  choose,
  count,
  estimator,
  relaxation,
  ...options
}: EdgeModelOptions & Partial<Omit<DrawInference, "kind">> = {}): EdgeModel {
  const given = Object.fromEntries(
    Object.entries({ choose, count, estimator, relaxation }).filter(([, v]) => v !== undefined),
  );
  return edgeModel({ name: "hard", inference: draw(given), ...options });
}
