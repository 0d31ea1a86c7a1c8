import { edgeModel } from "../model/edgeModel.ts";
import {
  cccp,
  collect,
  gru,
  type Iterations,
  iterationKeys,
  readout,
  residual,
} from "../model/latentInference.ts";
import { factor, type LatentModel, latent, latentModel } from "../model/latentModel.ts";
import { normed, perceptron, projected } from "../model/node.ts";
import { scaledDot } from "../model/potential.ts";
import { checkKeysOf, checkValue } from "../model/words.ts";

export interface BlockSlotOptions extends Partial<Iterations> {
  /** "energy": inputs and prototypes pull at once; "composed": learned cells, then prototypes alone. */
  readonly form?: "energy" | "composed";
  /** Added to every responsibility of the composed form. */
  readonly epsilon?: number;
}

const slots = { tensor: "slots", shape: ["B", "N", "H*C"] };
const memory = { tensor: "memory", shape: ["H", "M", "C"] };

/**
 * Block-slot attention: slots compete for inputs, and each block of a slot recalls prototypes.
 *
 * zᵢᵇ⁺ = [Σⱼ Pⱼᵢ κⱼ]ᵇ + Σₖ Rᵇᵢₖ mᵇₖ        Rᵇᵢₖ = softmaxₖ(⟨zᵢᵇ, mᵇₖ⟩)
 *
 * | argument           | shape                |                                            |
 * | ------------------ | -------------------- | ------------------------------------------ |
 * | inputs             | [B, M, D]            | [B, M, W] in the composed form             |
 * | slots              | [B, N, D]            |                                            |
 * | memory             | [blocks, K, D/blocks] | prototypes                                 |
 * | → slots            | [B, N, D]            |                                            |
 * | → responsibilities | [B, M, N]            | of the last update                         |
 * | → prototypes       | [B, N, blocks, K]    | of the last update                         |
 * | → freeEnergy       | [B, T]               | nats, "energy" only; softmax energies, so no log of counts |
 *
 * @source Singh et al. (2023), "Neural Systematic Binder" (composed); Singh & Buckley (2023) (energy);
 *   docs/mathematics.md, 5.3.
 * @limit  Without prototypes the energy form is slot attention.
 * @cost   O(N (M + K) D) a round.
 */
export function blockSlot({
  form = "energy",
  epsilon = 1e-8,
  ...options
}: BlockSlotOptions = {}): LatentModel<"slots"> {
  checkKeysOf(options, ["form", "epsilon", ...iterationKeys], "block-slot");
  checkValue("form", form, "block-slot");
  const composed = form === "composed";
  const lengths = { D: "H*C" };
  const moved = (weight: string) => [normed("input_norm"), projected(weight)];
  const whole = { tensor: "slots", shape: ["B", "N", "D"] };
  const inputs = (weight: string) =>
    composed
      ? { tensor: "inputs", shape: ["B", "M", "W"], moved: moved(weight) }
      : { tensor: "inputs", shape: ["B", "M", "D"] };
  const competition = edgeModel({
    name: "slots compete for inputs",
    chooser: "sender",
    nodes: {
      query: composed
        ? { ...whole, moved: [normed("slot_norm"), projected("query_weight")] }
        : whole,
      key: inputs("key_weight"),
      value: inputs("value_weight"),
    },
    potential: composed ? scaledDot() : scaledDot({ scale: 1 }),
  });
  const recalled = composed ? { ...memory, moved: [perceptron("memory_mlp", "Y")] } : memory;
  const recall = edgeModel({
    name: "blocks recall prototypes",
    nodes: {
      query: composed ? { ...slots, moved: [normed("block_norm")] } : slots,
      key: recalled,
      value: recalled,
    },
    potential: composed ? scaledDot() : scaledDot({ scale: 1 }),
  });
  const cells = [
    gru("gru", { blocks: true }),
    residual("mlp", "mlp_norm", { blocks: true }),
    readout("prototypes"),
  ];
  return latentModel({
    name: "block-slot",
    latents: [latent("slots", slots.shape)],
    factors: [
      factor("responsibilities", competition, { normalised: false, lengths }),
      factor("prototypes", recall, {
        normalised: false,
        lengths: { M: "K" },
        order: ["B", "N", "H", "M"],
      }),
    ],
    inference: composed ? collect({ ...options, read: "mean", epsilon, cells }) : cccp(options),
  });
}
