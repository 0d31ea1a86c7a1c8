import { edgeModel } from "../model/edgeModel.ts";
import { alternate, cccp, type Iterations } from "../model/latentInference.ts";
import { factor, type LatentModel, latent, latentModel } from "../model/latentModel.ts";
import { projected } from "../model/node.ts";
import { gaussian, scaledDot } from "../model/potential.ts";

/**
 * Slot attention: slots compete for inputs, and collect what chose them.
 *
 * Pⱼᵢ = softmaxᵢ(⟨zᵢ, κⱼ⟩)        zᵢ⁺ = Σⱼ Pⱼᵢ κⱼ
 *
 * | argument           | shape     |                                        |
 * | ------------------ | --------- | -------------------------------------- |
 * | inputs             | [B, M, D] | [B, M, W] with `projects: true`        |
 * | slots              | [B, N, D] | where they start                       |
 * | key_weight         | [D, W]    | with `projects: true`, κ = W x         |
 * | → slots            | [B, N, D] |                                        |
 * | → responsibilities | [B, M, N] | of the last update                     |
 * | → freeEnergy       | [B, T]    | nats; falls                            |
 */
export function slot({
  update = "sum",
  projects = false,
  ...options
}: {
  update?: "sum" | "mean";
  projects?: boolean;
} & Partial<Iterations> = {}): LatentModel {
  const slots = { tensor: "slots", shape: ["B", "N", "D"] };
  const inputs = projects
    ? { tensor: "inputs", shape: ["B", "M", "W"], moved: [projected("key_weight")] }
    : { tensor: "inputs", shape: ["B", "M", "D"] };
  const competition = edgeModel({
    name: "slot",
    chooser: "sender",
    nodes: { query: slots, key: inputs },
    potential: update === "sum" ? scaledDot({ scale: 1 }) : gaussian({ normalised: false }),
  });
  return latentModel({
    name: "slot",
    latents: [latent("slots", slots.shape, { precision: update === "sum" ? 1 : 0 })],
    factors: [factor("responsibilities", competition)],
    inference: update === "sum" ? cccp(options) : alternate(options),
  });
}
