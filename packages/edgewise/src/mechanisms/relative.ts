import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { type Prior, perOffset } from "../model/prior.ts";

/**
 * Relative positions: a categorical prior over offsets, learned per head; a linear slope (ALiBi)
 * is a special case.
 *
 * πᵢⱼ ∝ exp b(j − i)
 *
 * | argument       | shape            | unit |
 * | -------------- | ---------------- | ---- |
 * | relative_prior | [H, N + M − 1]   | nats |
 *
 * @source Singh & Buckley (2023), relative positional encodings; docs/mathematics.md, 3.4.
 *   Press et al. (2022), "Train short, test long" for the slope: `distanceDecay({ slope })`.
 * @limit  A constant table gives self attention.
 */
export function relative({
  prior = perOffset(),
  ...options
}: EdgeModelOptions & { prior?: Prior } = {}): EdgeModel {
  return edgeModel({ name: "relative", prior, ...options });
}
