/** What is believed before any click, of every photo alike. */
export interface Beliefs {
  /** Inverse variance of cells' features on one surface, when they are evened out. */
  readonly surfacePrecision: number;
  /** α: inverse variance of a cell's features around its clicked surface's, of fine and coarse cells. */
  readonly finePrecision: number;
  readonly coarsePrecision: number;
  /** Nats of log prior that one unit of separation takes away, of fine and coarse cells. */
  readonly fineNearness: number;
  readonly coarseNearness: number;
  /** How much of the coarse cells' posterior is the fine cells' prior, 0 … 1. */
  readonly carriedOver: number;
  /** λζ: how firmly a key stays with its clicked surface; worth λζ/α cells. */
  readonly keyPriorPrecision: number;
  /** β: inverse variance of a clicked label around its unit's value. */
  readonly valuePrecision: number;
  /** λμ: how firmly a value stays with its click's; worth λμ/β cells. */
  readonly valuePriorPrecision: number;
  /** Inverse variance of features across a step of propagation. */
  readonly stepPrecision: number;
  /** Probability that a walk of propagation goes on, and its most steps. */
  readonly continuation: number;
  readonly steps: number;
  /** Inverse variance of a pixel's colour around its cell's, in squared feature units. */
  readonly pixelPrecision: number;
  /** Inverse variance of a pixel's place around its cell's middle, per squared side of a cell. */
  readonly placePrecision: number;
}

/** Chosen on photos by cross-validation: docs/segmentation.md. */
export const beliefs: Beliefs = {
  surfacePrecision: 0.029,
  finePrecision: 0.008,
  coarsePrecision: 0.0088,
  fineNearness: 0.089,
  coarseNearness: 0.073,
  carriedOver: 0.5,
  keyPriorPrecision: 0.2,
  valuePrecision: 1,
  valuePriorPrecision: 5,
  stepPrecision: 0.03,
  continuation: 0.8,
  steps: 3,
  pixelPrecision: 0.03,
  placePrecision: 1.5,
};
