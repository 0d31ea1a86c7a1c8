/**
 * Share of an energy's terms below which a rise is called rounding. An error between large numbers
 * loses digits before it is squared, so these are wider than a sum of the terms alone would need.
 */
const shares = { float32: 1e-4, float64: 1e-9 } as const;

/** The share for numbers of this precision. */
export const roundingOf = (data: unknown): number =>
  data instanceof Float32Array ? shares.float32 : shares.float64;
