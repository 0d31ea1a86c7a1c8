/** Expressions of one step as values over its loops. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import {
  type Axis,
  binary,
  type Expr,
  freeAxes,
  index,
  type LoadExpr,
  type ReduceExpr,
  type WhereExpr,
} from "../../ir/expr.ts";
import { printExpr } from "../../ir/print.ts";
import type { Environment } from "./bindings.ts";
import type { Arr } from "./library.ts";
import { constantOf, type Operations } from "./operations.ts";
import { type Known, scalar, type Value } from "./value.ts";

/** Rounding of single precision, which is what jax-js computes in. */
const roundoff = 2 ** -24;

/** Dimension of a tensor that is read at something else than a loop of its extent. */
interface Elsewhere {
  readonly dimension: number;
  readonly place: Expr;
  readonly value: Value;
}

export class Expressions {
  readonly operations: Operations;
  private readonly environment: Environment;
  private readonly made = new Map<Expr, Map<string, Value>>();
  private readonly free = new Map<Expr, ReadonlySet<string>>();

  constructor(operations: Operations, environment: Environment) {
    this.operations = operations;
    this.environment = environment;
  }

  declare(axes: readonly Axis[]): void {
    for (const { name, size } of axes)
      this.operations.axes.declare(name, this.environment.size(size));
  }

  /** Value of an expression; what is the same object over loops of the same extents is made once. */
  value(e: Expr): Value {
    const extents = [...freeAxes(e, this.free)].map((name) => this.operations.axes.extent(name));
    const key = extents.join(",");
    const known = this.made.get(e) ?? new Map<string, Value>();
    this.made.set(e, known);
    const value = known.get(key) ?? this.make(e);
    known.set(key, value);
    return value;
  }

  private make(e: Expr): Value {
    const { operations } = this;
    switch (e.kind) {
      case "number":
        return scalar(e.value);
      case "index":
        return this.counted(e.axis);
      case "size":
        return scalar(this.environment.size(e.size));
      case "roundoff":
        return scalar(roundoff);
      case "load":
        return this.load(e);
      case "unary":
        return operations.unary(e.op, this.value(e.of));
      case "binary":
        return operations.binary(e.op, this.value(e.left), this.value(e.right));
      case "where":
        return this.branch(e);
      case "reduce":
        return this.reduction(e);
      default:
        return e satisfies never;
    }
  }

  /** Where a condition is the same everywhere, the other branch may read what there is not. */
  private branch({ test, taken, otherwise }: WhereExpr): Value {
    const condition = this.value(test);
    const all = condition.kind === "known" ? constantOf(condition) : undefined;
    if (all !== undefined) return this.value(all !== 0 ? taken : otherwise);
    return this.operations.where(condition, this.value(taken), this.value(otherwise));
  }

  private counted(axis: string): Known {
    const data = Float64Array.from({ length: this.operations.axes.extent(axis) }, (_, k) => k);
    return { kind: "known", axes: [axis], data };
  }

  private reduction({ op, axis, of }: ReduceExpr): Value {
    this.declare([axis]);
    if (op === "greatest") return this.operations.greatest(this.value(of), [axis.name]);
    return this.operations.contract(this.factors(of), [axis.name]);
  }

  /** Factors of a product, so that a sum of it needs no array of all its loops. */
  factors(e: Expr): Value[] {
    if (e.kind === "binary" && e.op === "multiply")
      return [...this.factors(e.left), ...this.factors(e.right)];
    if (e.kind === "unary" && e.op === "negate") return [scalar(-1), ...this.factors(e.of)];
    return [this.value(e)];
  }

  /** Whether a place is a loop that runs over just that dimension. */
  isLoop(place: Expr, extent: number): boolean {
    const value = this.value(place);
    const [axis, ...more] = value.axes;
    if (value.kind !== "known" || axis === undefined || more.length > 0) return false;
    return value.data.length === extent && value.data.every((at, k) => at === k);
  }

  /** 1 where a place is the point of a loop made for it, which is named after the dimension. */
  chosen(place: Expr, name: string, extent: number): Value {
    this.operations.axes.declare(name, extent);
    return this.value(binary("equal", place, index(name)));
  }

  private load(e: LoadExpr): Value {
    const { shape, value } = this.environment.get(e.tensor);
    if (typeof value === "number") return scalar(value);
    const plain: (string | undefined)[] = [];
    const elsewhere: Elsewhere[] = [];
    // A dimension of extent 1 broadcasts, whatever the place.
    const kept = shape.flatMap((extent, k) => (extent === 1 ? [] : [k]));
    for (const dimension of kept) {
      const place = e.at[dimension] as Expr;
      const extent = shape[dimension] as number;
      const at = this.value(place);
      if (this.isLoop(place, extent) && !plain.includes(at.axes[0])) plain.push(at.axes[0]);
      else {
        plain.push(undefined);
        elsewhere.push({ dimension, place, value: at });
        if (e.checked) throw guarded(e, dimension, shape);
      }
    }
    const array = this.squeezed(
      value,
      kept.map((k) => shape[k] as number),
    );
    if (elsewhere.length === 0) return this.inOrder(array, plain as string[]);
    return this.gathered(e, array, plain, elsewhere, kept);
  }

  private squeezed(array: Arr, shape: number[]): Arr {
    if (array.shape.length === shape.length) return array;
    return this.operations.scope.keep(array.ref.reshape(shape));
  }

  /** An array whose dimensions are these loops, with the dimensions in the step's order. */
  private inOrder(array: Arr, axes: readonly string[]): Value {
    const sorted = this.operations.axes.sorted(axes);
    if (sorted.every((name, k) => name === axes[k]))
      return { kind: "traced", axes: sorted, array, isTest: false };
    const turned = array.ref.transpose(sorted.map((name) => axes.indexOf(name)));
    return this.operations.traced(sorted, turned);
  }

  /** Elements at places that follow from loops and lengths, then those at places that data say. */
  private gathered(
    e: LoadExpr,
    array: Arr,
    plain: readonly (string | undefined)[],
    elsewhere: readonly Elsewhere[],
    kept: readonly number[],
  ): Value {
    const { axes, scope, jax } = this.operations;
    const shape = array.shape;
    const names = plain.map((axis, k) => axis ?? `${e.tensor}·${kept[k]}`);
    const fixed = elsewhere.filter(({ value }) => value.kind === "known");
    const over = axes.union(fixed.map(({ value }) => value));
    // A loop that such a place depends on is read with it.
    const isRead = names.map(
      (name, k) => over.includes(name) || fixed.some(({ dimension }) => dimension === kept[k]),
    );
    const [front, rest] = [true, false].map((wanted) =>
      names.flatMap((_, k) => (isRead[k] === wanted ? [k] : [])),
    ) as [number[], number[]];
    const restNames = rest.map((k) => names[k] as string);
    for (const k of rest)
      if (plain[k] === undefined) axes.declare(names[k] as string, shape[k] as number);
    let found: Value;
    if (front.length === 0) found = this.inOrder(array, restNames);
    else {
      const offsets = new Float64Array(axes.countOf(over));
      for (const k of front) {
        const extent = shape[k] as number;
        const place = this.value(e.at[kept[k] as number] as Expr) as Known;
        // A place outside is one that a condition or the support excludes.
        axes.spread(place, over).forEach((at, n) => {
          const inside = Math.min(extent - 1, Math.max(0, Math.trunc(at) || 0));
          offsets[n] = (offsets[n] as number) * extent + inside;
        });
      }
      const count = front.reduce((product, k) => product * (shape[k] as number), 1);
      const restShape = rest.map((k) => shape[k] as number);
      const turned = array.ref.transpose([...front, ...rest]).reshape([count, ...restShape]);
      const indices = jax.numpy.array(Int32Array.from(offsets), { shape: axes.shapeOf(over) });
      // The jit of jax-js 0.1.25 cannot pass a gradient back to elements that were taken unless the
      // operation behind moves numbers: hence the sign, there and back.
      const { negative, take } = jax.numpy;
      const taken = scope.keep(negative(take(negative(turned), indices, 0)));
      found = this.inOrder(taken, [...over, ...restNames]);
    }
    for (const { dimension, place, value } of elsewhere) {
      if (value.kind === "known") continue;
      const name = `${e.tensor}·${dimension}`;
      const chosen = this.chosen(place, name, axes.extent(name));
      found = this.operations.contract([chosen, found], [name]);
    }
    return found;
  }
}

function guarded(e: LoadExpr, dimension: number, shape: readonly number[]): EdgewiseError {
  return new EdgewiseError({
    code: "engine_cannot",
    where: "jax",
    got: `${printExpr(e)} in dimension ${dimension + 1} of [${shape.join(", ")}], which the loop does not have in common`,
    expected: "an element of a text at loops of the tensor's own extents",
    fix: "name the engine wasm or reference",
  });
}
