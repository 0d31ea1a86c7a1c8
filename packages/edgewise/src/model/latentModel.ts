import { checkOptions } from "../errors/options.ts";
import { checkLatentModel } from "./checkLatent.ts";
import type { EdgeModel } from "./edgeModel.ts";
import type { LatentInference } from "./latentInference.ts";
import type { NodeTensor } from "./node.ts";
import type { Quantity } from "./quantity.ts";

/**
 * Nodes whose state is not given but inferred. Their tensor among the inputs is where the
 * iteration starts, and among the answers where it ended.
 */
export interface Latent<Name extends string = string> {
  readonly tensor: Name;
  /** Letters of the shape; a factor that joins these nodes has the same ones. */
  readonly shape: readonly string[];
  /** Λ of the Gaussian belief ½ Λ ‖z − mean‖² about each number; 0 for none. */
  readonly precision: Quantity;
  readonly mean: Quantity;
}

/** Edges between nodes, some of them latent: one term of the free energy for each owner. */
export interface Factor {
  /** Under this name the posterior over its edges is read. */
  readonly name: string;
  readonly edges: EdgeModel;
  /**
   * Which edges of an owner exist: "one", as its edge model chooses; "all" at once, each with its own
   * error; or all "pooled" into a single prediction.
   */
  readonly active: "one" | "all" | "pooled";
  /** Whether the prior's mass is divided out of the evidence; softmax energies leave it in. */
  readonly normalised: boolean;
  /** Lengths that letters mean here, where one letter has several: `{ N: "units 1", M: "units 0" }`. */
  readonly lengths: Readonly<Record<string, string>>;
  /** Letters of the posterior's shape as it is read, where that order is another than owners first. */
  readonly order?: readonly string[];
}

/**
 * Model with latent nodes: what is believed about them, and the factors that join them with each
 * other and with data. Inference lowers the collapsed free energy, in which every edge is summed out:
 *
 * F(z) = Σ ½ Λ ‖z − mean‖² − Σ_factors Σ_owners log Σⱼ π exp(s(x, z)) + constant
 */
export interface LatentModel<Name extends string = string> {
  readonly name: string;
  readonly latents: readonly Latent<Name>[];
  readonly factors: readonly Factor[];
  /** ½ maxⱼ ‖xⱼ‖² of these nodes, added to the energy so that it is not negative. */
  readonly floor?: NodeTensor;
  readonly inference: LatentInference;
}

/** Latent nodes with a Gaussian belief about them, of precision 1 around 0 unless told otherwise. */
export function latent<Name extends string>(
  tensor: Name,
  shape: readonly string[],
  options: { precision?: Quantity; mean?: Quantity } = {},
): Latent<Name> {
  checkOptions(options, ["precision", "mean"], `latent ${tensor}`);
  return { tensor, shape, precision: 1, mean: 0, ...options };
}

/** Factor of a latent model: edges as an edge model declares them. */
export function factor(
  name: string,
  edges: EdgeModel,
  options: Partial<Omit<Factor, "name" | "edges">> = {},
): Factor {
  checkOptions(options, ["active", "normalised", "lengths", "order"], `factor ${name}`);
  return { name, edges, active: "one", normalised: true, lengths: {}, ...options };
}

/** Declaration of a model with latent nodes. @throws bad_model when its words contradict each other */
export function latentModel<Name extends string>(options: LatentModel<Name>): LatentModel<Name> {
  checkOptions(
    options,
    ["name", "latents", "factors", "floor", "inference"],
    options?.name ?? "latentModel",
  );
  checkLatentModel(options);
  return options;
}
