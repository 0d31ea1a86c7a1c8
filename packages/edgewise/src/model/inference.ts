import type { Quantity } from "./quantity.ts";

/** How the posterior is read or approximated; its programs are made in `inference/`. */
export type Inference = { readonly kind: "exact" } | DrawInference | EmInference | RidgeInference;

/** Edges chosen instead of averaged over. */
export interface DrawInference {
  readonly kind: "draw";
  /** The most probable edge, the `count` most probable ones renormalised, or `count` draws. */
  readonly choose: "mode" | "top" | "samples";
  readonly count: number;
  /**
   * How the gradient by scores passes draws: "scoreFunction" is unbiased; "gumbel" relaxes each
   * draw at `relaxation` and is biased, with less variance.
   */
  readonly estimator: "scoreFunction" | "gumbel";
  readonly relaxation: number;
}

/** Expectation–maximisation over the units of a mixture: keys adapt to queries, values to annotations. */
export interface EmInference {
  readonly kind: "em";
  readonly keyIterations: number;
  readonly valueIterations: number;
  readonly keyPriorPrecision: Quantity;
  readonly valuePriorPrecision: Quantity;
  readonly anchor: "initial" | "running";
  readonly freezePrior: boolean;
  readonly magnitudePrior: boolean;
  readonly clampAnnotated: boolean;
  readonly readout: "mean" | "map";
  readonly paperCompat: boolean;
  readonly annotated: boolean;
  readonly positions: { readonly query: boolean; readonly key: boolean; readonly value: boolean };
  readonly valuePrecision: Quantity;
}

/** Kernel ridge regression of values on keys: what it weighs edges with is not a posterior. */
export interface RidgeInference {
  readonly kind: "ridge";
  /** Added to the diagonal of the kernel's matrix. */
  readonly ridge: Quantity;
  /** The kernel is exp φ of the potential φ; otherwise it is φ itself. */
  readonly exponentiated: boolean;
}

/** Exact inference: the posterior of a factorised model is a softmax. */
export const exact = (): Inference => ({ kind: "exact" });

/** Hard attention: the mode, the most probable edges, or draws with an estimator of the gradient. */
export const draw = (options: Partial<Omit<DrawInference, "kind">> = {}): DrawInference => ({
  kind: "draw",
  choose: "mode",
  count: 1,
  estimator: "scoreFunction",
  relaxation: 0.5,
  ...options,
});

/** Kernel ridge regression: the kernel is exp φ unless told otherwise. */
export const ridge = (options: Partial<Omit<RidgeInference, "kind">> = {}): RidgeInference => ({
  kind: "ridge",
  ridge: 1e-3,
  exponentiated: true,
  ...options,
});

const emDefaults: EmInference = {
  kind: "em",
  keyIterations: 0,
  valueIterations: 0,
  keyPriorPrecision: 1,
  valuePriorPrecision: 1,
  anchor: "initial",
  freezePrior: true,
  magnitudePrior: false,
  clampAnnotated: false,
  readout: "mean",
  paperCompat: false,
  annotated: false,
  positions: { query: false, key: false, value: false },
  valuePrecision: 1,
};

/** EM of a mixture from options that may stand among others; `rest` are those others. */
export function em<Options extends Partial<Omit<EmInference, "kind">>>(
  options: Options,
): { inference: EmInference; rest: Omit<Options, keyof EmInference> } {
  const own = Object.entries(options).filter(
    ([key, value]) => key in emDefaults && value !== undefined,
  );
  const rest = Object.entries(options).filter(([key]) => !(key in emDefaults));
  const inference = { ...emDefaults, ...Object.fromEntries(own) } as EmInference;
  return { inference, rest: Object.fromEntries(rest) as Omit<Options, keyof EmInference> };
}
