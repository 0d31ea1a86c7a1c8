import { EdgewiseError } from "../errors/edgewiseError.ts";

/** Numbers of a tensor, row-major. Int32Array serves lists of edges and positions. */
export type Numbers = Float32Array | Float64Array | Int32Array;

/** Dense tensor as every face of Edgewise takes and returns it: read in place, never copied. */
export interface Tensor {
  readonly data: Numbers;
  readonly shape: readonly number[];
}

/** Tensor in double precision, as the reference engine returns it. */
export interface Float64Tensor extends Tensor {
  readonly data: Float64Array;
}

/** Number of elements of a shape; 1 for a scalar's empty shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Row-major strides, in elements. A dimension of extent 1 has stride 0, so it broadcasts. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    const size = shape[k] as number;
    strides[k] = size === 1 ? 0 : stride;
    stride *= size;
  }
  return strides;
}

/** Shape as people read it: `[2, 8, 64]`. */
export function showShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Nested arrays of numbers as a tensor.
 *
 * @throws bad_option when rows of one level differ in length, or hold anything but numbers
 */
export function tensor(values: NestedNumbers): Float64Tensor {
  const shape: number[] = [];
  for (let level = values; Array.isArray(level); level = level[0] as NestedNumbers) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const flat: number[] = [];
  gather(values, shape, 0, flat);
  return { data: Float64Array.from(flat), shape };
}

function gather(
  values: NestedNumbers,
  shape: readonly number[],
  depth: number,
  into: number[],
): void {
  const isRow = depth < shape.length;
  const fits = isRow
    ? Array.isArray(values) && values.length === shape[depth]
    : typeof values === "number";
  if (!fits) throw ragged(values, shape, depth);
  if (!isRow) into.push(values as number);
  else
    for (const inner of values as readonly NestedNumbers[]) gather(inner, shape, depth + 1, into);
}

function ragged(values: unknown, shape: readonly number[], depth: number): EdgewiseError {
  const found = Array.isArray(values) ? `a row of ${values.length}` : typeof values;
  return new EdgewiseError({
    code: "bad_option",
    where: "tensor",
    got: `${found} at level ${depth + 1}`,
    expected:
      depth < shape.length ? `rows of ${shape[depth]} at that level` : "numbers at that level",
    fix: "give every row of one level the same length, and numbers at the last",
  });
}

export type NestedNumbers = number | readonly NestedNumbers[];
