/** Bytes of a module: imported functions and memory, functions, exports. */
import type { Code, Line } from "./code.ts";
import { instruction, signed, unsigned, type ValueType } from "./instructions.ts";

/** Function that the module takes from outside. */
export interface Import {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
}

export interface MemoryLimits {
  readonly shared: boolean;
  /** Most pages of 64 KiB; needed for shared memory. */
  readonly most: number;
}

const typeBytes: Record<ValueType, number> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
const list = (items: readonly (readonly number[])[]): number[] => [
  ...unsigned(items.length),
  ...items.flat(),
];
const text = (of: string): number[] => list([...of].map((c) => [c.charCodeAt(0)]));

/** A module of functions over one imported memory, `env.memory`; imports are `env.NAME`. */
export function encode(
  imports: readonly Import[],
  functions: readonly Code[],
  { shared, most }: MemoryLimits,
): Uint8Array<ArrayBuffer> {
  const types = [
    ...imports.map(({ params, result }) => signature(params, result)),
    ...functions.map(({ params, result }) =>
      signature(
        params.map(({ type }) => type),
        result,
      ),
    ),
  ];
  const memory = [...text("env"), ...text("memory"), 2, shared ? 3 : 1, 0, ...unsigned(most)];
  const imported = imports.map(({ name }, k) => [...text("env"), ...text(name), 0, ...unsigned(k)]);
  const bodies = functions.map(body);
  return Uint8Array.from(
    concatenated([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, list(types)),
      section(2, list([memory, ...imported])),
      section(3, list(functions.map((_, k) => unsigned(imports.length + k)))),
      section(
        7,
        list(functions.map(({ name }, k) => [...text(name), 0, ...unsigned(imports.length + k)])),
      ),
      section(10, concatenated([unsigned(bodies.length), ...bodies])),
    ]),
  );
}

function concatenated(parts: readonly (readonly number[])[]): number[] {
  const all: number[] = [];
  for (const part of parts) for (const byte of part) all.push(byte);
  return all;
}

const signature = (params: readonly ValueType[], result: ValueType | undefined): number[] => [
  0x60,
  ...list(params.map((type) => [typeBytes[type]])),
  ...list(result === undefined ? [] : [[typeBytes[result]]]),
];

function body(code: Code): number[] {
  const groups: [number, ValueType][] = [];
  for (const type of code.locals) {
    const last = groups.at(-1);
    if (last?.[1] === type) last[0]++;
    else groups.push([1, type]);
  }
  const content = list(groups.map(([count, type]) => [...unsigned(count), typeBytes[type]]));
  for (const line of code.lines) for (const byte of encodeLine(line)) content.push(byte);
  content.push(0x0b);
  return concatenated([unsigned(content.length), content]);
}

function encodeLine({ op, immediates }: Line): readonly number[] {
  const { bytes, immediate } = instruction(op);
  const [first = 0, second = 0] = immediates;
  switch (immediate) {
    case "none":
      return bytes;
    case "index":
      return [...bytes, ...unsigned(first)];
    case "i32":
      return [...bytes, ...signed(first)];
    case "f32":
      return [...bytes, ...new Uint8Array(Float32Array.of(first).buffer)];
    case "f64":
      return [...bytes, ...new Uint8Array(Float64Array.of(first).buffer)];
    case "bytes":
      return [...bytes, ...immediates];
    case "lane":
      return [...bytes, first];
    case "memory":
      return [...bytes, ...alignment(op), ...unsigned(first)];
    case "memoryLane":
      return [...bytes, 2, ...unsigned(first), second];
    case "block":
      return [...bytes, 0x40];
    case "copy":
      return [...bytes, 0, 0];
    case "fill":
      return [...bytes, 0];
    default:
      return immediate satisfies never;
  }
}

/** A hint only: addresses of vectors need not be aligned. */
const alignment = (op: string): number[] => [op.startsWith("f64") ? 3 : 2];
