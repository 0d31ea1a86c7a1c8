/** Tensors of one call: arrays of jax-js, and the few scalars that are known while it is lowered. */
import type { Environment as Names } from "../shared/bindings.ts";
import type { Arr } from "./library.ts";

export interface Bound {
  readonly shape: readonly number[];
  /** The array, or the number of a scalar that counts iterations. */
  readonly value: Arr | number;
}

export type Environment = Names<Bound>;

export const boundArray = (value: Arr): Bound => ({ shape: value.shape, value });
export const boundNumber = (value: number): Bound => ({ shape: [], value });
