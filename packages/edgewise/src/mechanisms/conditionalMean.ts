import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { ridge } from "../model/inference.ts";
import { gaussian, type Potential, scaledDot } from "../model/potential.ts";
import type { Quantity } from "../model/quantity.ts";
import { checkValue } from "../model/words.ts";

/**
 * Conditional mean of the values given a key, by kernel ridge regression, at each query.
 *
 * yᵢ = Vᵀ (𝒦 + λ I)⁻¹ κ(K, qᵢ)        𝒦 = κ(K, K), λ the `ridge`
 *
 * | kernel        | κ(k, q)                              |
 * | ------------- | ------------------------------------ |
 * | "linear"      | scale · ⟨k, q⟩                       |
 * | "exponential" | exp(scale · ⟨k, q⟩)                  |
 * | "gaussian"    | exp(−‖k − q‖² / 2h²), h `bandwidth`  |
 *
 * | argument      | shape                      |
 * | ------------- | -------------------------- |
 * | query         | [B, H, N, D]               |
 * | key, value    | [B, G, M, D], [B, G, M, V] |
 * | → expectation | [B, H, N, V]               |
 *
 * @source Zhang et al. (2022), "An Analysis of Attention via the Lens of Exchangeability and Latent
 *   Variable Models"; docs/mathematics.md, 10.2. The weights are no posterior: no evidence, no entropy.
 * @limit  The linear kernel is the predictive mean of Bayesian linear regression.
 * @cost   O(G·M³ + H·N·M·(D + V)) time and O(G·M²) memory for each batch entry.
 * @throws not_positive_definite when the ridge is too small for keys that lie together
 */
export function conditionalMean({
  kernel = "exponential",
  scale = 1,
  bandwidth = 1,
  ridge: added = 1e-3,
  ...options
}: EdgeModelOptions & {
  kernel?: "linear" | "exponential" | "gaussian";
  scale?: Quantity;
  bandwidth?: number;
  ridge?: Quantity;
} = {}): EdgeModel {
  checkValue("kernel", kernel, "conditional-mean");
  const precision = 1 / bandwidth ** 2;
  const potential: Potential =
    kernel === "gaussian" ? gaussian({ precision, normalised: false }) : scaledDot({ scale });
  return edgeModel({
    name: "conditional-mean",
    potential,
    inference: ridge({ ridge: added, exponentiated: kernel !== "linear" }),
    ...options,
  });
}
