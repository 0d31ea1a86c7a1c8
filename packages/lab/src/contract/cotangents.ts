import { EdgewiseError, suggest, type Tensor } from "edgewise";
import type { Tensors } from "./check.ts";
import type { Row } from "./row.ts";

/**
 * Separates the cotangents `d_OUTPUT` of an input file from the row's own tensors.
 *
 * @throws missing_tensor without any cotangent, unknown_tensor for one of no output
 */
export function splitCotangents(
  row: Row,
  config: Readonly<Record<string, unknown>>,
  tensors: Tensors,
): { inputs: Tensors; cotangents: Tensors } {
  const written = row.outputs.filter(
    ({ name, optional }) => optional !== true || isWritten(name, config, tensors),
  );
  const known = written.map(({ name }) => `d_${name}`);
  const own = new Set(row.tensors.map(({ name }) => name));
  const inputs = new Map<string, Tensor>();
  const cotangents = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (known.includes(name)) cotangents.set(name.slice(2), tensor);
    else if (name.startsWith("d_") && !own.has(name)) throw unknown(row, name, known);
    else inputs.set(name, tensor);
  }
  if (cotangents.size > 0) {
    for (const [name, { data }] of cotangents) checkFinite(row, name, data);
    return { inputs, cotangents };
  }
  throw new EdgewiseError({
    code: "missing_tensor",
    where: `gradient of ${row.name}`,
    got: `tensors ${[...tensors.keys()].join(", ")}`,
    expected: `at least one cotangent among ${known.join(", ")}`,
    fix: `add ${known[0]} ${written[0]?.shape} to the input file`,
  });
}

/** The dense posterior may have a cotangent without being written. */
function isWritten(
  name: string,
  _config: Readonly<Record<string, unknown>>,
  tensors: Tensors,
): boolean {
  return name === "posterior" || tensors.has(name.replace(/^expectation_/, "value_"));
}

function unknown(row: Row, name: string, known: readonly string[]): EdgewiseError {
  return new EdgewiseError({
    code: "unknown_tensor",
    where: `gradient of ${row.name}`,
    got: `a tensor ${name}`,
    expected: `cotangents among ${known.join(", ")}`,
    fix: suggest(name, known, `take ${name} out of the input file`),
  });
}

function checkFinite(row: Row, name: string, data: Tensor["data"]): void {
  const k = data.findIndex((value) => !Number.isFinite(value));
  if (k < 0) return;
  throw new EdgewiseError({
    code: "not_finite",
    where: `gradient of ${row.name}`,
    got: `${data[k]} in d_${name} at element ${k}`,
    expected: "a finite number",
    fix: `replace the value in d_${name}`,
  });
}
