/**
 * The instructions of WebAssembly that kernels use: their bytes, what they leave on the stack, and
 * what their immediates are.
 *
 * @source WebAssembly Core Specification 3.0, "Index of Instructions" (fixed-width and relaxed SIMD included)
 */
import { Bytes } from "./bytes.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** What follows an opcode. */
export type Immediate =
  | "none"
  | "index"
  | "i32"
  | "f32"
  | "f64"
  | "bytes"
  | "lane"
  | "memory"
  | "memoryLane"
  | "block"
  | "copy"
  | "fill";

export interface Instruction {
  readonly bytes: readonly number[];
  readonly result: ValueType | undefined;
  readonly operand: ValueType | undefined;
  readonly immediate: Immediate;
}

const table = new Map<string, Instruction>();

/** Opcodes that follow each other, from the first one on; `_` leaves one out. */
function row(
  prefix: readonly number[],
  first: number,
  type: ValueType,
  names: string,
  result: ValueType | undefined = type,
  immediate: Immediate = "none",
): void {
  names.split(" ").forEach((name, k) => {
    if (name === "_") return;
    const bytes = new Bytes();
    bytes.all(prefix);
    // Behind a prefix, an opcode is a number of variable length.
    if (prefix.length === 0) bytes.byte(first + k);
    else bytes.unsigned(first + k);
    table.set(name.includes(".") ? name : `${type}.${name}`, {
      bytes: [...bytes.taken()],
      result,
      operand: type,
      immediate,
    });
  });
}

/** The same without a type of their own. */
function control(first: number, names: string, immediate: Immediate): void {
  names.split(" ").forEach((name, k) => {
    table.set(name, { bytes: [first + k], result: undefined, operand: undefined, immediate });
  });
}

const fc = [0xfc];
const fd = [0xfd];

control(0x20, "local.get local.set local.tee", "index");
control(0x02, "block loop if", "block");
control(0x05, "else", "none");
control(0x0b, "end", "none");
control(0x0c, "br br_if", "index");
control(0x0f, "return", "none");
control(0x10, "call", "index");
control(0x1a, "drop select", "none");
row([], 0x28, "i32", "load", "i32", "memory");
row([], 0x2a, "f32", "load", "f32", "memory");
row([], 0x2b, "f64", "load", "f64", "memory");
row([], 0x36, "i32", "store", undefined, "memory");
row([], 0x38, "f32", "store", undefined, "memory");
row([], 0x39, "f64", "store", undefined, "memory");
row([], 0x41, "i32", "const", "i32", "i32");
row([], 0x43, "f32", "const", "f32", "f32");
row([], 0x44, "f64", "const", "f64", "f64");
row([], 0x45, "i32", "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u");
row([], 0x5b, "f32", "eq ne lt gt le ge", "i32");
row([], 0x61, "f64", "eq ne lt gt le ge", "i32");
row(
  [],
  0x67,
  "i32",
  "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u",
);
row([], 0x8b, "f32", "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign");
row([], 0x99, "f64", "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign");
row([], 0xb2, "i32", "f32.convert_i32_s", "f32");
row([], 0xb6, "f64", "f32.demote_f64", "f32");
row([], 0xb7, "i32", "f64.convert_i32_s", "f64");
row([], 0xbb, "f32", "f64.promote_f32", "f64");
row(fc, 0x02, "f64", "i32.trunc_sat_f64_s", "i32");
row(fc, 0x0a, "i32", "memory.copy", undefined, "copy");
row(fc, 0x0b, "i32", "memory.fill", undefined, "fill");
row(fd, 0x00, "i32", "v128.load", "v128", "memory");
row(fd, 0x09, "i32", "v128.load32_splat", "v128", "memory");
row(fd, 0x0b, "v128", "v128.store", undefined, "memory");
row(fd, 0x0c, "v128", "const", "v128", "bytes");
row(fd, 0x0d, "v128", "i8x16.shuffle", "v128", "bytes");
row(fd, 0x11, "i32", "i32x4.splat", "v128");
row(fd, 0x13, "f32", "f32x4.splat", "v128");
row(fd, 0x1b, "v128", "i32x4.extract_lane", "i32", "lane");
row(fd, 0x1f, "v128", "f32x4.extract_lane", "f32", "lane");
row(fd, 0x20, "v128", "f32x4.replace_lane", "v128", "lane");
row(
  fd,
  0x37,
  "v128",
  "i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge",
);
row(fd, 0x4d, "v128", "not and andnot or xor bitselect");
row(fd, 0x53, "v128", "v128.any_true", "i32");
row(fd, 0x56, "i32", "v128.load32_lane", "v128", "memoryLane");
row(fd, 0x5a, "v128", "v128.store32_lane", undefined, "memoryLane");
row(fd, 0x67, "v128", "f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest");
row(fd, 0xa3, "v128", "i32x4.all_true i32x4.bitmask", "i32");
row(fd, 0xab, "v128", "i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add");
row(fd, 0xb1, "v128", "i32x4.sub");
row(fd, 0xb5, "v128", "i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u");
row(
  fd,
  0xe0,
  "v128",
  "f32x4.abs f32x4.neg _ f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax",
);
row(fd, 0xf8, "v128", "i32x4.trunc_sat_f32x4_s _ f32x4.convert_i32x4_s");
row(fd, 0x105, "v128", "f32x4.relaxed_madd f32x4.relaxed_nmadd");

/** Instruction by its name in the text format. */
export function instruction(name: string): Instruction {
  const found = table.get(name);
  if (found === undefined) throw new Error(`no instruction ${name}`);
  return found;
}
