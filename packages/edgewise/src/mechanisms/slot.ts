import { edgeModel } from "../model/edgeModel.ts";
import {
  cccp,
  collect,
  gru,
  type Iterations,
  iterationKeys,
  type LatentInference,
  residual,
} from "../model/latentInference.ts";
import { factor, type LatentModel, latent, latentModel } from "../model/latentModel.ts";
import { type NodeMove, normed, projected } from "../model/node.ts";
import { gaussian, scaledDot } from "../model/potential.ts";
import { checkKeysOf, checkValue } from "../model/words.ts";

export interface SlotOptions extends Partial<Iterations> {
  readonly update?: "sum" | "mean" | "learned";
  readonly responsibilities?: "dot" | "distance";
  /** Keys are inputs [B, M, W] through `key_weight` [D, W]; when learned, unless told otherwise. */
  readonly projects?: boolean;
  /** Added to every responsibility of the learned update. */
  readonly epsilon?: number;
}

/**
 * Slot attention: slots compete for inputs, and collect what chose them.
 *
 * Pⱼᵢ = softmaxᵢ(⟨zᵢ, κⱼ⟩)        sum: zᵢ⁺ = Σⱼ Pⱼᵢ κⱼ        mean: zᵢ⁺ = Σⱼ Pⱼᵢ κⱼ / Σⱼ Pⱼᵢ
 *
 * | argument           | shape     |                                                      |
 * | ------------------ | --------- | ---------------------------------------------------- |
 * | inputs             | [B, M, D] | κ; [B, M, W] where they are projected                |
 * | slots              | [B, N, D] | where they start: equal slots stay equal             |
 * | → slots            | [B, N, D] |                                                      |
 * | → responsibilities | [B, M, N] | of the last update                                   |
 * | → freeEnergy       | [B, T]    | nats; sum with dot, and mean with distance: it falls |
 *
 * @source Locatello et al. (2020), "Object-Centric Learning with Slot Attention" (learned); Singh &
 *   Buckley (2023) (sum); docs/mathematics.md, 5.2.
 * @limit  One slot collects the sum, or the mean, of all inputs.
 * @cost   O(N M D) a round.
 */
export function slot({
  update = "sum",
  responsibilities = "dot",
  projects = update === "learned",
  epsilon = 1e-8,
  ...options
}: SlotOptions = {}): LatentModel<"slots"> {
  const known = ["update", "responsibilities", "projects", "epsilon", ...iterationKeys];
  checkKeysOf(options, known, "slot");
  checkValue("update", update, "slot");
  checkValue("responsibilities", responsibilities, "slot");
  const isLearned = update === "learned";
  const inputs = (weight: string, isProjected: boolean) => {
    const norm: NodeMove[] = isLearned ? [normed("input_norm")] : [];
    const moved = [...norm, ...(isProjected ? [projected(weight)] : [])];
    const width = projects ? "W" : "D";
    return { tensor: "inputs", shape: ["B", "M", width], ...(moved.length > 0 && { moved }) };
  };
  const slots = { tensor: "slots", shape: ["B", "N", "D"] };
  const moved = [normed("slot_norm"), projected("query_weight")];
  const dot = isLearned ? scaledDot() : scaledDot({ scale: 1 });
  const competition = edgeModel({
    name: "slot",
    chooser: "sender",
    nodes: {
      query: isLearned ? { ...slots, moved } : slots,
      key: inputs("key_weight", projects),
      value: inputs(isLearned ? "value_weight" : "key_weight", projects || isLearned),
    },
    potential: responsibilities === "dot" ? dot : gaussian({ normalised: false }),
  });
  const cells = isLearned ? [gru("gru"), residual("mlp", "mlp_norm")] : [];
  const read = update === "sum" ? "sum" : "mean";
  const collected = { ...options, read, epsilon: isLearned ? epsilon : 0, cells } as const;
  // These two follow an energy; other pairs collect.
  const energies: Record<string, () => LatentInference> = {
    "sum by dot": () => cccp(options),
    "mean by distance": () => collect({ ...collected, energy: true }),
  };
  const follow = energies[`${update} by ${responsibilities}`] ?? (() => collect(collected));
  return latentModel({
    name: "slot",
    latents: [latent("slots", slots.shape, { precision: update === "sum" ? 1 : 0 })],
    factors: [factor("responsibilities", competition)],
    inference: follow(),
  });
}
