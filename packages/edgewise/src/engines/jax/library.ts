/** What is used of jax-js, an optional peer that is loaded when it is first needed. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";

/** Array of jax-js, or what stands for one while it traces; moved by use, `ref` keeps it. */
export interface JaxArray {
  readonly shape: number[];
  readonly ref: this;
  dispose(): void;
}

/** Array as the lowering uses it. */
export interface Arr extends JaxArray {
  readonly ref: this;
  sum(axes: number[]): Arr;
  max(axes: number[]): Arr;
  reshape(shape: number[]): Arr;
  transpose(order: number[]): Arr;
  astype(dtype: string): Arr;
  data(): Promise<Float32Array>;
}

type Operand = Arr | number;
type Of1 = (x: Operand) => Arr;
type Of2 = (x: Operand, y: Operand) => Arr;

export interface Jax {
  init(...devices: string[]): Promise<readonly string[]>;
  defaultDevice(device?: string): string;
  readonly lax: { readonly erfc: Of1; readonly stopGradient: Of1 };
  readonly numpy: {
    array(data: Float32Array | Int32Array, options: { shape: number[] }): Arr;
    where(test: Arr | boolean, taken: Operand | boolean, otherwise: Operand | boolean): Arr;
    einsum(subscripts: string, ...of: Arr[]): Arr;
    take(of: Arr, indices: Arr, axis: number): Arr;
    broadcastTo(of: Arr, shape: number[]): Arr;
    stack(of: Arr[], axis: number): Arr;
    readonly negative: Of1;
    readonly exp: Of1;
    readonly log: Of1;
    readonly sqrt: Of1;
    readonly tanh: Of1;
    readonly sin: Of1;
    readonly cos: Of1;
    readonly absolute: Of1;
    readonly sign: Of1;
    readonly floor: Of1;
    readonly logicalNot: Of1;
    readonly add: Of2;
    readonly subtract: Of2;
    readonly multiply: Of2;
    readonly trueDivide: Of2;
    readonly power: Of2;
    readonly remainder: Of2;
    readonly minimum: Of2;
    readonly maximum: Of2;
    readonly less: Of2;
    readonly lessEqual: Of2;
    readonly equal: Of2;
    readonly notEqual: Of2;
    readonly logicalAnd: Of2;
    readonly logicalOr: Of2;
  };
}

/** The version that this lowering is tested with. */
const version = "0.1.25";

/** @throws engine_cannot where jax-js is not installed */
export async function loadJax(): Promise<Jax> {
  try {
    return (await import("@jax-js/jax")) as unknown as Jax;
  } catch (error) {
    throw new EdgewiseError({
      code: "engine_cannot",
      where: "jax",
      got: `no package @jax-js/jax: ${error instanceof Error ? error.message : error}`.split(
        "\n",
      )[0] as string,
      expected: `@jax-js/jax ${version}, which Edgewise does not bring along`,
      fix: `npm install @jax-js/jax@${version}`,
    });
  }
}

/** A tensor that jax-js cannot hold. */
export function withoutElements(name: string, shape: readonly number[]): EdgewiseError {
  return new EdgewiseError({
    code: "engine_cannot",
    where: "jax",
    got: `${name} with shape [${shape.join(", ")}]`,
    expected: "tensors with at least one number: jax-js has no others",
    fix: "name the engine wasm or reference",
  });
}
