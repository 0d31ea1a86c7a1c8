/** What the workloads use of jax-js, which is found at run time. */

/** Array of jax-js, as far as the workloads use it. */
export interface Arr {
  readonly ref: Arr;
  mul(other: Arr | number): Arr;
  add(other: Arr | number): Arr;
  sub(other: Arr | number): Arr;
  div(other: Arr | number): Arr;
  sum(axis?: number): Arr;
  reshape(shape: readonly number[]): Arr;
  data(): Promise<Float32Array>;
  dispose(): void;
}
export type Expression = (...args: Arr[]) => Arr;
export interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): string;
  jit<F extends (...args: Arr[]) => unknown>(of: F): F;
  grad(of: Expression, options: { argnums: readonly number[] }): (...args: Arr[]) => Arr[];
  readonly nn: { softmax(x: Arr, axis: number): Arr };
  readonly numpy: {
    array(data: Float32Array, options: { shape: readonly number[] }): Arr;
    arange(count: number): Arr;
    einsum(subscripts: string, ...of: Arr[]): Arr;
    where(test: Arr, taken: Arr | number, otherwise: Arr | number): Arr;
    greater(a: Arr, b: Arr | number): Arr;
    less(a: Arr, b: Arr | number): Arr;
    sqrt(x: Arr): Arr;
    square(x: Arr): Arr;
  };
}
