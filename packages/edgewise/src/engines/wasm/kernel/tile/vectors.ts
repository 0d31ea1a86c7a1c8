/** Expressions of four edges at once, at one place of a tile. */
import type { BinaryExpr, Expr, LoadExpr, UnaryExpr } from "../../../../ir/expr.ts";
import {
  type Code,
  get,
  type Local,
  load,
  type Value,
  w,
  withImmediates,
} from "../../assembler/code.ts";
import { called } from "../functions.ts";
import type { VectorMath } from "./math.ts";

/** Where the numbers of an expression come from at the present place. */
export interface Sources {
  /** Value that stands for an expression as a whole: of a row, of columns, of pairs, at an edge. */
  of(e: Expr): Value | undefined;
  /** Reciprocal of the divisor, where a division is a product with that. */
  reciprocal(division: BinaryExpr): Value | undefined;
  edgeLoad(e: LoadExpr): Value;
}

export class Vectors {
  private readonly code: Code;
  private readonly math: VectorMath;
  private readonly sources: Sources;
  private readonly values = new Map<Expr, Local>();
  private readonly masks = new Map<Expr, Local>();

  constructor(code: Code, math: VectorMath, sources: Sources) {
    this.code = code;
    this.math = math;
    this.sources = sources;
  }

  /** Four numbers. */
  value(e: Expr): Value {
    const known = this.values.get(e);
    if (known !== undefined) return get(known);
    const source = this.sources.of(e);
    if (source === undefined && e.kind === "number") return this.math.splat(e.value);
    const local = this.code.local("v128", source ?? this.build(e));
    this.values.set(e, local);
    return get(local);
  }

  /** All bits of a place where an expression is not 0. */
  test(e: Expr): Value {
    const known = this.masks.get(e);
    if (known !== undefined) return get(known);
    const local = this.code.local("v128", this.mask(e));
    this.masks.set(e, local);
    return get(local);
  }

  private mask(e: Expr): Value {
    if (this.sources.of(e) !== undefined) return w("f32x4.ne", this.value(e), this.math.splat(0));
    if (e.kind === "binary") {
      const comparison = comparisons[e.op];
      if (comparison !== undefined) return w(comparison, this.value(e.left), this.value(e.right));
      if (e.op === "and" || e.op === "or")
        return w(`v128.${e.op}`, this.test(e.left), this.test(e.right));
    }
    if (e.kind === "unary" && e.op === "not") return w("v128.not", this.test(e.of));
    return w("f32x4.ne", this.value(e), this.math.splat(0));
  }

  private build(e: Expr): Value {
    switch (e.kind) {
      case "load":
        return this.sources.edgeLoad(e);
      case "unary":
        return this.unary(e);
      case "binary":
        return this.binary(e);
      case "where":
        return w("v128.bitselect", this.value(e.taken), this.value(e.otherwise), this.test(e.test));
      default:
        // Loops, sizes and sums over features are sources.
        throw new Error(`no vector for ${e.kind}`);
    }
  }

  private unary(e: UnaryExpr): Value {
    if (e.op === "not") return w("v128.and", this.test(e), this.math.splat(1));
    const of = this.value(e.of);
    switch (e.op) {
      case "negate":
        return w("f32x4.neg", of);
      case "sqrt":
      case "abs":
      case "floor":
        return w(`f32x4.${e.op}`, of);
      case "exp":
      case "log":
      case "tanh":
        return this.math[e.op](of);
      case "held":
        return of;
      case "sign": {
        const sign = w("v128.or", this.math.splat(1), w("v128.and", of, this.math.splat(-0)));
        return w(
          "v128.bitselect",
          of,
          sign,
          w("v128.not", w("f32x4.gt", w("f32x4.abs", of), this.math.splat(0))),
        );
      }
      case "sin":
      case "cos":
      case "softplus":
      case "normalCdf":
        return this.oneByOne((lane) => called(e.op as "sin", lane(of)));
      default:
        return e.op satisfies never;
    }
  }

  private binary(e: BinaryExpr): Value {
    const { op, left, right } = e;
    if (op in comparisons || op === "and" || op === "or")
      return w("v128.and", this.test(e), this.math.splat(1));
    if (op === "divide") {
      const reciprocal = this.sources.reciprocal(e);
      if (reciprocal !== undefined) return w("f32x4.mul", this.value(left), reciprocal);
    }
    const fusedSum = this.fusedSum(e);
    if (fusedSum !== undefined) return fusedSum;
    const [a, b] = [this.value(left), this.value(right)];
    switch (op) {
      case "add":
        return w("f32x4.add", a, b);
      case "subtract":
        return w("f32x4.sub", a, b);
      case "multiply":
        return w("f32x4.mul", a, b);
      case "divide":
        return w("f32x4.div", a, b);
      case "min":
      case "max":
        return w(`f32x4.${op}`, a, b);
      case "mod":
        return w("f32x4.sub", a, w("f32x4.mul", b, w("f32x4.floor", w("f32x4.div", a, b))));
      case "power":
        return this.oneByOne((lane) => called("power", lane(a), lane(b)));
      default:
        throw new Error(`no vector for ${op}`);
    }
  }

  /** x · y + c and c − x · y in one instruction, where there is one. */
  private fusedSum({ op, left, right }: BinaryExpr): Value | undefined {
    if (!this.math.fused || (op !== "add" && op !== "subtract")) return undefined;
    const product = this.factors(right);
    if (product !== undefined)
      return w(
        op === "add" ? "f32x4.relaxed_madd" : "f32x4.relaxed_nmadd",
        ...product,
        this.value(left),
      );
    const first = op === "add" ? this.factors(left) : undefined;
    return first && w("f32x4.relaxed_madd", ...first, this.value(right));
  }

  /** A product that nothing has been made of yet. */
  private factors(e: Expr): readonly [Value, Value] | undefined {
    if (e.kind !== "binary" || this.values.has(e) || this.sources.of(e) !== undefined)
      return undefined;
    if (e.op === "multiply") return [this.value(e.left), this.value(e.right)];
    const inverse = e.op === "divide" ? this.sources.reciprocal(e) : undefined;
    return inverse && [this.value(e.left), inverse];
  }

  /** A function of doubles, for each of four numbers. */
  private oneByOne(of: (lane: (vector: Value) => Value) => Value): Value {
    let result = this.math.splat(0);
    for (let k = 0; k < 4; k++) {
      const lane = (vector: Value): Value =>
        w("f64.promote_f32", withImmediates("f32x4.extract_lane", [k], vector));
      const number = w("f32.demote_f64", of(lane));
      result = { ...withImmediates("f32x4.replace_lane", [k], result), args: [result, number] };
    }
    return result;
  }
}

const comparisons: Partial<Record<BinaryExpr["op"], string>> = {
  less: "f32x4.lt",
  lessEqual: "f32x4.le",
  equal: "f32x4.eq",
};

/** Four numbers that lie side by side. */
export const four = (address: Local | Value, offset = 0): Value =>
  load("v128.load", address, offset);
