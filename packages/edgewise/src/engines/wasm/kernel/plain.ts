/**
 * Steps as plain loops: every step can be lowered so. Folds that are products of receivers by
 * senders are lowered by `tile/` instead, where they can be.
 */
import {
  type Axis,
  type Expr,
  held,
  index,
  type LoadExpr,
  multiply,
  negate,
  nodesOf,
  number,
} from "../../../ir/expr.ts";
import {
  type Expectation,
  expressionsOf,
  type NodeMap,
  type NormalisingFold,
  type Result,
  type WeightedFold,
} from "../../../ir/program.ts";
import { constant, get, type Local, load, type Value, w } from "../assembler/code.ts";
import { writeChoices } from "./choices.ts";
import { count, eachEdge, eachTask, nested } from "./edges.ts";
import { failures, report, type Storage } from "./frame.ts";
import { called } from "./functions.ts";
import { type Kernel, type Writer, writer } from "./kernel.ts";
import { addTo, scaleLine } from "./lines.ts";
import type { Scalars } from "./scalars.ts";

type StorageOf = (tensor: string) => Storage;

export function mapKernel(name: string, step: NodeMap, storage: StorageOf): Kernel {
  const made = writer(name, storage);
  const results = inside(step.results, step.over);
  const { tasks: apart, rest, owned } = parted(step.over, results);
  const isLight =
    step.results.every(({ along }) => along.length === 0) &&
    !nodesOf(expressionsOf(step)).some(({ kind }) => kind === "reduce");
  // One point without a sum is little work: a task is a line of them.
  const tasks = isLight && apart.length > 1 ? apart.slice(0, -1) : apart;
  const inner = apart.slice(tasks.length);
  const roots = [...expressionsOf(step), ...results.flatMap(({ at }) => at)];
  eachTask(made.scalars, tasks, roots, () =>
    nested(made.scalars, [...inner, ...rest], roots, () => {
      for (const result of results) emit(made.scalars, result, constant("f64", 1));
    }),
  );
  return kernel(made, step.results, tasks, owned, undefined, step.over);
}

export function weightedKernel(name: string, step: WeightedFold, storage: StorageOf): Kernel {
  const made = writer(name, storage);
  const { code, frame, scalars } = made;
  const results = inside(step.results, [...step.over, step.edges.axis]);
  const { tasks, rest, owned } = parted(step.over, results);
  const roots = [...expressionsOf(step), ...results.flatMap(({ at }) => at)];
  const edges = code.local("f64");
  eachTask(scalars, tasks, roots, () => {
    code.set(edges, 0);
    nested(scalars, rest, roots, () =>
      eachEdge(scalars, step.edges, roots, () => {
        code.set(edges, w("f64.add", edges, 1));
        const weight = code.local("f64", exponential(step.logWeight, scalars));
        for (const result of results) emit(scalars, result, get(weight));
      }),
    );
    count(code, frame.base, report.edges, get(edges));
  });
  const { over, edges: support } = step;
  const counts = step.results[0]?.name ?? "";
  return kernel(made, step.results, tasks, owned, counts, [...over, support.axis], step.logWeight);
}

const exponential = (e: Expr, scalars: Scalars): Value =>
  e.kind === "number" && e.value === 0 ? constant("f64", 1) : called("exp", scalars.value(e));

/**
 * One pass over an owner's edges: sums are kept relative to the greatest log weight so far and
 * rescaled when it rises.
 */
export function normalisingKernel(name: string, step: NormalisingFold, storage: StorageOf): Kernel {
  const made = writer(name, storage);
  const { code, frame, scalars } = made;
  const owner = step.over.map(index);
  const evidence = step.logEvidence;
  const means = step.expectations.map((e) => mean(e, owner));
  const roots = [...expressionsOf(step), ...means.flatMap(({ at }) => at), ...owner];
  const names = ["edges", "empty", "top", "total", "factor", "weight"] as const;
  const [edges, empty, top, total, factor, weight] = names.map(() => code.local("f64")) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const row = step.choices.length === 0 ? undefined : writeChoices(made, step);
  eachTask(scalars, step.over, roots, () => {
    code.set(edges, 0);
    code.set(empty, 0);
    code.set(top, Number.NEGATIVE_INFINITY);
    code.set(total, 0);
    row?.clear();
    const sums = new Map(means.filter(isScalar).map((m) => [m.name, code.local("f64", 0)]));
    const rescale = (by: Local): void => {
      code.set(total, w("f64.mul", total, by));
      for (const m of means) {
        const sum = sums.get(m.name);
        if (sum === undefined) scaleResult(scalars, m, get(by));
        else code.set(sum, w("f64.mul", sum, by));
      }
    };
    eachEdge(scalars, step.edges, roots, (alternative) => {
      code.set(edges, w("f64.add", edges, 1));
      const logWeight = code.local("f64", scalars.value(step.logWeight));
      row?.push(alternative, logWeight);
      // Once there is a NaN, it stays.
      const rises = w("i32.eqz", w("f64.le", logWeight, top));
      code.if(w("i32.and", rises, w("f64.eq", top, top)), () => {
        code.if(w("f64.gt", top, Number.NEGATIVE_INFINITY), () =>
          scalars.branch(() => {
            code.set(factor, called("exp", w("f64.sub", top, logWeight)));
            rescale(factor);
          }),
        );
        code.set(top, logWeight);
      });
      code.if(w("f64.gt", logWeight, Number.NEGATIVE_INFINITY), () =>
        scalars.branch(() => {
          code.set(weight, called("exp", w("f64.sub", logWeight, top)));
          code.set(total, w("f64.add", total, weight));
          for (const m of means) {
            const sum = sums.get(m.name);
            if (sum === undefined) emit(scalars, m, get(weight));
            else code.set(sum, w("f64.add", sum, w("f64.mul", weight, scalars.value(m.value))));
          }
        }),
      );
    });
    const isEmpty = w("f64.eq", top, Number.NEGATIVE_INFINITY);
    const finite = w("f64.lt", top, Number.POSITIVE_INFINITY);
    code.if(w("i32.eqz", finite), () => {
      code.store("i32.store", frame.base, failures.notFinite, report.error);
      code.store("f64.store", frame.base, top, report.detail);
    });
    const place = code.local("i32", scalars.addressOf(evidence.name, owner));
    code.if(
      isEmpty,
      () => {
        code.set(empty, 1);
        code.store("f32.store", place, Number.NEGATIVE_INFINITY);
      },
      () => {
        const log = w("f64.add", top, called("log", get(total)));
        code.store("f32.store", place, w("f32.demote_f64", log));
        code.set(factor, w("f64.div", 1, total));
        scalars.branch(() => {
          rescale(factor);
          for (const [m, sum] of sums)
            code.store("f32.store", scalars.addressOf(m, owner), w("f32.demote_f64", sum));
        });
      },
    );
    const isVanished = w("f32.eq", load("f32.load", place), Number.NEGATIVE_INFINITY);
    code.if(w("i32.and", w("f64.gt", edges, 0), isVanished), () =>
      code.store("i32.store", frame.base, 1, report.vanished),
    );
    row?.choose(scalars, owner);
    count(code, frame.base, report.edges, get(edges));
    count(code, frame.base, report.emptyRows, get(empty));
  });
  const defined = [evidence, ...step.expectations, ...step.choices];
  const work = [...step.over, step.edges.axis];
  const whole = new Set([evidence, ...step.choices].map(({ name }) => name));
  const own = kernel(made, defined, step.over, [], evidence.name, work, step.logWeight, whole);
  return { ...own, condition: step.edges.where };
}

const isScalar = (r: Result): boolean => r.along.length === 0;

const mean = (e: Expectation, owner: readonly Expr[]): Result => ({
  ...e,
  at: [...owner, ...e.along.map(index)],
});

/**
 * Results whose every place is inside their tensor. A loop may be longer than the dimension that it
 * runs over: what it adds beyond is 0, and must not reach what others write at the same time.
 */
function inside(results: readonly Result[], axes: readonly Axis[]): Result[] {
  return results.map((r) => {
    const sizes = new Map([...axes, ...r.along].map(({ name, size }) => [name, size]));
    const at = r.at.map((e, k) => {
      const size = e.kind === "index" ? sizes.get(e.axis) : undefined;
      // Indices that are computed are cut to the dimension.
      return size === undefined || [size, `${size}|1`].includes(r.shape[k]!) ? e : held(e);
    });
    return { ...r, at };
  });
}

/** Axes whose points write apart from each other, which are tasks, and the others. */
function parted(
  over: readonly Axis[],
  results: readonly Result[],
): { tasks: Axis[]; rest: Axis[]; owned: Kernel["owned"] } {
  const place = (axis: Axis, r: Result): number =>
    r.at.findIndex((e) => e.kind === "index" && e.axis === axis.name);
  const isApart = (axis: Axis, r: Result): boolean =>
    place(axis, r) >= 0 &&
    results.every((other) => other.name !== r.name || place(axis, other) === place(axis, r));
  const tasks = over.filter((axis) => results.every((r) => isApart(axis, r)));
  const owned = tasks.flatMap((axis) =>
    results.map((r) => ({ tensor: r.name, dimension: place(axis, r), size: axis.size })),
  );
  return { tasks, rest: over.filter((axis) => !tasks.includes(axis)), owned };
}

export function kernel(
  { code, frame, checkedLoads }: Writer,
  defines: Kernel["defines"],
  tasks: readonly Axis[],
  owned: Kernel["owned"],
  counts: string | undefined,
  work: readonly Axis[],
  logWeight?: Expr,
  overwrites: Kernel["overwrites"] = new Set(),
): Kernel {
  return {
    code,
    slots: frame.slots,
    scratches: frame.scratches,
    checkedLoads,
    tasks: extentsOf(tasks),
    owned,
    defines: [...new Map(defines.map((spec) => [spec.name, spec])).values()],
    overwrites,
    counts,
    logWeight,
    work: extentsOf(work),
  };
}

const extentsOf =
  (axes: readonly Axis[]): Kernel["tasks"] =>
  (bindings) =>
    axes.reduce((product, { size }) => product * bindings.extent(size), 1);

/** Adds `scale` times a result's value into its tensor at the present point. */
function emit(scalars: Scalars, result: Result, scale: Value): void {
  const { code } = scalars;
  const [only, ...more] = result.along;
  if (only !== undefined && more.length === 0 && emitLine(scalars, result, only, scale)) return;
  const weight = scale.op === "local.get" ? scale : get(code.local("f64", scale));
  nested(scalars, result.along, [...result.at, result.value], () => {
    const place = scalars.addressOf(result.name, result.at);
    addTo(code, place, w("f64.mul", weight, scalars.value(result.value)));
  });
}

/** As one loop over numbers side by side, where the value is a scalar of the point times a line. */
function emitLine(scalars: Scalars, result: Result, along: Axis, scale: Value): boolean {
  const target: LoadExpr = { kind: "load", tensor: result.name, at: result.at };
  const to = scalars.line(target, along.name);
  const product = factor(scalars, result.value, along.name);
  if (to === undefined || product === undefined) return false;
  const plus = scalars.line(product.plus, along.name);
  const minus = product.minus && scalars.line(product.minus, along.name);
  if (plus === undefined || (product.minus !== undefined && minus === undefined)) return false;
  const { code, frame } = scalars;
  const weight = code.local("f64", w("f64.mul", scale, scalars.value(product.scalar)));
  scalars.addLine(to, plus, get(weight), frame.extent(along.size));
  if (minus !== undefined)
    scalars.addLine(to, minus, w("f64.neg", weight), frame.extent(along.size));
  return true;
}

function scaleResult(scalars: Scalars, result: Result, by: Value): void {
  const [only, ...more] = result.along;
  const target: LoadExpr = { kind: "load", tensor: result.name, at: result.at };
  const line = only && more.length === 0 ? scalars.line(target, only.name) : undefined;
  if (line !== undefined && only !== undefined) {
    scaleLine(scalars.code, line, by, scalars.frame.extent(only.size));
    return;
  }
  const { code } = scalars;
  nested(scalars, result.along, result.at, () => {
    const to = {
      start: () => scalars.addressOf(result.name, result.at),
      stride: code.local("i32", 0),
    };
    scaleLine(code, to, by, constant("i32", 1));
  });
}

interface Product {
  readonly scalar: Expr;
  readonly plus: Expr;
  readonly minus?: Expr;
}

/** A value as a scalar of the point times a line, or a difference of two lines. */
function factor(scalars: Scalars, e: Expr, along: string): Product | undefined {
  if (e.kind === "load") return { scalar: number(1), plus: e };
  if (e.kind === "unary" && e.op === "negate") {
    const inner = factor(scalars, e.of, along);
    return inner && { ...inner, scalar: negate(inner.scalar) };
  }
  if (e.kind !== "binary") return undefined;
  if (e.op === "subtract") return { scalar: number(1), plus: e.left, minus: e.right };
  if (e.op !== "multiply") return undefined;
  const [scalar, vector] = scalars.dependsOn(e.left, along) ? [e.right, e.left] : [e.left, e.right];
  if (scalars.dependsOn(scalar, along)) return undefined;
  const inner = factor(scalars, vector, along);
  return inner && { ...inner, scalar: multiply(scalar, inner.scalar) };
}
