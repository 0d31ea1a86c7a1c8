import { type Axis, type Expr, multiply, negate, number } from "../../ir/expr.ts";
import type { Result } from "../../ir/program.ts";
import { addScaled } from "./lines.ts";
import type { Line, Loops } from "./loops.ts";
import type { Evaluate } from "./operations.ts";

/** Adds `scale` times a result's value into its tensor at the present point. */
export type Emit = (scale: number) => void;

/** A result whose tensor is bound under its own name. */
export function emitter(
  loops: Loops,
  result: Pick<Result, "name" | "along" | "at" | "value">,
  level: number,
): Emit {
  const [only, ...more] = result.along;
  if (only !== undefined && more.length === 0) {
    const fast = lineEmitter(loops, result, only);
    if (fast !== undefined) return fast;
  }
  const levels = result.along.map(({ name }) => loops.declare(name));
  const extents = result.along.map(({ size }) => loops.extent(size));
  const inner = Math.max(level, ...levels);
  const value = loops.compile(result.value, inner);
  const place = result.at.map((e) => loops.compile(e, inner));
  const target = loops.binding(result.name);
  const emit = (depth: number, scale: number): void => {
    if (depth < levels.length) {
      for (let k = 0; k < (extents[depth] as { value: number }).value; k++) {
        loops.move(levels[depth] as number, k);
        emit(depth + 1, scale);
      }
      return;
    }
    let offset = 0;
    for (let k = 0; k < place.length; k++)
      offset += (place[k] as Evaluate)() * (target.strides[k] as number);
    (target.data as Float64Array)[offset] = (target.data[offset] as number) + scale * value();
  };
  return (scale) => emit(0, scale);
}

/** `target_v += scale · scalar · (a_v − b_v)` as one loop over the arrays, where the value has that form. */
function lineEmitter(
  loops: Loops,
  { name, at, value }: Pick<Result, "name" | "at" | "value">,
  along: Axis,
): Emit | undefined {
  const target = loops.line({ kind: "load", tensor: name, at }, along.name);
  const product = factor(loops, value, along.name);
  if (target === undefined || product === undefined) return undefined;
  const plus = loops.line(product.plus, along.name);
  const minus = product.minus === undefined ? undefined : loops.line(product.minus, along.name);
  if (plus === undefined || (product.minus !== undefined && minus === undefined)) return undefined;
  const scalar = loops.compile(product.scalar, Number.POSITIVE_INFINITY);
  const extent = loops.extent(along.size);
  return (scale) => {
    const weight = scale * scalar();
    addLine(target, plus, weight, extent.value);
    if (minus !== undefined) addLine(target, minus, -weight, extent.value);
  };
}

function addLine(target: Line, from: Line, weight: number, extent: number): void {
  const [to, source] = [target.binding, from.binding];
  addScaled(
    to.data as Float64Array,
    target.start(),
    to.strides[target.dimension]!,
    source.data,
    from.start(),
    source.strides[from.dimension]!,
    weight,
    extent,
  );
}

interface Product {
  readonly scalar: Expr;
  readonly plus: Expr;
  readonly minus?: Expr;
}

/** A value as a scalar of the point times a line, or a difference of two lines. */
function factor(loops: Loops, e: Expr, along: string): Product | undefined {
  if (e.kind === "load") return { scalar: number(1), plus: e };
  if (e.kind === "unary" && e.op === "negate") {
    const inner = factor(loops, e.of, along);
    return inner && { ...inner, scalar: negate(inner.scalar) };
  }
  if (e.kind !== "binary") return undefined;
  if (e.op === "subtract") return { scalar: number(1), plus: e.left, minus: e.right };
  if (e.op !== "multiply") return undefined;
  const [scalar, vector] = loops.dependsOn(e.left, along) ? [e.right, e.left] : [e.left, e.right];
  if (loops.dependsOn(scalar, along)) return undefined;
  const inner = factor(loops, vector, along);
  return inner && { ...inner, scalar: multiply(scalar, inner.scalar) };
}
