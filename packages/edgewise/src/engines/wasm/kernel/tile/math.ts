/**
 * Elementary functions of four numbers at once, in single precision.
 *
 * Arguments are reduced to a short interval, where a polynomial stands for the function; errors are
 * a few units in the last place. Coefficients are least-maximum fits for these intervals.
 *
 * @source the reductions are those of S. L. Moshier's Cephes Mathematical Library (expf, logf, tanhf)
 */
import { type Code, get, ints, type Local, type Value, w } from "../../assembler/code.ts";
import { multiplyAdd } from "./product.ts";

const bits = (x: number): Value => ints(x, x, x, x);

/** exp on ±½ ln 2, 1 at 0, relative error 9e-8. */
const expFit = [1, 0.9999997, 0.49999142, 0.16667645, 0.04189885, 0.008290144];
/** (log(1 + r) − r + r²/2) / r³ from −¼ to ½, error of the logarithm 5e-9 of itself. */
const logFit = [
  0.3333345, -0.25000095, 0.19990861, -0.16647312, 0.144784, -0.13161196, 0.104629956, -0.045074467,
];
/** tanh √s / √s up to s = 64 as a fraction, relative error 2e-8; beyond, as at the end, 1 less 2e-7. */
const tanhFit = {
  above: [1, 0.12979229, 0.002985866, 9.878673e-6, -1.4704131e-8, 2.3507947e-11],
  below: [1, 0.46312544, 0.024027944, 2.3720365e-4],
  end: 8,
};

/** ln 2 in two parts, the first of few digits: products with whole numbers are exact. */
const ln2 = { high: 0.693359375, low: Math.LN2 - 0.693359375 };
/** Below, exp is no normal number, and is 0 here. */
const leastExponent = -87.3;
const greatestExponent = 88.7228;

/** The least number in single precision: the log weight of edges that exist is not below. */
export const leastFinite: number = -(2 - 2 ** -23) * 2 ** 127;

export class VectorMath {
  private readonly code: Code;
  /** Whether products are added in one instruction. */
  readonly fused: boolean;

  constructor(code: Code, fused: boolean) {
    this.code = code;
    this.fused = fused;
  }

  /** A number in all four places. */
  splat(x: number): Value {
    return get(this.code.splat(x));
  }

  /** exp x for x that is not above 0; 0 for what is small and for −∞, NaN of NaN. */
  expNotPositive(of: Value): Value {
    const x = this.keep(of);
    // The bits of NaN that matter are shifted out: it goes through as it is.
    return w("v128.andnot", this.plainExp(x), w("f32x4.lt", x, this.splat(leastExponent)));
  }

  /** exp x; ∞ beyond the numbers, NaN of NaN. */
  exp(of: Value): Value {
    const x = this.keep(of);
    const isGreat = w("f32x4.gt", x, this.splat(greatestExponent));
    const beyond = this.splat(Number.POSITIVE_INFINITY);
    return w("v128.bitselect", beyond, this.expNotPositive(get(x)), isGreat);
  }

  /** log x; −∞ at 0, NaN below. */
  log(of: Value): Value {
    const given = this.keep(of);
    // Numbers below the normal ones are scaled up by 2²³.
    const tiny = this.keep(w("f32x4.lt", given, this.splat(2 ** -126)));
    const scaled = w("f32x4.mul", given, this.splat(2 ** 23));
    const x = this.keep(w("v128.bitselect", scaled, given, tiny));
    // x = m 2ⁿ with m from ¾ to 3/2.
    const exponent = this.keep(w("i32x4.shr_s", w("i32x4.sub", x, bits(0x3f400000)), w23));
    const raised = w("v128.and", tiny, this.splat(23));
    const n = this.keep(w("f32x4.sub", w("f32x4.convert_i32x4_s", exponent), raised));
    const m = w("i32x4.sub", x, w("i32x4.shl", exponent, w23));
    const r = this.keep(w("f32x4.sub", m, this.splat(1)));
    const square = this.keep(w("f32x4.mul", r, r));
    const cubic = w("f32x4.mul", w("f32x4.mul", square, r), this.polynomial(r, logFit));
    const curved = this.madd(square, this.splat(-0.5), cubic);
    const low = w("f32x4.add", r, this.madd(n, this.splat(ln2.low), curved));
    const sum = w("f32x4.add", w("f32x4.mul", n, this.splat(ln2.high)), low);
    const infinite = w("f32x4.eq", given, this.splat(Number.POSITIVE_INFINITY));
    const some = w("v128.bitselect", given, sum, infinite);
    const isZero = w("f32x4.eq", given, this.splat(0));
    const answer = w("v128.bitselect", this.splat(Number.NEGATIVE_INFINITY), some, isZero);
    const hasLog = w("f32x4.ge", given, this.splat(0));
    return w("v128.bitselect", answer, this.splat(Number.NaN), hasLog);
  }

  /** tanh x: a fraction of polynomials, on the interval where it is not ±1. */
  tanh(of: Value): Value {
    const { above, below, end } = tanhFit;
    // Of two numbers that cannot be compared, the first one is taken: NaN stays.
    const x = this.keep(w("f32x4.pmin", w("f32x4.pmax", of, this.splat(-end)), this.splat(end)));
    const square = this.keep(w("f32x4.mul", x, x));
    const top = w("f32x4.mul", x, this.polynomial(square, above));
    return w("f32x4.div", top, this.polynomial(square, below));
  }

  /** A value in a variable, for more than one use. */
  private keep(of: Value): Local {
    return this.code.local("v128", of);
  }

  private madd(a: Local | Value, b: Local | Value, c: Local | Value): Value {
    return multiplyAdd(this.fused, a, b, c);
  }

  /** c₀ + x (c₁ + x (c₂ + …)). */
  private polynomial(x: Local, coefficients: readonly number[]): Value {
    return coefficients.reduceRight<Value | undefined>(
      (sum, c) => (sum === undefined ? this.splat(c) : this.madd(sum, x, this.splat(c))),
      undefined,
    ) as Value;
  }

  /** 2ⁿ times the polynomial at the rest; adding 1.5 · 2²³ rounds, and leaves n in the lowest bits. */
  private plainExp(x: Local): Value {
    const magic = this.splat(1.5 * 2 ** 23);
    const shifted = this.keep(this.madd(x, this.splat(Math.LOG2E), magic));
    const n = this.keep(w("f32x4.sub", shifted, magic));
    const r = this.keep(this.rest(x, n));
    return w("i32x4.add", this.polynomial(r, expFit), w("i32x4.shl", shifted, w23));
  }

  /** x − n ln 2; without a fused product in two parts. */
  private rest(x: Local, n: Local): Value {
    if (this.fused) return w("f32x4.relaxed_nmadd", n, this.splat(Math.LN2), x);
    const first = w("f32x4.sub", x, w("f32x4.mul", n, this.splat(ln2.high)));
    return w("f32x4.sub", first, w("f32x4.mul", n, this.splat(ln2.low)));
  }
}

/** The bits of a fraction. */
const w23: Value = { op: "i32.const", args: [], immediates: [23], type: "i32" };

/** The greatest of four numbers, those that are none left out. */
export function greatestLane(code: Code, of: Local): Value {
  const lanes = (k: number): number[] =>
    [0, 1, 2, 3].flatMap((lane) => [0, 1, 2, 3].map((b) => 4 * (lane ^ k) + b));
  const mixed = (x: Local, k: number): Value => ({
    op: "i8x16.shuffle",
    args: [get(x), get(x)],
    immediates: lanes(k),
    type: "v128",
  });
  const two = code.local("v128", w("f32x4.pmax", of, mixed(of, 2)));
  return w("f32x4.pmax", two, mixed(two, 1));
}
