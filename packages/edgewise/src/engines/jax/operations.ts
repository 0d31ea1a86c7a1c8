/**
 * Operations of expressions as those of jax-js. Every array that one makes is kept in the scope and
 * let go with it: operands are passed on as `ref`, so that whoever reads a value may read it again.
 */
import type { BinaryOp, UnaryOp } from "../../ir/expr.ts";
import type { Arr, Jax } from "./library.ts";
import { binaryOf, unaryOf } from "./scalars.ts";
import { logarithm, logOnePlus } from "./special.ts";
import { type Axes, type Known, scalar, type Traced, type Value } from "./value.ts";

/** Arrays that live as long as a step, or as a call. */
export class Scope {
  private readonly arrays: Arr[] = [];

  keep(array: Arr): Arr {
    this.arrays.push(array);
    return array;
  }

  dispose(): void {
    for (const array of this.arrays.splice(0)) array.dispose();
  }
}

/** Letters of a product over named loops. */
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const squareRootOfTwo = Math.SQRT2;

export class Operations {
  readonly jax: Jax;
  readonly scope: Scope;
  readonly axes: Axes;

  constructor(jax: Jax, scope: Scope, axes: Axes) {
    this.jax = jax;
    this.scope = scope;
    this.axes = axes;
  }

  traced(axes: readonly string[], array: Arr, isTest = false): Traced {
    return { kind: "traced", axes, array: this.scope.keep(array), isTest };
  }

  constant(data: Float64Array, shape: number[]): Arr {
    return this.scope.keep(this.jax.numpy.array(Float32Array.from(data), { shape }));
  }

  /** A value as numbers, on loops of its own. */
  numbers(of: Value): Traced {
    if (of.kind === "known")
      return {
        kind: "traced",
        axes: of.axes,
        array: this.constant(of.data, this.axes.shapeOf(of.axes)),
        isTest: false,
      };
    return of.isTest ? this.traced(of.axes, of.array.ref.astype("float32")) : of;
  }

  private test(of: Value): Traced {
    if (of.kind === "traced" && of.isTest) return of;
    const { axes, array } = this.numbers(of);
    return this.traced(axes, this.jax.numpy.notEqual(array.ref, 0), true);
  }

  /** An array with a dimension for each of some loops, of extent 1 where it does not depend on one. */
  aligned({ axes, array }: Traced, over: readonly string[]): Arr {
    if (axes.length === over.length) return array;
    const shape = over.map((name) => (axes.includes(name) ? this.axes.extent(name) : 1));
    return this.scope.keep(array.ref.reshape(shape));
  }

  /** An array with all elements of some loops. */
  filled(of: Value, over: readonly string[]): Arr {
    const array = this.aligned(this.numbers(of), over);
    if (of.axes.length === over.length) return array;
    return this.scope.keep(this.jax.numpy.broadcastTo(array.ref, this.axes.shapeOf(over)));
  }

  /** A known number as itself, anything else ready to be combined over some loops. */
  private operand(of: Value, over: readonly string[]): Arr | number {
    if (of.kind === "known" && of.axes.length === 0) return of.data[0] as number;
    return this.aligned(this.numbers(of), over).ref;
  }

  unary(op: UnaryOp, of: Value): Value {
    if (of.kind === "known")
      return { kind: "known", axes: of.axes, data: of.data.map(unaryOf[op]) };
    const { axes } = of;
    if (op === "not")
      return this.traced(axes, this.jax.numpy.logicalNot(this.test(of).array.ref), true);
    return this.traced(axes, this.function(op, this.numbers(of).array));
  }

  private function(op: Exclude<UnaryOp, "not">, x: Arr): Arr {
    const { numpy, lax } = this.jax;
    switch (op) {
      case "negate":
        return numpy.negative(x.ref);
      case "abs":
        return numpy.absolute(x.ref);
      case "held":
        return lax.stopGradient(x.ref);
      case "softplus": {
        const rest = logOnePlus(this.jax, numpy.exp(numpy.negative(numpy.absolute(x.ref))));
        return numpy.add(numpy.maximum(x.ref, 0), rest);
      }
      case "log":
        return logarithm(this.jax, x);
      case "normalCdf":
        return numpy.multiply(lax.erfc(numpy.trueDivide(x.ref, -squareRootOfTwo)), 0.5);
      default:
        return numpy[op](x.ref);
    }
  }

  binary(op: BinaryOp, left: Value, right: Value): Value {
    const over = this.axes.union([left, right]);
    if (left.kind === "known" && right.kind === "known") {
      const [x, y] = [this.axes.spread(left, over), this.axes.spread(right, over)];
      const of = binaryOf[op];
      return { kind: "known", axes: over, data: x.map((value, k) => of(value, y[k] as number)) };
    }
    if (op === "and" || op === "or") return this.logical(op, left, right, over);
    if (op === "power" && right.kind === "known" && constantOf(right) === 2)
      return this.binary("multiply", left, left);
    const [x, y] = [this.operand(left, over), this.operand(right, over)];
    const { numpy } = this.jax;
    switch (op) {
      case "less":
      case "lessEqual":
      case "equal":
        return this.traced(over, numpy[op](x, y), true);
      case "divide":
        return this.traced(over, numpy.trueDivide(x, y));
      case "min":
        return this.traced(over, numpy.minimum(x, y));
      case "max":
        return this.traced(over, numpy.maximum(x, y));
      case "mod":
        return this.traced(over, numpy.remainder(x, y));
      default:
        return this.traced(over, numpy[op](x, y));
    }
  }

  private logical(op: "and" | "or", left: Value, right: Value, over: readonly string[]): Value {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const all = one.kind === "known" ? constantOf(one) : undefined;
      // A side that decides, or that leaves the other to decide, needs no array.
      if (all !== undefined)
        return (all !== 0) === (op === "or") ? scalar(Number(op === "or")) : this.test(other);
    }
    const [x, y] = [left, right].map((of) => this.aligned(this.test(of), over).ref) as [Arr, Arr];
    const { logicalAnd, logicalOr } = this.jax.numpy;
    return this.traced(over, op === "and" ? logicalAnd(x, y) : logicalOr(x, y), true);
  }

  where(test: Value, taken: Value, otherwise: Value): Value {
    const all = test.kind === "known" ? constantOf(test) : undefined;
    if (all !== undefined) return all !== 0 ? taken : otherwise;
    const over = this.axes.union([test, taken, otherwise]);
    if (test.kind === "known" && taken.kind === "known" && otherwise.kind === "known") {
      const [t, a, b] = [test, taken, otherwise].map((of) => this.axes.spread(of, over)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      return {
        kind: "known",
        axes: over,
        data: t.map((value, k) => (value !== 0 ? a[k] : b[k]) as number),
      };
    }
    const choice = this.aligned(this.test(test), over).ref;
    return this.traced(
      over,
      this.jax.numpy.where(choice, this.operand(taken, over), this.operand(otherwise, over)),
    );
  }

  greatest(of: Value, over: readonly string[]): Value {
    const present = of.axes.filter((name) => over.includes(name));
    if (present.length === 0) return of;
    const { array, axes } = this.numbers(of);
    const rest = axes.filter((name) => !over.includes(name));
    return this.traced(rest, array.ref.max(present.map((name) => axes.indexOf(name))));
  }

  /** Sum of a product over some loops. */
  contract(factors: readonly Value[], over: readonly string[]): Value {
    const missing = over.filter((name) => factors.every(({ axes }) => !axes.includes(name)));
    const summed = over.filter((name) => !missing.includes(name));
    const count = scalar(this.axes.countOf(missing));
    const isApart = ({ axes }: Value): boolean => axes.every((name) => !summed.includes(name));
    const inside = this.merged(factors.filter((of) => !isApart(of)));
    const outside = factors.filter(isApart);
    const sum = inside.length === 0 ? [] : [this.summed(inside, summed)];
    return [...sum, ...outside, ...(missing.length > 0 ? [count] : [])].reduce(
      (left, right) => this.product(left, right),
      scalar(1) as Value,
    );
  }

  private product(left: Value, right: Value): Value {
    if (left.kind === "known" && left.axes.length === 0 && left.data[0] === 1) return right;
    return this.binary("multiply", left, right);
  }

  /** Factors multiplied into those that have all their loops. */
  private merged(factors: readonly Value[]): Value[] {
    const made: Value[] = [];
    for (const of of factors.toSorted((a, b) => b.axes.length - a.axes.length)) {
      const k = made.findIndex(({ axes }) => of.axes.every((name) => axes.includes(name)));
      if (k < 0) made.push(of);
      else made[k] = this.product(made[k] as Value, of);
    }
    return made;
  }

  private summed(factors: readonly Value[], over: readonly string[]): Value {
    const rest = this.axes.union(factors).filter((name) => !over.includes(name));
    const [only] = factors;
    if (factors.length === 1 && only !== undefined) {
      if (only.kind === "known") return this.knownSum(only, rest);
      const { array, axes } = this.numbers(only);
      return this.traced(rest, array.ref.sum(over.map((name) => axes.indexOf(name))));
    }
    const names = this.axes.union(factors);
    const spelt = (axes: readonly string[]): string =>
      axes.map((name) => letters[names.indexOf(name)]).join("");
    const arrays = factors.map((of) => this.numbers(of));
    const subscripts = `${arrays.map(({ axes }) => spelt(axes)).join(",")}->${spelt(rest)}`;
    return this.traced(
      rest,
      this.jax.numpy.einsum(subscripts, ...arrays.map(({ array }) => array.ref)),
    );
  }

  private knownSum(of: Known, rest: readonly string[]): Known {
    const places = this.axes.spread(
      {
        kind: "known",
        axes: rest,
        data: Float64Array.from({ length: this.axes.countOf(rest) }, (_, k) => k),
      },
      of.axes,
    );
    const data = new Float64Array(this.axes.countOf(rest));
    of.data.forEach((value, k) => {
      const at = places[k] as number;
      data[at] = (data[at] as number) + value;
    });
    return { kind: "known", axes: rest, data };
  }
}

/** The number that a known value is everywhere. */
export function constantOf({ data }: Known): number | undefined {
  const [first] = data;
  return data.every((value) => Object.is(value, first)) ? first : undefined;
}
