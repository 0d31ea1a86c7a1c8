/** Lines of features in working memory, and the tensors that they go to. */
import {
  type Code,
  get,
  type Local,
  load,
  type Value,
  w,
  withImmediates,
} from "../../assembler/code.ts";

/** to_d = from_d · factor, or added to what is there, for features that lie side by side. */
export function moveLine(
  code: Code,
  {
    to,
    from,
    features,
    factor,
    adds,
  }: {
    readonly to: Value;
    readonly from: Value;
    readonly features: Value;
    /** Four times the factor; 1 when left out. */
    readonly factor?: Local;
    readonly adds: boolean;
  },
): void {
  const [out, source, left] = [
    code.local("i32", to),
    code.local("i32", from),
    code.local("i32", features),
  ];
  const scaled = (of: Value): Value => (factor === undefined ? of : w("f32x4.mul", of, factor));
  code.while(
    () => w("i32.ge_s", left, 4),
    () => {
      const value = scaled(load("v128.load", source));
      code.store("v128.store", out, adds ? w("f32x4.add", load("v128.load", out), value) : value);
      code.set(out, w("i32.add", out, 16));
      code.set(source, w("i32.add", source, 16));
      code.set(left, w("i32.sub", left, 4));
    },
  );
  code.while(
    () => w("i32.gt_s", left, 0),
    () => {
      const one = load("f32.load", source);
      const by = factor && withImmediates("f32x4.extract_lane", [0], factor);
      const value = by === undefined ? one : w("f32.mul", one, by);
      code.store("f32.store", out, adds ? w("f32.add", load("f32.load", out), value) : value);
      code.set(out, w("i32.add", out, 4));
      code.set(source, w("i32.add", source, 4));
      code.set(left, w("i32.sub", left, 1));
    },
  );
}

/** The sum of four numbers, in double precision. */
export function sumOfLanes(of: Local): Value {
  return [0, 1, 2, 3]
    .map((lane) => w("f64.promote_f32", withImmediates("f32x4.extract_lane", [lane], get(of))))
    .reduce((a, b) => w("f64.add", a, b));
}

/** The first of four numbers. */
export const firstLane = (of: Value): Value => withImmediates("f32x4.extract_lane", [0], of);
