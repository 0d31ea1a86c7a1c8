/** Loops over features: vectors of four where the numbers lie side by side, one by one elsewhere. */
import {
  type Code,
  get,
  type Local,
  load,
  type Value,
  w,
  withImmediates,
} from "../assembler/code.ts";

/** Part of a tensor along one loop. */
export interface Line {
  readonly start: () => Value;
  /** Bytes from one element to the next. */
  readonly stride: Local;
}

/** Σ a_d b_d, or Σ (a_d − b_d)², over `count` features. */
export function dotLines(code: Code, a: Line, b: Line, count: Value, squared: boolean): Value {
  const [at, bt] = [code.local("i32", a.start()), code.local("i32", b.start())];
  const [k, end] = [code.local("i32", 0), code.local("i32", count)];
  const result = code.local("f64", 0);
  const isClose = w("i32.and", w("i32.eq", a.stride, 4), w("i32.eq", b.stride, 4));
  code.if(isClose, () => {
    const sums = [code.local("v128", 0), code.local("v128", 0)];
    const last = code.local("i32", w("i32.sub", end, 7));
    code.range(k, 0, last, 8, () => {
      sums.forEach((sum, half) => {
        const [x, y] = [load("v128.load", at, 16 * half), load("v128.load", bt, 16 * half)];
        code.set(sum, w("f32x4.add", sum, term(code, x, y, squared)));
      });
      code.set(at, w("i32.add", at, 32));
      code.set(bt, w("i32.add", bt, 32));
    });
    const all = code.local("v128", w("f32x4.add", sums[0]!, sums[1]!));
    code.set(
      result,
      [0, 1, 2, 3]
        .map((lane) => w("f64.promote_f32", withImmediates("f32x4.extract_lane", [lane], all)))
        .reduce((x, y) => w("f64.add", x, y)),
    );
  });
  code.while(
    () => w("i32.lt_s", k, end),
    () => {
      const x = code.local("f64", w("f64.promote_f32", load("f32.load", at)));
      const y = code.local("f64", w("f64.promote_f32", load("f32.load", bt)));
      if (squared) {
        code.set(x, w("f64.sub", x, y));
        code.set(y, x);
      }
      code.set(result, w("f64.add", result, w("f64.mul", x, y)));
      code.set(at, w("i32.add", at, a.stride));
      code.set(bt, w("i32.add", bt, b.stride));
      code.set(k, w("i32.add", k, 1));
    },
  );
  return get(result);
}

function term(code: Code, x: Value, y: Value, squared: boolean): Value {
  if (!squared) return w("f32x4.mul", x, y);
  const gap = code.local("v128", w("f32x4.sub", x, y));
  return w("f32x4.mul", gap, gap);
}

/** to_d += weight · from_d over `count` features. */
export function addLines(code: Code, to: Line, from: Line, weight: Value, count: Value): void {
  const [at, ft] = [code.local("i32", to.start()), code.local("i32", from.start())];
  const [k, end] = [code.local("i32", 0), code.local("i32", count)];
  const scale = code.local("f64", weight);
  const isClose = w("i32.and", w("i32.eq", to.stride, 4), w("i32.eq", from.stride, 4));
  code.if(isClose, () => {
    const four = code.local("v128", w("f32x4.splat", w("f32.demote_f64", scale)));
    const last = code.local("i32", w("i32.sub", end, 3));
    code.range(k, 0, last, 4, () => {
      const added = w("f32x4.mul", four, load("v128.load", ft));
      code.store("v128.store", at, w("f32x4.add", load("v128.load", at), added));
      code.set(at, w("i32.add", at, 16));
      code.set(ft, w("i32.add", ft, 16));
    });
  });
  code.while(
    () => w("i32.lt_s", k, end),
    () => {
      addTo(code, get(at), w("f64.mul", scale, w("f64.promote_f32", load("f32.load", ft))));
      code.set(at, w("i32.add", at, to.stride));
      code.set(ft, w("i32.add", ft, from.stride));
      code.set(k, w("i32.add", k, 1));
    },
  );
}

/** to_d *= factor over `count` features. */
export function scaleLine(code: Code, to: Line, factor: Value, count: Value): void {
  const [at, k] = [code.local("i32", to.start()), code.local("i32")];
  const scale = code.local("f64", factor);
  code.range(k, 0, count, 1, () => {
    const scaled = w("f64.mul", scale, w("f64.promote_f32", load("f32.load", at)));
    code.store("f32.store", at, w("f32.demote_f64", scaled));
    code.set(at, w("i32.add", at, to.stride));
  });
}

/** Adds a number in double precision to one in memory. */
export function addTo(code: Code, address: Value, added: Value): void {
  const at = code.local("i32", address);
  const sum = w("f64.add", w("f64.promote_f32", load("f32.load", at)), added);
  code.store("f32.store", at, w("f32.demote_f64", sum));
}
