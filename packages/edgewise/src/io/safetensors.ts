import type { Tensor } from "../array/tensor.ts";
import { type Dtype, dtypes } from "./dtypes.ts";
import { readHeader } from "./safetensorsHeader.ts";

/** Tensor of a file, with the element type it is stored in there. */
export interface SafetensorsTensor extends Tensor {
  readonly dtype: Dtype;
}

/** Contents of a safetensors file, the tensors in the order of their data. */
export interface SafetensorsFile {
  readonly tensors: Map<string, SafetensorsTensor>;
  readonly metadata: Record<string, string>;
}

/**
 * Tensors and metadata of a safetensors file; `where` names the file in messages.
 *
 * F32, F64 and I32 are views of the given bytes where these are aligned. Halves become
 * Float32Array; the smaller integers and BOOL become Int32Array; U32 and 64-bit integers become
 * Float64Array. The file may be hostile: the header is checked against the bytes that are there
 * before anything is made of it.
 *
 * @cost O(bytes) time; at most four times the bytes in memory, for 8-bit types.
 * @throws bad_file
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer, where: string): SafetensorsFile {
  // A plain view of our own: `slice` of Node's Buffer does not copy, that of a Uint8Array does.
  const file =
    bytes instanceof Uint8Array
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : new Uint8Array(bytes);
  const { entries, metadata, dataStart } = readHeader(file, where);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const span = file.subarray(dataStart + begin, dataStart + end);
    const { decode } = dtypes[dtype];
    tensors.set(name, { dtype, shape, data: decode(span, { where, name }) });
  }
  return { tensors, metadata };
}
