import { badFile, quote, show } from "./badFile.ts";
import { type Dtype, dtypes, isDtype } from "./dtypes.ts";
import { hasLoneSurrogate } from "./text.ts";

/** What the header says of one tensor, after it was checked against the bytes that are there. */
export interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes of the tensor, counted from the start of the data. */
  readonly begin: number;
  readonly end: number;
}

/** Refusal of one tensor, which names it and its file. */
type Refuse = (got: string, expected: string) => never;

const fieldNames = ["dtype", "shape", "data_offsets"];

/** One tensor's entry of the header, checked against the `available` bytes of data. */
export function readEntry(name: string, claim: unknown, available: number, where: string): Entry {
  const refuse = (got: string, expected: string): never => {
    throw badFile(where, {
      got: `tensor ${quote(name)} ${got}`,
      expected,
      fix: `save ${quote(name)} again with a safetensors writer`,
    });
  };
  if (hasLoneSurrogate(name)) refuse("with half a surrogate pair in its name", "a name in Unicode");
  const fields = readFields(claim, refuse);
  const dtype = readDtype(fields.get("dtype"), refuse);
  const shape = readCounts("shape", fields.get("shape"), refuse);
  const [begin, end] = readOffsets(fields.get("data_offsets"), available, refuse);
  checkBytes(dtype, shape, end - begin, refuse);
  return { name, dtype, shape, begin, end };
}

function readFields(claim: unknown, refuse: Refuse): Map<string, unknown> {
  if (!isObject(claim)) return refuse(`described by ${show(claim)}`, "an object");
  // A map, so that a field called "__proto__" is a field that is not known.
  const fields = new Map<string, unknown>(Object.entries(claim));
  const missing = fieldNames.find((field) => !fields.has(field));
  if (missing !== undefined) refuse(`without ${missing}`, fieldNames.join(", "));
  const unknown = [...fields.keys()].find((field) => !fieldNames.includes(field));
  if (unknown === undefined) return fields;
  return refuse(`with the unknown field ${quote(unknown)}`, `${fieldNames.join(", ")} alone`);
}

function readOffsets(claim: unknown, available: number, refuse: Refuse): [number, number] {
  const offsets = readCounts("data_offsets", claim, refuse);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length !== 2 || begin > end) {
    return refuse(`with data_offsets ${show(offsets)}`, "data_offsets [begin, end], begin ≤ end");
  }
  if (end <= available) return [begin, end];
  return refuse(
    `ending at byte ${end} of the data`,
    `an end within the ${available} bytes of data`,
  );
}

function readDtype(claim: unknown, refuse: Refuse): Dtype {
  if (isDtype(claim)) return claim;
  return refuse(`with dtype ${show(claim)}`, `one of ${Object.keys(dtypes).join(", ")}`);
}

function readCounts(field: string, claim: unknown, refuse: Refuse): readonly number[] {
  if (Array.isArray(claim) && claim.every(isCount)) return claim;
  return refuse(`with ${field} ${show(claim)}`, `${field} as whole numbers from 0 to 2^53 − 1`);
}

/** Compares what the shape claims with the bytes there are; the product is never trusted before. */
function checkBytes(dtype: Dtype, shape: readonly number[], bytes: number, refuse: Refuse): void {
  const { size } = dtypes[dtype];
  const extents = shape.filter((extent) => extent !== 0);
  // The extents beside a zero count too: strides are made of them.
  const largest = extents.reduce((product, extent) => product * extent, size);
  if (!Number.isSafeInteger(largest)) {
    refuse(`with shape ${show(shape)}`, "a shape whose bytes can be counted exactly");
  }
  const claimed = extents.length === shape.length ? largest : 0;
  if (claimed !== bytes) {
    refuse(
      `with ${bytes} bytes between its data_offsets`,
      `${claimed} bytes for dtype ${dtype} and shape ${show(shape)}`,
    );
  }
}

/** Whether a parsed value is a JSON object. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}
