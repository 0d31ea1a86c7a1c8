import { engineNamed, given, posteriorExpectation, probabilistic, type Tensor } from "edgewise";

/**
 * What the mixture is told.
 *
 * | tensor    | shape         | meaning                                             |
 * | --------- | ------------- | --------------------------------------------------- |
 * | query     | [1, 1, N, D]  | features of every cell                              |
 * | key       | [1, 1, M, D]  | features of every unit, before adaptation           |
 * | value     | [1, 1, M, V]  | labels that the unit's clicked pixels carry         |
 * | log_prior | [1, 1, N, M]  | nearness of the unit, nats                          |
 * | fixed     | [1, 1, N, V]  | clicked label of annotated cells, one-hot           |
 * | is_fixed  | [1, 1, N]     | 1 for annotated cells                               |
 */
export interface MixtureInputs {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly log_prior: Tensor;
  readonly fixed: Tensor;
  readonly is_fixed: Tensor;
}

/** Beliefs of the mixture, in the words of docs/mathematics.md, 9. */
export interface MixtureOptions {
  /** α: inverse variance of a cell's features around its unit's key. */
  readonly queryPrecision: number;
  /** β: inverse variance of a clicked label around its unit's value. */
  readonly valuePrecision: number;
  /** Rounds of key adaptation. */
  readonly keyIterations: number;
  /** Rounds of value propagation. */
  readonly valueIterations: number;
  /** λζ: how firmly a key stays with its clicked cell; 0.2 is worth 0.2/α cells. */
  readonly keyPriorPrecision: number;
  /** λμ: how firmly a value stays with its clicked pixels; worth λμ/β cells. */
  readonly valuePriorPrecision: number;
}

export const mixtureDefaults: MixtureOptions = {
  queryPrecision: 0.008,
  valuePrecision: 1,
  keyIterations: 1,
  valueIterations: 1,
  keyPriorPrecision: 0.2,
  valuePriorPrecision: 5,
};

/** Expected labels of every cell, [N · V]; the seam at which an engine or a test comes in. */
export type Infer = (inputs: MixtureInputs, options: MixtureOptions) => Promise<ArrayLike<number>>;

/**
 * Engine of a segmentation: double precision, and no instruction whose rounding is the processor's,
 * so that the same clicks give the same mask everywhere.
 */
export const segmentEngine = "reference";

/**
 * Expected labels by the library's `probabilistic` mechanism, clicked cells clamped.
 *
 * @source Gabbur, Bilkhu & Movellan (2021), "Probabilistic Attention for Interactive
 *         Segmentation"; docs/mathematics.md, 9.3 (keys) and 9.4 (values).
 * @cost   O((rounds + 2) · N · M · (D + V))
 */
export const inferByLibrary: Infer = async (inputs, options) => {
  const beliefs = { prior: given(), annotated: true, clampAnnotated: true };
  const model = probabilistic({ ...options, ...beliefs });
  const engine = await engineNamed(segmentEngine);
  const { expectation } = await posteriorExpectation(model, { ...inputs }, { engine });
  return expectation.data;
};
