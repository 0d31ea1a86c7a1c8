/** Comparison of tensors with nested arrays. */
import { type Tensor, tensor } from "edgewise";
import { expect } from "vitest";

export type Nested = number | readonly Nested[];

/** Rounding of a few dozen operations on numbers below 100 in double precision. */
export const rounding = 1e-11;

/** Asserts that a tensor has these numbers, −∞ included, to `tolerance` absolutely. */
export function near(
  got: { readonly data: ArrayLike<number> } | undefined,
  expected: readonly Nested[],
  tolerance: number = rounding,
): void {
  const flat = expected.flat(20 as 1) as number[];
  expect(got?.data.length).toBe(flat.length);
  flat.forEach((x, k) => {
    const y = got?.data[k] ?? Number.NaN;
    const wrong = `element ${k}: ${y}, expected ${x}`;
    if (Number.isFinite(x)) expect(Math.abs(y - x), wrong).toBeLessThanOrEqual(tolerance);
    else expect(y, wrong).toBe(x);
  });
}

/** One batch entry and head of a matrix. */
export const single = (matrix: readonly (readonly number[])[]): Tensor => tensor([[matrix]]);
