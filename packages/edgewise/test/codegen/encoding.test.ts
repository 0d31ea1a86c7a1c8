/** Bytes of numbers and of every instruction, as the specification has them and as wabt assembles them. */
import { describe, expect, test } from "vitest";
import { Bytes } from "../../src/engines/wasm/assembler/bytes.ts";
import {
  Code,
  constant,
  floats,
  get,
  ints,
  load,
  type Value,
  w,
  withImmediates,
} from "../../src/engines/wasm/assembler/code.ts";
import type { ValueType } from "../../src/engines/wasm/assembler/instructions.ts";
import { encode } from "../../src/engines/wasm/assembler/module.ts";
import { print } from "../../src/engines/wasm/assembler/print.ts";
import { assembled, instructionsOf } from "./assembled.ts";

const written = (write: (into: Bytes) => void): number[] => {
  const into = new Bytes();
  write(into);
  return [...into.taken()];
};

describe("numbers of variable length", () => {
  test.each([
    [0, [0]],
    [1, [1]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [16383, [0xff, 0x7f]],
    [16384, [0x80, 0x80, 1]],
    [624485, [0xe5, 0x8e, 0x26]],
    [2 ** 31, [0x80, 0x80, 0x80, 0x80, 8]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("%d without a sign", (value, bytes) => {
    expect(written((into) => into.unsigned(value))).toEqual(bytes);
  });

  test.each([
    [0, [0]],
    [63, [0x3f]],
    [64, [0xc0, 0]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [127, [0xff, 0]],
    [-128, [0x80, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [2 ** 31 - 1, [0xff, 0xff, 0xff, 0xff, 7]],
    [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])("%d with a sign", (value, bytes) => {
    expect(written((into) => into.signed(value))).toEqual(bytes);
  });

  test("longer parts than the first room for them", () => {
    const long = Array.from({ length: 1000 }, (_, k) => k % 256);
    expect(written((into) => into.sized((part) => part.all(long)))).toEqual([0xe8, 7, ...long]);
    expect(written((into) => into.list(long, (byte) => into.byte(byte)))).toEqual([
      0xe8,
      7,
      ...long,
    ]);
  });
});

describe("numbers of fixed length", () => {
  test.each([
    [0, [0, 0, 0, 0]],
    [-0, [0, 0, 0, 0x80]],
    [1, [0, 0, 0x80, 0x3f]],
    [Number.POSITIVE_INFINITY, [0, 0, 0x80, 0x7f]],
    [Number.NEGATIVE_INFINITY, [0, 0, 0x80, 0xff]],
    [Number.NaN, [0, 0, 0xc0, 0x7f]],
    [2 ** -149, [1, 0, 0, 0]],
  ])("%d in single precision", (value, bytes) => {
    expect(written((into) => into.float(value))).toEqual(bytes);
  });

  test.each([
    [-0, [0, 0, 0, 0, 0, 0, 0, 0x80]],
    [1.5, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]],
    [Number.NEGATIVE_INFINITY, [0, 0, 0, 0, 0, 0, 0xf0, 0xff]],
    [Number.NaN, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]],
  ])("%d in double precision", (value, bytes) => {
    expect(written((into) => into.double(value))).toEqual(bytes);
  });
});

/** Instructions without immediates. */
const plain = `
  drop select return
  i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u
  f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge
  i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and
  i32.or i32.xor i32.shl i32.shr_s i32.shr_u
  f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt f32.add f32.sub f32.mul f32.div
  f32.min f32.max f32.copysign f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt
  f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign
  f32.convert_i32_s f32.demote_f64 f64.convert_i32_s f64.promote_f32 i32.trunc_sat_f64_s
  memory.copy memory.fill
  i32x4.splat f32x4.splat i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s
  i32x4.le_u i32x4.ge_s i32x4.ge_u f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge
  v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true
  f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest i32x4.all_true i32x4.bitmask
  i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add i32x4.sub i32x4.mul i32x4.min_s i32x4.min_u
  i32x4.max_s i32x4.max_u f32x4.abs f32x4.neg f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div
  f32x4.min f32x4.max f32x4.pmin f32x4.pmax i32x4.trunc_sat_f32x4_s f32x4.convert_i32x4_s
  f32x4.relaxed_madd f32x4.relaxed_nmadd`
  .trim()
  .split(/\s+/);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const whole = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)];
const real = [0, -0, 1, -1.5, 0.1, 1e30, -1e-30, 2 ** -126, inf, -inf, nan];
const offsets = [0, 4, 127, 128, 65535, 2 ** 31 - 16];
const lanes = [0, 1, 2, 3];

type Sample = readonly [what: string, write: (code: Code) => void];
const kept =
  (type: ValueType, of: Value) =>
  (code: Code): void => {
    code.local(type, of);
  };
const place = constant("i32", 64);
const four = floats(1, 2, 3, 4);

const samples: readonly Sample[] = [
  ...plain.map((op): Sample => [op, (code) => code.run(op)]),
  ...whole.map((of): Sample => [`i32.const ${of}`, kept("i32", constant("i32", of))]),
  ...(["f32", "f64"] as const).flatMap((type) =>
    real.map((of): Sample => [`${type}.const ${of}`, kept(type, constant(type, of))]),
  ),
  ...real.map((of): Sample => [`v128.const of ${of}`, kept("v128", floats(of, 1, -1, of))]),
  ["v128.const of whole numbers", kept("v128", ints(0, 1, -1, -(2 ** 31)))],
  ...(["i32", "f32", "f64", "v128"] as const).flatMap((type) =>
    offsets.flatMap((offset): Sample[] => [
      [`${type}.load offset ${offset}`, kept(type, load(`${type}.load`, place, offset))],
      [
        `${type}.store offset ${offset}`,
        (code) => code.store(`${type}.store`, place, constant(type, 1), offset),
      ],
    ]),
  ),
  ...offsets.flatMap((offset): Sample[] => [
    [`v128.load32_splat ${offset}`, kept("v128", load("v128.load32_splat", place, offset))],
    ["v128.load32_lane", kept("v128", withImmediates("v128.load32_lane", [offset, 2], four))],
    [`v128.store32_lane ${offset}`, (code) => code.storeLane(place, four, 3, offset)],
  ]),
  ...lanes.flatMap((lane): Sample[] => [
    ["i32x4.extract_lane", kept("i32", withImmediates("i32x4.extract_lane", [lane], four))],
    ["f32x4.extract_lane", kept("f32", withImmediates("f32x4.extract_lane", [lane], four))],
    ["f32x4.replace_lane", kept("v128", withImmediates("f32x4.replace_lane", [lane], four))],
  ]),
  [
    "i8x16.shuffle",
    kept(
      "v128",
      withImmediates(
        "i8x16.shuffle",
        [15, 2, 3, 0, 31, 16, ...lanes, 9, 8, 7, 6, 5, 4],
        four,
        four,
      ),
    ),
  ],
  [
    "branches and loops",
    (code) => {
      const k = code.local("i32");
      const step = (): void =>
        code.if(
          w("i32.eq", k, 3),
          () => code.return(),
          () => code.run("drop"),
        );
      code.range(k, 0, 200, 1, step);
      code.call(130, get(k));
    },
  ],
  // Numbers of variables beyond one byte, and types that come and go.
  [
    "many variables",
    (code) => Array.from({ length: 300 }, (_, k) => code.local(k % 3 ? "i32" : "f64", k)),
  ],
];

describe("instructions are the bytes that wabt makes of what is printed", () => {
  for (const [what, write] of samples)
    test(what, () => {
      const code = new Code("one", []);
      write(code);
      const made = encode([], [code], { shared: false, most: 1 });
      expect(instructionsOf(made)).toEqual(instructionsOf(assembled([print(code)])));
    });
});
