import type { Quantity } from "./quantity.ts";

/** How the posterior is read or approximated; its programs are made in `inference/`. */
export type Inference =
  | { readonly kind: "exact" }
  | DrawInference
  | EmInference
  | ExpandInference
  | RidgeInference;

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

/**
 * Windows that grow while the continuation probability q of a beta-geometric prior is inferred.
 *
 * | scheme              | belief about q                                                     |
 * | ------------------- | ------------------------------------------------------------------ |
 * | "plugin-reset"      | EM for its mode: each update starts from the hyper-prior            |
 * | "plugin-accumulate" | each update adds to the last; the hyper-prior is forgotten          |
 * | "vb"                | mean field                                                         |
 * | "exact"             | summed out: no iterations                                          |
 */
export interface ExpandInference {
  readonly kind: "expand";
  readonly scheme: "plugin-reset" | "plugin-accumulate" | "vb" | "exact";
  /** What bounds the mass outside a window: the prior's tail, a certain bound, or a hopeful one. */
  readonly growth: "prior" | "posterior" | "optimistic";
  /** One q for each query, or one for the queries of a batch entry and head. */
  readonly share: "query" | "group";
  /** Mass that may stay outside the window; at 0 the window is everything. */
  readonly tail: number;
  /** Updates end when E[q] moves by less. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Any of its keys; what is left out or undefined has its default. */
export type ExpandOptions = {
  readonly [Key in Exclude<keyof ExpandInference, "kind">]?: ExpandInference[Key] | undefined;
};

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
/** Expanding attention's inference, of a causal model with prior `betaGeometric`. */
export function expand(options: ExpandOptions = {}): ExpandInference {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...expandDefaults, ...Object.fromEntries(given) };
}

const expandDefaults: ExpandInference = {
  kind: "expand",
  scheme: "plugin-reset",
  growth: "prior",
  share: "query",
  tail: 0.01,
  tolerance: 1e-3,
  maxIterations: 12,
};

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
