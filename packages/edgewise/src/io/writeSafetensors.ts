import { countOf, type Numbers, showShape, type Tensor } from "../array/tensor.ts";
import type { ErrorCode } from "../errors/catalog.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { quote, type Refusal } from "./badFile.ts";
import { encodeUtf8, hasLoneSurrogate } from "./text.ts";

/** Tensor to be written as `dtype`. Floating numbers of either width are rounded to it. */
export interface WritableTensor extends Tensor {
  readonly dtype: "F32" | "F64" | "I32";
}

/** One tensor, its bytes and where they go. */
interface Placed {
  readonly name: string;
  readonly description: string;
  readonly bytes: Uint8Array;
}

/**
 * Bytes of a safetensors file: names in order, header padded with spaces to 8 bytes.
 *
 * The same tensors and metadata give the same bytes, in whatever order they come.
 *
 * @throws shape_mismatch, bad_option
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, WritableTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const placed = place(tensors);
  const descriptions = placed.map(({ description }) => description);
  if (Object.keys(metadata).length > 0) descriptions.unshift(describeMetadata(metadata));
  const header = encodeUtf8(`{${descriptions.join(",")}}`);
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  const dataBytes = placed.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const file = new Uint8Array(dataStart + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  file.fill(" ".charCodeAt(0), 8, dataStart);
  file.set(header, 8);
  let at = dataStart;
  for (const { bytes } of placed) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** Tensors in the order of their names. Text by hand: an object would put its integer keys first. */
function place(tensors: Iterable<readonly [string, WritableTensor]>): Placed[] {
  const named = [...tensors].sort(([one], [other]) => (one < other ? -1 : Number(one > other)));
  let begin = 0;
  return named.map(([name, tensor], index) => {
    checkName(name, named[index - 1]?.[0]);
    const bytes = bytesOf(name, tensor);
    const { dtype, shape } = tensor;
    const entry = { dtype, shape, data_offsets: [begin, begin + bytes.length] };
    begin += bytes.length;
    return { name, description: `${JSON.stringify(name)}:${JSON.stringify(entry)}`, bytes };
  });
}

function bytesOf(name: string, { dtype, shape, data }: WritableTensor): Uint8Array {
  const countable = shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (!countable || countOf(shape) !== data.length) {
    refuse("shape_mismatch", {
      got: `tensor ${quote(name)} with shape ${showShape(shape)} and ${data.length} numbers`,
      expected: "as many numbers as the product of the shape, whose extents are whole numbers ≥ 0",
      fix: `give ${quote(name)} the shape of its data`,
    });
  }
  const numbers = convert(name, dtype, data);
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function convert(name: string, dtype: WritableTensor["dtype"], data: Numbers): Numbers {
  if (dtype === "F32") return data instanceof Float32Array ? data : Float32Array.from(data);
  if (dtype === "F64") return data instanceof Float64Array ? data : Float64Array.from(data);
  if (data instanceof Int32Array) return data;
  return refuse("bad_option", {
    got: `tensor ${quote(name)} with floating numbers to be written as I32`,
    expected: "an Int32Array for dtype I32",
    fix: `write ${quote(name)} as F32 or F64, or give Int32Array.from(data) if it holds integers`,
  });
}

function checkName(name: string, before: string | undefined): void {
  if (name !== before && name !== "__metadata__" && !hasLoneSurrogate(name)) return;
  refuse("bad_option", {
    got: name === before ? `the name ${quote(name)} twice` : `the tensor name ${quote(name)}`,
    expected: "names in Unicode, each once, other than __metadata__",
    fix: `give the tensor ${quote(name)} another name`,
  });
}

function describeMetadata(metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).sort(([one], [other]) => (one < other ? -1 : 1));
  const wrong = pairs.find((pair) => pair.some(isNotText));
  if (wrong === undefined) {
    const texts = pairs.map((pair) => pair.map((text) => JSON.stringify(text)).join(":"));
    return `"__metadata__":{${texts.join(",")}}`;
  }
  return refuse("bad_option", {
    got: `metadata ${quote(wrong[0])} that is not text in Unicode`,
    expected: "metadata as an object of texts",
    fix: `give metadata ${quote(wrong[0])} as a text, or leave it out`,
  });
}

function isNotText(value: unknown): boolean {
  return typeof value !== "string" || hasLoneSurrogate(value);
}

function refuse(code: ErrorCode, refusal: Refusal): never {
  throw new EdgewiseError({ code, where: "writeSafetensors", ...refusal });
}
