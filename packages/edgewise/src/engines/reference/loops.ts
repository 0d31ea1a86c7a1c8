/**
 * Expressions compiled once to closures over the loops of one step.
 *
 * Each loop has a level. A value is computed when it is first needed at its level and kept until
 * that loop moves on, so what does not depend on the inner loop is not computed in it, and a branch
 * that is not taken is not evaluated. Sums of products and of squared differences over features,
 * where the time goes, are plain loops over the arrays.
 */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import {
  type Axis,
  type Expr,
  freeAxes,
  type LoadExpr,
  nodesOf,
  operands,
  type ReduceExpr,
} from "../../ir/expr.ts";
import { outOfRange } from "../shared/failures.ts";
import type { Bound, Environment } from "./bindings.ts";
import { dotProduct, squaredDistance } from "./lines.ts";
import { binary, type Evaluate, unary } from "./operations.ts";

/** Tensor of a load, bound anew for each run. */
interface Binding {
  data: Bound["data"];
  strides: readonly number[];
  shape: readonly number[];
}

/** Part of a tensor along one loop: where it starts at this point, and its stride. */
export interface Line {
  readonly binding: Binding;
  readonly start: Evaluate;
  readonly dimension: number;
}

const mostLoops = 64;

export class Loops {
  readonly index: Int32Array = new Int32Array(mostLoops);
  private readonly epoch = new Float64Array(mostLoops);
  private readonly levels = new Map<string, number>();
  private readonly bindings = new Map<string, Binding>();
  private readonly extents: { of: Axis["size"]; value: number }[] = [];
  private readonly compiled = new Map<Expr, Evaluate>();
  private readonly kept = new Map<Expr, Evaluate>();
  private readonly free = new Map<Expr, ReadonlySet<string>>();
  private readonly uses = new Map<Expr, number>();
  private readonly sums = new Set<string>();

  /** Expressions that will be compiled, so that shared ones are known to be shared. */
  constructor(roots: readonly Expr[]) {
    for (const e of nodesOf(roots))
      for (const operand of operands(e)) this.uses.set(operand, (this.uses.get(operand) ?? 0) + 1);
    for (const root of roots) this.uses.set(root, (this.uses.get(root) ?? 0) + 1);
    for (const e of nodesOf(roots)) if (e.kind === "reduce") this.sums.add(e.axis.name);
  }

  /** Level of a loop; loops that are declared later are deeper. */
  declare(name: string): number {
    const known = this.levels.get(name);
    if (known !== undefined) return known;
    const level = this.levels.size + 1;
    if (level >= mostLoops)
      throw new EdgewiseError({
        code: "engine_cannot",
        where: "reference",
        got: `more than ${mostLoops} loops in one step`,
        expected: `at most ${mostLoops} loops`,
        fix: "split the step",
      });
    this.levels.set(name, level);
    return level;
  }

  move(level: number, to: number): void {
    this.index[level] = to;
    this.epoch[level] = (this.epoch[level] as number) + 1;
  }

  /** Binds tensors and extents for one run. */
  bind(environment: Environment): void {
    this.epoch[0] = (this.epoch[0] as number) + 1;
    for (const [name, binding] of this.bindings) {
      const { data, strides, shape } = environment.get(name);
      Object.assign(binding, { data, strides, shape });
    }
    for (const extent of this.extents) extent.value = environment.size(extent.of);
  }

  /** Extent of an axis, known from `bind` on. */
  extent(of: Axis["size"]): { value: number } {
    const extent = { of, value: 0 };
    this.extents.push(extent);
    return extent;
  }

  /** Value of an expression inside the loops up to `level`. */
  compile(e: Expr, level: number): Evaluate {
    const own = this.levelOf(e);
    if (isPlain(e)) return this.raw(e);
    if (own >= level && (this.uses.get(e) ?? 0) <= 1) return this.raw(e);
    const known = this.kept.get(e);
    if (known !== undefined) return known;
    const inSums = [...freeAxes(e, this.free)].filter((name) => this.sums.has(name));
    // Two sums may stand in either order: the deeper level need not be the inner loop.
    const keep =
      inSums.length < 2
        ? this.keep(this.raw(e), own)
        : this.keepAmong(
            this.raw(e),
            inSums.map((name) => this.declare(name)),
          );
    this.kept.set(e, keep);
    return keep;
  }

  dependsOn(e: Expr, name: string): boolean {
    return freeAxes(e, this.free).has(name);
  }

  /** A load as a line along a loop, when exactly one of its indices is that loop. */
  line(e: Expr, along: string): Line | undefined {
    if (e.kind !== "load" || e.checked) return undefined;
    const dimension = e.at.findIndex((o) => o.kind === "index" && o.axis === along);
    if (dimension < 0 || e.at.some((o, k) => k !== dimension && this.dependsOn(o, along)))
      return undefined;
    const binding = this.binding(e.tensor);
    const level = this.levelWithout(e, along);
    const others = e.at.map((o, k) => (k === dimension ? undefined : this.compile(o, level)));
    const start = (): number => {
      let offset = 0;
      for (let k = 0; k < others.length; k++) {
        const at = others[k];
        if (at !== undefined) offset += at() * (binding.strides[k] as number);
      }
      return offset;
    };
    return { binding, start, dimension };
  }

  private levelWithout(e: LoadExpr, along: string): number {
    return Math.max(
      0,
      ...e.at.filter((o) => !this.dependsOn(o, along)).map((o) => this.levelOf(o)),
    );
  }

  private keep(evaluate: Evaluate, level: number): Evaluate {
    const { epoch } = this;
    let seen = Number.NaN;
    let value = 0;
    return () => {
      if (epoch[level] !== seen) {
        value = evaluate();
        seen = epoch[level] as number;
      }
      return value;
    };
  }

  /** Kept until one of several loops moves on: epochs only grow, so their sum tells. */
  private keepAmong(evaluate: Evaluate, levels: readonly number[]): Evaluate {
    const { epoch } = this;
    let seen = Number.NaN;
    let value = 0;
    return () => {
      let now = 0;
      for (const level of levels) now += epoch[level] as number;
      if (now !== seen) {
        value = evaluate();
        seen = now;
      }
      return value;
    };
  }

  private levelOf(e: Expr): number {
    let level = 0;
    for (const name of freeAxes(e, this.free)) level = Math.max(level, this.declare(name));
    return level;
  }

  binding(name: string): Binding {
    let binding = this.bindings.get(name);
    if (binding === undefined) {
      binding = { data: new Float64Array(0), strides: [], shape: [] };
      this.bindings.set(name, binding);
    }
    return binding;
  }

  private raw(e: Expr): Evaluate {
    const known = this.compiled.get(e);
    if (known !== undefined) return known;
    const made = this.build(e);
    this.compiled.set(e, made);
    return made;
  }

  private build(e: Expr): Evaluate {
    switch (e.kind) {
      case "number": {
        const { value } = e;
        return () => value;
      }
      case "index": {
        const [{ index }, level] = [this, this.declare(e.axis)];
        return () => index[level] as number;
      }
      case "size": {
        const extent = this.extent(e.size);
        return () => extent.value;
      }
      case "roundoff":
        return () => 2 ** -53;
      case "load":
        return this.load(e);
      case "unary":
        return unary(e, this.compile(e.of, this.levelOf(e)));
      case "binary": {
        const level = this.levelOf(e);
        return binary(e, this.compile(e.left, level), this.compile(e.right, level));
      }
      case "where": {
        const level = this.levelOf(e);
        const [test, then, otherwise] = [e.test, e.taken, e.otherwise].map((o) =>
          this.compile(o, level),
        ) as [Evaluate, Evaluate, Evaluate];
        return () => (test() !== 0 ? then() : otherwise());
      }
      case "reduce":
        return this.reduction(e);
      default:
        return e satisfies never;
    }
  }

  private load(e: LoadExpr): Evaluate {
    const binding = this.binding(e.tensor);
    const level = this.levelOf(e);
    const at = e.at.map((o) => this.compile(o, level));
    if (e.checked) return checkedLoad(e, binding, at);
    const [a, b, c, d] = at as [Evaluate, Evaluate, Evaluate, Evaluate];
    switch (at.length) {
      case 0:
        return () => binding.data[0] as number;
      case 1:
        return () => binding.data[a() * (binding.strides[0] as number)] as number;
      case 2:
        return () => {
          const { strides } = binding;
          return binding.data[
            a() * (strides[0] as number) + b() * (strides[1] as number)
          ] as number;
        };
      case 3:
        return () => {
          const { strides } = binding;
          const offset =
            a() * (strides[0] as number) +
            b() * (strides[1] as number) +
            c() * (strides[2] as number);
          return binding.data[offset] as number;
        };
      case 4:
        return () => {
          const { strides } = binding;
          const outer = a() * (strides[0] as number) + b() * (strides[1] as number);
          return binding.data[
            outer + c() * (strides[2] as number) + d() * (strides[3] as number)
          ] as number;
        };
      default:
        return () =>
          binding.data[
            at.reduce((offset, of, k) => offset + of() * (binding.strides[k] as number), 0)
          ] as number;
    }
  }

  private reduction(e: ReduceExpr): Evaluate {
    return this.dot(e) ?? this.squaredDistance(e) ?? this.plainReduction(e);
  }

  /** Σ_d a_d b_d. */
  private dot(e: ReduceExpr): Evaluate | undefined {
    if (e.op !== "sum" || e.of.kind !== "binary" || e.of.op !== "multiply") return undefined;
    return this.overLines(e, e.of.left, e.of.right, dotProduct);
  }

  /** Σ_d (a_d − b_d)². */
  private squaredDistance(e: ReduceExpr): Evaluate | undefined {
    const { of } = e;
    if (e.op !== "sum" || of.kind !== "binary" || of.op !== "multiply" || of.left !== of.right)
      return undefined;
    const gap = of.left;
    if (gap.kind !== "binary" || gap.op !== "subtract") return undefined;
    return this.overLines(e, gap.left, gap.right, squaredDistance);
  }

  private overLines(
    { axis }: ReduceExpr,
    left: Expr,
    right: Expr,
    sum: typeof dotProduct,
  ): Evaluate | undefined {
    const a = this.line(left, axis.name);
    const b = this.line(right, axis.name);
    if (a === undefined || b === undefined) return undefined;
    const extent = this.extent(axis.size);
    const [from, to] = [a.binding, b.binding];
    return () =>
      sum(
        from.data,
        a.start(),
        from.strides[a.dimension]!,
        to.data,
        b.start(),
        to.strides[b.dimension]!,
        extent.value,
      );
  }

  private plainReduction(e: ReduceExpr): Evaluate {
    const level = this.declare(e.axis.name);
    const extent = this.extent(e.axis.size);
    const body = this.compile(e.of, level);
    const isSum = e.op === "sum";
    return () => {
      let result = isSum ? 0 : Number.NEGATIVE_INFINITY;
      for (let k = 0; k < extent.value; k++) {
        this.move(level, k);
        const value = body();
        result = isSum ? result + value : Math.max(result, value);
      }
      return result;
    };
  }
}

const isPlain = ({ kind }: Expr): boolean =>
  kind === "number" || kind === "index" || kind === "size" || kind === "roundoff";

function checkedLoad(e: LoadExpr, binding: Binding, at: readonly Evaluate[]): Evaluate {
  return () => {
    let offset = 0;
    for (let k = 0; k < at.length; k++) {
      const [position, extent] = [(at[k] as Evaluate)(), binding.shape[k] as number];
      if (!(Number.isInteger(position) && position >= 0 && position < extent))
        throw outOfRange(e, position, k, binding.shape);
      offset += position * (binding.strides[k] as number);
    }
    return binding.data[offset] as number;
  };
}
