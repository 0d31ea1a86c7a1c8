/** Bytes of a module: imported functions and memory, functions, exports. */
import { Bytes } from "./bytes.ts";
import type { Code, Line } from "./code.ts";
import { instruction, type ValueType } from "./instructions.ts";

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

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const sections = { types: 1, imports: 2, functions: 3, exports: 7, code: 10 } as const;
const functionKind = 0;
const memoryKind = 2;

/** A module of functions over one imported memory, `env.memory`; imports are `env.NAME`. */
export function encode(
  imports: readonly Import[],
  functions: readonly Code[],
  { shared, most }: MemoryLimits,
): Uint8Array<ArrayBuffer> {
  const module = new Bytes();
  const section = (id: number, write: (into: Bytes) => void): void => {
    module.byte(id);
    module.sized(write);
  };
  module.all(header);
  section(sections.types, (into) => {
    const own = functions.map(({ params, result }) => ({
      params: params.map(({ type }) => type),
      result,
    }));
    into.list([...imports, ...own], (signature) => writeSignature(into, signature));
  });
  section(sections.imports, (into) => {
    into.unsigned(1 + imports.length);
    into.text("env");
    into.text("memory");
    into.all([memoryKind, shared ? 3 : 1, 0]);
    into.unsigned(most);
    imports.forEach(({ name }, k) => {
      into.text("env");
      into.text(name);
      into.byte(functionKind);
      into.unsigned(k);
    });
  });
  section(sections.functions, (into) =>
    into.list(functions, (_, k) => into.unsigned(imports.length + k)),
  );
  section(sections.exports, (into) =>
    into.list(functions, ({ name }, k) => {
      into.text(name);
      into.byte(functionKind);
      into.unsigned(imports.length + k);
    }),
  );
  section(sections.code, (into) =>
    into.list(functions, (code) => into.sized((body) => writeBody(body, code))),
  );
  return module.taken();
}

function writeSignature(into: Bytes, { params, result }: Omit<Import, "name">): void {
  into.byte(0x60);
  into.list(params, (type) => into.byte(typeBytes[type]));
  into.list(result === undefined ? [] : [result], (type) => into.byte(typeBytes[type]));
}

function writeBody(into: Bytes, { locals, lines }: Code): void {
  const groups: [count: number, type: ValueType][] = [];
  for (const type of locals) {
    const last = groups.at(-1);
    if (last?.[1] === type) last[0]++;
    else groups.push([1, type]);
  }
  into.list(groups, ([count, type]) => {
    into.unsigned(count);
    into.byte(typeBytes[type]);
  });
  for (const line of lines) writeLine(into, line);
  into.byte(instruction("end").bytes[0]!);
}

/** Address alignment as a power of 2, a hint only: addresses of vectors need not be aligned. */
const alignment = (op: string): number => (op.startsWith("f64") ? 3 : 2);
const emptyBlock = 0x40;

function writeLine(into: Bytes, { op, immediates }: Line): void {
  const { bytes, immediate } = instruction(op);
  if (bytes.length === 1) into.byte(bytes[0]!);
  else into.all(bytes);
  switch (immediate) {
    case "none":
      break;
    case "index":
      into.unsigned(immediates[0]!);
      break;
    case "i32":
      into.signed(immediates[0]!);
      break;
    case "f32":
      into.float(immediates[0]!);
      break;
    case "f64":
      into.double(immediates[0]!);
      break;
    case "bytes":
      into.all(immediates);
      break;
    case "lane":
      into.byte(immediates[0]!);
      break;
    case "memory":
      into.byte(alignment(op));
      into.unsigned(immediates[0]!);
      break;
    case "memoryLane":
      into.byte(alignment(op));
      into.unsigned(immediates[0]!);
      into.byte(immediates[1]!);
      break;
    case "block":
      into.byte(emptyBlock);
      break;
    case "copy":
      into.all([0, 0]);
      break;
    case "fill":
      into.byte(0);
      break;
    default:
      immediate satisfies never;
  }
}
