import { edgeModel } from "../model/edgeModel.ts";
import { type Cccp, cccp, iterationKeys } from "../model/latentInference.ts";
import { factor, type LatentModel, latent, latentModel } from "../model/latentModel.ts";
import { scaledDot } from "../model/potential.ts";
import { checkKeysOf, checkPositive } from "../model/words.ts";

/**
 * Modern continuous Hopfield network: each state moves to the mean of the patterns that it recalls.
 *
 * z⁺ = Σⱼ softmaxⱼ(β ⟨z, xⱼ⟩) xⱼ        F(z) = ½‖z‖² − 1/β log Σⱼ exp(β ⟨z, xⱼ⟩) + 1/β log M + ½ max ‖xⱼ‖²
 *
 * | argument          | shape        | unit    |
 * | ----------------- | ------------ | ------- |
 * | state             | [B, N, D]    |         |
 * | patterns          | [B, M, D]    | state   |
 * | → state           | [B, N, D]    | state   |
 * | → freeEnergy      | [B, N, T]    | state²  |
 * | → precisionMatrix | [B, N, D, D] | 1       |
 *
 * @source Ramsauer et al. (2021), "Hopfield Networks is All You Need"; Singh & Buckley (2023);
 *   docs/mathematics.md, 5.1 and 4.3. Our `precision` is their β.
 * @limit  β → 0 gives the mean of the patterns, β → ∞ the pattern of greatest inner product.
 * @cost   O(N M D) a round.
 * @throws bad_model for a precision that is not above 0, unknown_option
 */
export function hopfield({
  precision = 1,
  ...options
}: { precision?: number } & Partial<Omit<Cccp, "kind">> = {}): LatentModel<"state"> {
  checkKeysOf(options, ["precision", "damping", ...iterationKeys], "hopfield");
  checkPositive("precision", precision, "hopfield");
  const nodes = {
    query: { tensor: "state", shape: ["B", "N", "D"] },
    key: { tensor: "patterns", shape: ["B", "M", "D"] },
  };
  const recalled = edgeModel({
    name: "hopfield",
    nodes,
    potential: scaledDot({ scale: 1 }),
    temperature: 1 / precision,
  });
  return latentModel({
    name: "hopfield",
    latents: [latent("state", nodes.query.shape)],
    factors: [factor("posterior", recalled)],
    floor: nodes.key,
    inference: cccp(options),
  });
}
