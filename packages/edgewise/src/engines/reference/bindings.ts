import { stridesOf } from "../../array/tensor.ts";
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { TensorSpec } from "../../ir/program.ts";
import type { Environment as Names } from "../shared/bindings.ts";

/** Tensor as loops read it: numbers in place and a stride for each dimension (0 broadcasts). */
export interface Bound {
  readonly data: Float32Array | Float64Array | Int32Array;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export type Environment = Names<Bound>;

export function bound(data: Bound["data"], shape: readonly number[]): Bound {
  return { data, shape, strides: stridesOf(shape) };
}

/** Zeros of a declared shape, bound under its name. */
export function allocate(environment: Environment, spec: TensorSpec): Bound {
  const shape = spec.shape.map((extent) => environment.size(extent));
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count > mostNumbers) throw tooLarge(spec.name, shape);
  const made = bound(new Float64Array(count), shape);
  environment.set(spec.name, made);
  return made;
}

/** Refuses what a step would only find out when its turn comes. @throws engine_cannot */
export function refuseTooLarge(environment: Environment, { name, shape }: TensorSpec): void {
  // Lengths that the run itself decides are not known yet.
  if (shape.some((extent) => /[@#]/.test(String(extent)))) return;
  const extents = shape.map((extent) =>
    environment.size(typeof extent === "number" ? extent : extent.replace("|1", "")),
  );
  if (extents.reduce((product, extent) => product * extent, 1) > mostNumbers)
    throw tooLarge(name, extents);
}

/** Most numbers of one tensor: 16 GiB in double precision. */
const mostNumbers = 2 ** 31;

function tooLarge(name: string, shape: readonly number[]): EdgewiseError {
  return new EdgewiseError({
    code: "engine_cannot",
    where: "reference",
    got: `${name} with shape [${shape.join(", ")}]`,
    expected: `at most ${mostNumbers} numbers in one tensor`,
    fix: "ask for fewer readings, draws or nodes at once",
  });
}
