/** Tensors in the engine's memory, and how numbers come and go. */
import { countOf, type Numbers, stridesOf, type Tensor } from "../../array/tensor.ts";
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Storage } from "./kernel/frame.ts";
import type { Address, Memory } from "./memory.ts";

/** Tensor in the engine's memory; strides are in bytes, 0 where a dimension broadcasts. */
export interface Placed {
  readonly address: Address;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly storage: Storage;
  readonly count: number;
  /** Whether the numbers lie one behind the other, in order. */
  readonly isDense: boolean;
}

export function dense(address: Address, shape: readonly number[], storage: Storage): Placed {
  const strides = stridesOf(shape).map((stride) => 4 * stride);
  return { address, shape, strides, storage, count: countOf(shape), isDense: true };
}

/** The same tensor under a shape that it broadcasts to. */
export function placedAs(from: Placed, shape: readonly number[]): Placed {
  if (from.shape.every((extent, k) => extent === shape[k])) return from;
  return { ...from, shape, count: countOf(shape), isDense: false };
}

/** The tensors of a record that repeats `count` times, as one: dimension `at` counts the records. */
export function recorded(
  address: Address,
  shape: readonly number[],
  at: "first" | "last",
  count: number,
  recordBytes: number,
): Placed {
  const own = stridesOf(shape).map((stride) => 4 * stride);
  const step = count === 1 ? 0 : recordBytes;
  const isFirst = at === "first";
  return {
    address,
    shape: isFirst ? [count, ...shape] : [...shape, count],
    strides: isFirst ? [step, ...own] : [...own, step],
    storage: "f32",
    count: count * countOf(shape),
    isDense: false,
  };
}

/** Copies numbers into memory. */
export function write(memory: Memory, { address, storage }: Placed, data: Numbers): void {
  const to = storage === "i32" ? memory.wholes : memory.floats;
  const at = address / 4;
  if (data instanceof (storage === "i32" ? Int32Array : Float32Array)) to.set(data, at);
  // Conversion is faster one by one.
  else for (let k = 0; k < data.length; k++) to[at + k] = data[k]!;
}

/** Greatest number in double precision that single precision rounds to a finite one. */
const mostSingle = (2 - 2 ** -24) * 2 ** 127;

/**
 * The same for numbers of a caller's, which may be in double precision.
 *
 * @throws not_finite where one is beyond single precision
 */
export function checkedWrite(memory: Memory, to: Placed, name: string, data: Numbers): void {
  if (data instanceof Float64Array) {
    const at = data.findIndex((x) => Math.abs(x) >= mostSingle && Number.isFinite(x));
    if (at >= 0) throw beyondSingle(name, data[at]!, at);
  }
  write(memory, to, data);
}

function beyondSingle(name: string, got: number, at: number): EdgewiseError {
  return new EdgewiseError({
    code: "not_finite",
    where: name,
    got: `${got} at element ${at}, which is infinite in single precision`,
    expected: "numbers up to 3.4e38",
    fix: `scale ${name} down, or name the engine reference, which keeps double precision`,
  });
}

/** The numbers of a tensor in memory, in order. */
export function numbers(memory: Memory, from: Placed): Float32Array | Int32Array {
  const source = from.storage === "i32" ? memory.wholes : memory.floats;
  const at = from.address / 4;
  if (from.isDense) return source.slice(at, at + from.count);
  const to = from.storage === "i32" ? new Int32Array(from.count) : new Float32Array(from.count);
  eachElement(from, (offset, k) => {
    to[k] = source[at + offset]!;
  });
  return to;
}

/** The same with its shape. */
export function taken(memory: Memory, from: Placed): Tensor {
  return { data: numbers(memory, from), shape: [...from.shape] };
}

/** Copies a tensor to an address, in order. */
export function copyTo(memory: Memory, from: Placed, to: Address): void {
  if (from.isDense) {
    memory.copy(to, from.address, 4 * from.count);
    return;
  }
  const { wholes } = memory;
  const [source, target] = [from.address / 4, to / 4];
  eachElement(from, (offset, k) => {
    wholes[target + k] = wholes[source + offset]!;
  });
}

/** Visits elements in order: how far each is from the first, in elements. */
function eachElement(
  { shape, strides, count }: Placed,
  visit: (offset: number, k: number) => void,
): void {
  const index = new Array<number>(shape.length).fill(0);
  let offset = 0;
  for (let k = 0; k < count; k++) {
    visit(offset, k);
    for (let d = shape.length - 1; d >= 0; d--) {
      const step = strides[d]! / 4;
      offset += step;
      if (++index[d]! < shape[d]!) break;
      offset -= step * index[d]!;
      index[d] = 0;
    }
  }
}
