import { EdgewiseError, suggest, type Tensor } from "edgewise";
import type { Tensors } from "./check.ts";
import type { Row } from "./row.ts";

/** Separates the cotangents `d_OUTPUT` of an input file from the row's own tensors. */
export function splitCotangents(
  row: Row,
  tensors: Tensors,
): { inputs: Tensors; cotangents: Tensors } {
  const outputs = row.outputs.map(({ name }) => `d_${name}`);
  const own = new Set(row.tensors.map(({ name }) => name));
  const isCotangent = (name: string): boolean =>
    outputs.includes(name) || (name.startsWith("d_") && !own.has(name));
  const all = [...tensors];
  return {
    inputs: new Map(all.filter(([name]) => !isCotangent(name))),
    cotangents: new Map(
      all.flatMap(([name, tensor]) => (isCotangent(name) ? [[name.slice(2), tensor]] : [])),
    ),
  };
}

/**
 * Checks cotangents against the outputs that a row writes for what it is given.
 *
 * @throws missing_tensor without any, unknown_tensor for one of no output, not_finite
 */
export function checkCotangents(row: Row, written: readonly string[], cotangents: Tensors): void {
  const known = written.map((name) => `d_${name}`);
  for (const name of cotangents.keys())
    if (!written.includes(name)) throw unknown(row, `d_${name}`, known);
  for (const [name, { data }] of cotangents) checkFinite(row, name, data);
  if (cotangents.size > 0) return;
  const shape = row.outputs.find(({ name }) => name === written[0])?.shape;
  throw new EdgewiseError({
    code: "missing_tensor",
    where: `gradient of ${row.name}`,
    got: "no cotangent in the input file",
    expected: `at least one cotangent among ${known.join(", ")}`,
    fix: `add ${known[0]} ${shape} to the input file`,
  });
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
