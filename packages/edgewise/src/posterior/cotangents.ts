import { allFinite } from "../array/finite.ts";
import type { Tensor } from "../array/tensor.ts";
import type { Inputs } from "../engines/engine.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import type { Model } from "../model/model.ts";
import { isTensor, notATensor } from "./bind.ts";

/**
 * Refuses cotangents that are no tensors of finite numbers: otherwise it would be the gradient by
 * some input that is not finite, and the blame its own.
 *
 * @throws shape_mismatch, not_finite
 */
export function checkCotangents(
  model: Model,
  cotangents: Inputs,
  finite: ((data: Float32Array) => boolean) | undefined,
): void {
  for (const [name, given] of Object.entries(cotangents)) {
    if (!isTensor(given)) throw notATensor(model, `the cotangent of ${name}`, given);
    const { data, shape } = given;
    if (data instanceof Float32Array && finite !== undefined ? finite(data) : allFinite(data))
      continue;
    const k = data.findIndex((value) => !Number.isFinite(value));
    if (k < 0) continue;
    throw new EdgewiseError({
      code: "not_finite",
      where: `cotangents of ${model.name}`,
      got: `${data[k]} in the cotangent of ${name} [${shape.join(", ")}] at element ${k}`,
      expected: "a finite number",
      fix: `replace the value in the cotangent of ${name}`,
    });
  }
}

/** Tensors that stay as they are, whatever becomes of the caller's. */
export const copied = (inputs: Inputs): Inputs =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]): [string, Tensor] => [
      name,
      { data: data.slice(), shape: [...shape] },
    ]),
  );
