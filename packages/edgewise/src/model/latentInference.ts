import { checkOptions } from "../errors/options.ts";

/** How often a state is updated, and when it has settled. */
export interface Iterations {
  readonly maxIterations: number;
  /** Iteration ends when no number moves by this much; 0 runs every iteration. */
  readonly tolerance: number;
  /** How gradients pass: back through every iteration, or at the point that was reached. */
  readonly gradient: "unrolled" | "implicit";
}

/** How a latent model's free energy is lowered. */
export type LatentInference = Cccp | Alternate | Descend | MeanField | Collect;

/** z ← (1 − η) z + η (mean + Λ⁻¹ Σ P ∇s): the concave–convex procedure, damped by η. */
export interface Cccp extends Iterations {
  readonly kind: "cccp";
  /** η in (0, 2); every such step lowers the free energy of a model with convex evidence. */
  readonly damping: number;
}

/** Posterior over edges and exact minimum of the expected energy in turn: expectation–maximisation. */
export interface Alternate extends Iterations {
  readonly kind: "alternate";
}

/** z ← z − rate ∇F, all latents at once; a rate that is too large lets the free energy rise. */
export interface Descend extends Iterations {
  readonly kind: "descend";
  readonly rate: number;
}

/** Gaussian beliefs about every latent number and the posterior over edges in turn. */
export interface MeanField extends Iterations {
  readonly kind: "meanField";
}

/**
 * z ← what the nodes' edges carry, P in the weights, and then what learned cells make of it. It
 * follows no energy in general, and none is reported then.
 */
export interface Collect extends Iterations {
  readonly kind: "collect";
  /** Σ P v, or its mean Σ (P + ε) v / Σ (P + ε). */
  readonly read: "sum" | "mean";
  readonly epsilon: number;
  readonly cells: readonly Cell[];
  /**
   * Whether this is the exact minimum of the expected energy, as the mean is under a Gaussian
   * potential without cells: the free energy is then read, and may not rise.
   */
  readonly energy: boolean;
}

/** Learned part of an update; with `blocks`, each block of features has weights of its own. */
export type Cell =
  | { readonly kind: "gru"; readonly by: string; readonly blocks: boolean }
  | {
      readonly kind: "residual";
      readonly by: string;
      readonly norm: string;
      readonly blocks: boolean;
      /** Letter of the hidden width. */
      readonly hidden: string;
    }
  | { readonly kind: "readout"; readonly factor: string };

type Options<Word> = Partial<Omit<Word, "kind">>;

/** Keys of every inference that iterates. */
export const iterationKeys: readonly string[] = ["maxIterations", "tolerance", "gradient"];

const steps: Iterations = { maxIterations: 1, tolerance: 0, gradient: "unrolled" };

function word<Word extends LatentInference>(base: Word, options: Options<Word>): Word {
  checkOptions(options, Object.keys(base).slice(1), base.kind);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}

/**
 * Concave–convex procedure. Lowers F by ½ ‖z⁺ − z‖²_Λ or more where the evidence is convex in what
 * is updated together: potentials affine in the latents.
 *
 * @source Yuille & Rangarajan (2003), "The Concave-Convex Procedure"; docs/mathematics.md, 4.2.
 */
export const cccp = (options: Options<Cccp> = {}): Cccp =>
  word({ kind: "cccp", ...steps, damping: 1 }, options);

/**
 * Alternating minimisation: never raises F where potentials are quadratic in the latents.
 *
 * @source docs/mathematics.md, 4.4 and 5.4.
 */
export const alternate = (options: Options<Alternate> = {}): Alternate =>
  word({ kind: "alternate", ...steps }, options);

/** Gradient descent on the free energy. */
export const descend = (options: Options<Descend> = {}): Descend =>
  word({ kind: "descend", ...steps, rate: 0.1 }, options);

/**
 * Mean field: independent Gaussians over the latents, whose variances enter the posterior over edges.
 *
 * @source docs/mathematics.md, 4.4, the variance term of squared errors included.
 */
export const meanField = (options: Options<MeanField> = {}): MeanField =>
  word({ kind: "meanField", ...steps }, options);

/** Updates that collect what edges carry: slot attention beyond its energy forms. */
export const collect = (options: Options<Collect> = {}): Collect =>
  word({ kind: "collect", ...steps, read: "sum", epsilon: 0, cells: [], energy: false }, options);

/**
 * Gated recurrent unit from what was collected and the state: `by.weight_ih`, `by.weight_hh`
 * [3 D, D], `by.bias_ih`, `by.bias_hh` [3 D], gates reset, update, new.
 *
 * @source Cho et al. (2014), "Learning Phrase Representations using RNN Encoder–Decoder".
 */
export const gru = (by: string, options: { blocks?: boolean } = {}): Cell => ({
  kind: "gru",
  by,
  blocks: false,
  ...options,
});
/** State plus a perceptron of its layer norm: `by.0.weight` [X, D] … `by.1.bias`, `norm.weight`, `norm.bias`. */
export const residual = (
  by: string,
  norm: string,
  options: { blocks?: boolean; hidden?: string } = {},
): Cell => ({ kind: "residual", by, norm, blocks: false, hidden: "X", ...options });
/** State replaced by what a factor's edges carry to it. */
export const readout = (factor: string): Cell => ({ kind: "readout", factor });
