import { describe, expect, it } from "vitest";
import { engineFeatures } from "../../../features.ts";
import { Code, load, type Value, w } from "../../assembler/code.ts";
import { encode } from "../../assembler/module.ts";
import { runtime } from "../../runtime.ts";
import { VectorMath } from "./math.ts";

/** A function of vectors, four numbers after four. */
function applied(fused: boolean, of: (math: VectorMath, x: Value) => Value) {
  const code = new Code("each", ["i32", "i32"]);
  const math = new VectorMath(code, fused);
  const at = code.local("i32");
  code.range(at, code.params[0] as never, code.params[1] as never, 16, () =>
    code.store("v128.store", at, of(math, load("v128.load", at))),
  );
  const memory = new runtime.Memory({ initial: 64, maximum: 64, shared: false });
  const module = new runtime.Module(encode([], [code], { shared: false, most: 64 }));
  const { exports } = new runtime.Instance(module, { env: { memory } });
  return (numbers: readonly number[]): Float32Array => {
    const place = new Float32Array(memory.buffer, 0, 4 * Math.ceil(numbers.length / 4));
    place.set(numbers);
    (exports["each"] as unknown as (from: number, to: number) => void)(0, place.byteLength);
    return place.slice(0, numbers.length);
  };
}

const many = (from: number, to: number, count = 40_000): number[] =>
  Array.from({ length: count }, (_, k) => Math.fround(from + ((to - from) * k) / (count - 1)));

/** Greatest error against double precision, in units of the result's last place. */
function worst(
  got: Float32Array,
  numbers: readonly number[],
  exact: (x: number) => number,
): number {
  let units = 0;
  numbers.forEach((x, k) => {
    const want = exact(x);
    const unit = 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(want)))) - 23);
    units = Math.max(units, Math.abs((got[k] as number) - want) / unit);
  });
  return units;
}

const forms = engineFeatures().relaxedSimd ? [true, false] : [false];

describe.each(forms)("functions of vectors, fused: %s", (fused) => {
  const exp = applied(fused, (math, x) => math.exp(x));
  const log = applied(fused, (math, x) => math.log(x));
  const tanh = applied(fused, (math, x) => math.tanh(x));

  it("exp is right to three units near 0, and to eight wherever it is a normal number", () => {
    for (const numbers of [many(-8, 8), many(-1, 1), many(-1e-3, 1e-3)])
      expect(worst(exp(numbers), numbers, Math.exp)).toBeLessThan(3);
    expect(worst(exp(many(-87, 88.7)), many(-87, 88.7), Math.exp)).toBeLessThan(8);
  });

  it("exp is 0, infinite or no number where it must be", () => {
    const ends = [Number.NEGATIVE_INFINITY, -1e4, -88, 88.73, 1e4, Number.POSITIVE_INFINITY];
    const infinite = Number.POSITIVE_INFINITY;
    expect([...exp(ends)]).toEqual([0, 0, 0, infinite, infinite, infinite]);
    expect(exp([Number.NaN])[0]).toBeNaN();
    const below = applied(fused, (math, x) => math.expNotPositive(x));
    expect([...below([Number.NEGATIVE_INFINITY, -3e38, 0])]).toEqual([0, 0, 1]);
    expect(below([Number.NaN])[0]).toBeNaN();
  });

  it("log is right to two units, of small numbers and of those near 1 too", () => {
    const powers = many(-126, 127).map((e) => Math.fround(2 ** e));
    const tiny = [1e-45, 1e-40, 1.1e-38].map(Math.fround);
    for (const numbers of [powers, tiny, many(0.75, 1.5), many(0.99, 1.01)].map((list) =>
      list.filter((x) => x !== 1),
    ))
      expect(worst(log(numbers), numbers, Math.log)).toBeLessThan(2);
    const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
    expect([...log([1, 0, POSITIVE_INFINITY])]).toEqual([0, NEGATIVE_INFINITY, POSITIVE_INFINITY]);
    expect([...log([-1, Number.NaN])]).toEqual([Number.NaN, Number.NaN]);
  });

  it("tanh is right to six units and never beyond 1", () => {
    const wide = many(-12, 12);
    for (const numbers of [wide, many(-0.1, 0.1), many(1e-6, 1e-3)])
      expect(worst(tanh(numbers), numbers, Math.tanh)).toBeLessThan(6);
    expect(Math.max(...tanh(wide).map(Math.abs))).toBeLessThanOrEqual(1);
    const ends = [Number.NEGATIVE_INFINITY, -1e30, 1e30, Number.POSITIVE_INFINITY];
    expect(worst(tanh(ends), ends, Math.tanh)).toBeLessThan(6);
    expect([...tanh([-0, 0])]).toEqual([-0, 0]);
    expect(tanh([Number.NaN])[0]).toBeNaN();
  });

  it("a wrong coefficient would be seen", () => {
    const wrong = applied(fused, (math, x) => w("f32x4.mul", math.exp(x), math.splat(1.000001)));
    expect(worst(wrong(many(-1, 1)), many(-1, 1), Math.exp)).toBeGreaterThan(4);
  });
});
