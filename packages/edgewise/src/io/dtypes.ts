import type { Numbers } from "../array/tensor.ts";
import { badFile, quote } from "./badFile.ts";

/** Element types of a safetensors file that can be read. */
export type Dtype =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL";

/** How the bytes of one tensor become numbers; `label` names the tensor when an element cannot. */
interface Decoder {
  readonly size: number;
  decode(bytes: Uint8Array, label: Label): Numbers;
}

/** Which tensor of which file is being read. */
export interface Label {
  readonly where: string;
  readonly name: string;
}

/** Every element type, with its width in bytes and its decoder. */
export const dtypes: Readonly<Record<Dtype, Decoder>> = {
  F64: { size: 8, decode: (bytes) => view(bytes, Float64Array) },
  F32: { size: 4, decode: (bytes) => view(bytes, Float32Array) },
  F16: { size: 2, decode: (bytes) => Float32Array.from(view(bytes, Uint16Array), fromHalf) },
  BF16: { size: 2, decode: fromBrainFloats },
  I64: { size: 8, decode: (bytes, label) => exact(view(bytes, BigInt64Array), label) },
  I32: { size: 4, decode: (bytes) => view(bytes, Int32Array) },
  I16: { size: 2, decode: (bytes) => new Int32Array(view(bytes, Int16Array)) },
  I8: { size: 1, decode: (bytes) => new Int32Array(view(bytes, Int8Array)) },
  U64: { size: 8, decode: (bytes, label) => exact(view(bytes, BigUint64Array), label) },
  U32: { size: 4, decode: (bytes) => new Float64Array(view(bytes, Uint32Array)) },
  U16: { size: 2, decode: (bytes) => new Int32Array(view(bytes, Uint16Array)) },
  U8: { size: 1, decode: (bytes) => new Int32Array(bytes) },
  BOOL: { size: 1, decode: fromBooleans },
};

/** Whether a value of a header names an element type; "constructor" is nobody's. */
export function isDtype(claim: unknown): claim is Dtype {
  return typeof claim === "string" && Object.hasOwn(dtypes, claim);
}

interface ArrayType<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}

/**
 * The bytes read as elements: in place where their address allows, from a copy otherwise.
 * The format is little-endian, and so is every machine that Node and the browsers run on.
 */
function view<A>(bytes: Uint8Array, type: ArrayType<A>): A {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new type(aligned.buffer, aligned.byteOffset, bytes.length / type.BYTES_PER_ELEMENT);
}

/** Half precision: 1 sign bit, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A brain float is the upper half of a single-precision number. */
function fromBrainFloats(bytes: Uint8Array): Float32Array {
  const bits = Uint32Array.from(view(bytes, Uint16Array), (half) => half << 16);
  return new Float32Array(bits.buffer);
}

function fromBooleans(bytes: Uint8Array, label: Label): Int32Array {
  const at = bytes.findIndex((byte) => byte > 1);
  if (at >= 0) {
    throw badFile(label.where, {
      got: `tensor ${quote(label.name)} of dtype BOOL with the byte ${bytes[at]} at element ${at}`,
      expected: "0 or 1 in every element of a BOOL tensor",
      fix: `save ${quote(label.name)} as U8 if it holds counts, or as 0 and 1`,
    });
  }
  return new Int32Array(bytes);
}

/** 64-bit integers as doubles, refused where a double would round them. */
function exact(integers: BigInt64Array | BigUint64Array, label: Label): Float64Array {
  const numbers = new Float64Array(integers.length);
  for (const [at, integer] of integers.entries()) {
    numbers[at] = Number(integer);
    if (Number.isSafeInteger(numbers[at])) continue;
    throw badFile(label.where, {
      got: `tensor ${quote(label.name)} with the integer ${integer} at element ${at}`,
      expected: "64-bit integers between −(2^53 − 1) and 2^53 − 1, which a double holds exactly",
      fix: `save ${quote(label.name)} as F64, or without values that large`,
    });
  }
  return numbers;
}
