/** What a function of jax-js arrays is given: checked before anything of it is touched. */
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { suggest } from "../errors/nearest.ts";
import type { Model } from "../model/model.ts";

/** Refuses what are no arrays of jax-js, by names that are known. @throws unknown_tensor, shape_mismatch */
export function checkArrays(model: Model, inputs: unknown, known: readonly string[]): void {
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs))
    throw new EdgewiseError({
      code: "shape_mismatch",
      where: model.name,
      got: `${Array.isArray(inputs) ? "a list" : inputs} in place of arrays by their names`,
      expected: `an object of jax-js arrays among ${known.join(", ")}`,
      fix: `write { ${known[0]}: np.array(…), … }`,
    });
  for (const [name, given] of Object.entries(inputs)) {
    if (!known.includes(name)) throw unknownTensor(model, name, known);
    if (!isArray(given)) throw notAnArray(model, name, given);
  }
}

/** An array of jax-js, or what stands for one while it traces. */
function isArray(given: unknown): boolean {
  const { shape, dispose } = (given ?? {}) as { shape?: unknown; dispose?: unknown };
  return Array.isArray(shape) && typeof dispose === "function";
}

function notAnArray(model: Model, name: string, given: unknown): EdgewiseError {
  const { data, shape } = (given ?? {}) as { data?: unknown; shape?: unknown };
  const isTensor = ArrayBuffer.isView(data) && Array.isArray(shape);
  const kind = Array.isArray(given)
    ? "a list"
    : given == null
      ? String(given)
      : `a ${typeof given}`;
  return new EdgewiseError({
    code: "shape_mismatch",
    where: model.name,
    got: `${name} as ${isTensor ? "a tensor of Edgewise" : kind}`,
    expected: "an array of jax-js",
    fix: isTensor
      ? `write np.array(${name}.data).reshape(${name}.shape), with np the numpy of jax-js`
      : `write np.array(…) for ${name}, with np the numpy of jax-js`,
  });
}

function unknownTensor(model: Model, name: string, known: readonly string[]): EdgewiseError {
  return new EdgewiseError({
    code: "unknown_tensor",
    where: model.name,
    got: `a tensor ${name}`,
    expected: `tensors among ${known.join(", ")}`,
    fix: suggest(name, known, `leave ${name} out`),
  });
}
