import { edgeModel } from "../model/edgeModel.ts";
import { alternate, descend, type Iterations, iterationKeys } from "../model/latentInference.ts";
import {
  type Factor,
  factor,
  type Latent,
  type LatentModel,
  latent,
  latentModel,
} from "../model/latentModel.ts";
import { prediction } from "../model/potential.ts";
import { parameter, type Quantity } from "../model/quantity.ts";
import { checkCount, checkKeysOf, checkValue } from "../model/words.ts";

export interface PredictiveCodingOptions extends Partial<Iterations> {
  /** Number of layers above the observed one, which is `state.LAYERS`. */
  readonly layers?: number;
  readonly variant?: "structural" | "edgewise" | "standard";
  readonly link?: "identity" | "tanh";
  readonly update?: "gradient" | "closed";
  readonly rate?: number;
  /** Units are vectors: states [B, units, D], weights [units below, units, D, D]. */
  readonly vectors?: boolean;
  /** Belief about the top layer: `parameter("top_precision", ["n0"])`, or a number for all units. */
  readonly topPrecision?: Quantity;
  readonly topMean?: Quantity;
}

const words = ["layers", "variant", "link", "update", "rate", "vectors", "topPrecision", "topMean"];

/**
 * Predictive coding network: each unit is predicted by units of the layer above, through an edge
 * that it chooses ("structural"), through each edge by itself ("edgewise"), or by all together
 * ("standard"). Softmax probabilities times a unit's precision are the precisions of its edges.
 *
 * @source Singh & Buckley (2023), predictive coding; docs/mathematics.md, 5.4, with the sign and the scale
 *   of the error corrected.
 * @limit  With one unit above, the three variants are one model.
 * @throws bad_model for closed updates of a tanh link or of the standard network
 */
export function predictiveCoding({
  layers = 1,
  variant = "structural",
  link = "identity",
  update = "gradient",
  rate = 0.1,
  vectors = false,
  topPrecision = 0,
  topMean = 0,
  ...iterations
}: PredictiveCodingOptions = {}): LatentModel<`state.${number}`> {
  checkKeysOf(iterations, [...words, ...iterationKeys], "predictive-coding");
  checkCount("layers", layers, "predictive-coding");
  checkValue("variant", variant, "predictive-coding");
  checkValue("step", update, "predictive-coding");
  const features = vectors ? ["D"] : [];
  const active = { structural: "one", edgewise: "all", standard: "pooled" } as const;
  const free = Array.from(
    { length: layers },
    (_, l): Latent<`state.${number}`> =>
      latent(`state.${l}`, ["B", `n${l}`, ...features], {
        precision: l === 0 ? topPrecision : 0,
        mean: l === 0 ? topMean : 0,
      }),
  );
  const factors = free.map((_, l): Factor => {
    const edges = edgeModel({
      name: `predictions of layer ${l + 1}`,
      nodes: {
        query: { tensor: `state.${l + 1}`, shape: ["B", "N", ...features] },
        key: { tensor: `state.${l}`, shape: ["B", "M", ...features] },
      },
      potential: prediction({
        weight: `weight.${l}`,
        precision: parameter(`precision.${l}`, ["N"]),
        link,
      }),
    });
    const lengths = { N: `n${l + 1}`, M: `n${l}` };
    return factor(`posterior.${l}`, edges, { active: active[variant], lengths });
  });
  // Odd layers first: no factor joins two of them, and each sees its neighbours as they are.
  const order = [...free.filter((_, l) => l % 2 === 1), ...free.filter((_, l) => l % 2 === 0)];
  return latentModel({
    name: "predictive-coding",
    latents: order,
    factors,
    inference: update === "closed" ? alternate(iterations) : descend({ ...iterations, rate }),
  });
}
