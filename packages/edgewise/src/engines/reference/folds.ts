/** The three kinds of loops, as plain as their equations. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Axis, Expr } from "../../ir/expr.ts";
import { printExpr } from "../../ir/print.ts";
import {
  expressionsOf,
  type NodeMap,
  type NormalisingFold,
  type Support,
  type WeightedFold,
} from "../../ir/program.ts";
import type { Environment } from "./bindings.ts";
import { type Choose, chooser } from "./choices.ts";
import { type Emit, emitter } from "./emit.ts";
import { Loops } from "./loops.ts";
import type { Evaluate } from "./operations.ts";

export interface Tally {
  readonly folds: Record<string, { edges: number; emptyRows: number }>;
  readonly iterations: Record<string, number>;
}

export type RunStep = (environment: Environment, tally: Tally) => void;

export function lowerMap(step: NodeMap): RunStep {
  const loops = new Loops(expressionsOf(step));
  const nest = new Nest(loops, step.over);
  const emits = step.results.map((result) => emitter(loops, result, nest.level));
  return (environment) => {
    for (const result of uniqueByName(step.results)) environment.allocate(result);
    loops.bind(environment);
    nest.each(() => {
      for (const emit of emits) emit(1);
    });
  };
}

/** Σ exp(logWeight) · value over the edges that exist. */
export function lowerWeighted(step: WeightedFold): RunStep {
  const loops = new Loops(expressionsOf(step));
  const nest = new Nest(loops, step.over);
  const edges = new Edges(loops, step.edges, nest);
  const logWeight = loops.compile(step.logWeight, edges.level);
  const emits = step.results.map((result) => emitter(loops, result, edges.level));
  return (environment) => {
    for (const result of uniqueByName(step.results)) environment.allocate(result);
    loops.bind(environment);
    nest.each(() =>
      edges.each(() => {
        const weight = Math.exp(logWeight());
        for (const emit of emits) emit(weight);
      }),
    );
  };
}

/** For each owner: maximum, then Σ exp(w − max) and the values under these weights. */
export function lowerNormalising(step: NormalisingFold): RunStep {
  const at = step.over.map(({ name }): Expr => ({ kind: "index", axis: name }));
  const results = step.expectations.map((e) => ({
    ...e,
    at: [...at, ...e.along.map(({ name }): Expr => ({ kind: "index", axis: name }))],
  }));
  const loops = new Loops([...expressionsOf(step), ...results.flatMap((r) => r.at)]);
  const nest = new Nest(loops, step.over);
  const edges = new Edges(loops, step.edges, nest);
  const logWeight = loops.compile(step.logWeight, edges.level);
  const own = results.filter(({ value }) => value === step.logWeight);
  const emits = results
    .filter(({ value }) => value !== step.logWeight)
    .map((r) => emitter(loops, r, edges.level));
  const ownEmits = own.map((r) =>
    emitter(loops, { ...r, value: { kind: "number", value: 1 } }, edges.level),
  );
  const evidence = emitter(
    loops,
    { name: step.logEvidence.name, at, along: [], value: { kind: "number", value: 1 } },
    nest.level,
  );
  const chooses = step.choices.map((choice) => chooser(loops, choice, at, nest.level));
  const row = new Row();
  return (environment, tally) => {
    for (const spec of [step.logEvidence, ...step.expectations, ...step.choices])
      environment.allocate(spec);
    loops.bind(environment);
    tally.folds[step.logEvidence.name] ??= { edges: 0, emptyRows: 0 };
    const count = tally.folds[step.logEvidence.name] as { edges: number; emptyRows: number };
    nest.each(() => {
      row.clear();
      edges.each((alternative) => row.push(edges.position, alternative, logWeight()));
      count.edges += row.count;
      if (row.count === 0) count.emptyRows++;
      const top = row.greatest();
      if (Number.isNaN(top) || top === Number.POSITIVE_INFINITY)
        throw notFinite(step.logWeight, top);
      evidence(top === Number.NEGATIVE_INFINITY ? top : top + Math.log(row.exponentiate(top)));
      if (top !== Number.NEGATIVE_INFINITY) spread(row, edges, emits, ownEmits);
      for (const choose of chooses) choose(row);
    });
  };
}

/** Adds each edge's values with its posterior probability. */
function spread(row: Row, edges: Edges, emits: readonly Emit[], ownEmits: readonly Emit[]): void {
  if (emits.length === 0 && ownEmits.length === 0) return;
  for (let k = 0; k < row.count; k++) {
    const probability = (row.weight[k] as number) / row.total;
    edges.moveTo(row.position[k] as number, row.alternative[k] as number);
    for (const emit of emits) emit(probability);
    for (const emit of ownEmits) emit(probability * (row.logWeight[k] as number));
  }
}

function notFinite(logWeight: Expr, got: number): EdgewiseError {
  return new EdgewiseError({
    code: "not_finite",
    where: "log weight of an edge",
    got: `${got} from ${printExpr(logWeight)}`.slice(0, 400),
    expected: "a finite number, or forbidden where the edge does not exist",
    fix: "keep the prior and the potential finite on every edge: guard divisions, logarithms and roots with where(…), and look for NaN among the inputs",
  });
}

/** One owner's edges: where they are, their log weights, and their unnormalised weights. */
export class Row {
  count = 0;
  total = 0;
  position: Int32Array = new Int32Array(64);
  alternative: Int32Array = new Int32Array(64);
  logWeight: Float64Array = new Float64Array(64);
  weight: Float64Array = new Float64Array(64);

  clear(): void {
    this.count = 0;
    this.total = 0;
  }

  push(position: number, alternative: number, logWeight: number): void {
    const k = this.count++;
    if (k === this.position.length) this.grow();
    this.position[k] = position;
    this.alternative[k] = alternative;
    this.logWeight[k] = logWeight;
  }

  private grow(): void {
    const wider = <A extends Int32Array | Float64Array>(of: A, to: A): A => {
      to.set(of);
      return to;
    };
    const length = 2 * this.position.length;
    this.position = wider(this.position, new Int32Array(length));
    this.alternative = wider(this.alternative, new Int32Array(length));
    this.logWeight = wider(this.logWeight, new Float64Array(length));
    this.weight = wider(this.weight, new Float64Array(length));
  }

  /** Greatest log weight; −∞ without edges, NaN if there is one. */
  greatest(): number {
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.count; k++) {
      const w = this.logWeight[k] as number;
      if (!(w <= top)) top = w;
      if (Number.isNaN(top)) return top;
    }
    return top;
  }

  /** Weights exp(w − top), and their sum. */
  exponentiate(top: number): number {
    for (let k = 0; k < this.count; k++) {
      const weight = Math.exp((this.logWeight[k] as number) - top);
      this.weight[k] = weight;
      this.total += weight;
    }
    return this.total;
  }
}

/** Nested loops over owners or nodes. */
export class Nest {
  readonly level: number;
  private readonly loops: Loops;
  private readonly levels: readonly number[];
  private readonly extents: readonly { value: number }[];

  constructor(loops: Loops, axes: readonly Axis[]) {
    this.loops = loops;
    this.levels = axes.map(({ name }) => loops.declare(name));
    this.extents = axes.map(({ size }) => loops.extent(size));
    this.level = Math.max(0, ...this.levels);
  }

  each(visit: () => void, depth = 0): void {
    const extent = this.extents[depth];
    if (extent === undefined) {
      visit();
      return;
    }
    for (let k = 0; k < extent.value; k++) {
      this.loops.move(this.levels[depth] as number, k);
      this.each(visit, depth + 1);
    }
  }
}

/** The edges of one owner: an interval or a list, cut by a condition. */
export class Edges {
  readonly level: number;
  /** Number of the edge in its list; the alternative itself in an interval. */
  position = 0;
  private readonly loops: Loops;
  private readonly extent: { value: number };
  private readonly from: Evaluate;
  private readonly to: Evaluate;
  private readonly where: Evaluate | undefined;
  private readonly list:
    | {
        starts: () => ArrayLike<number>;
        alternatives: () => ArrayLike<number>;
        row: number;
        edge: number;
      }
    | undefined;

  constructor(loops: Loops, support: Support, nest: Nest) {
    this.loops = loops;
    this.level = loops.declare(support.axis.name);
    this.extent = loops.extent(support.axis.size);
    const { extent } = this;
    this.from = support.from ? loops.compile(support.from, nest.level) : () => 0;
    this.to = support.to ? loops.compile(support.to, nest.level) : () => extent.value;
    if (support.list !== undefined) {
      const [starts, alternatives] = [
        loops.binding(support.list.rowStart),
        loops.binding(support.list.alternative),
      ];
      this.list = {
        starts: () => starts.data,
        alternatives: () => alternatives.data,
        row: loops.declare(support.list.row),
        edge: loops.declare(support.list.edge),
      };
    }
    this.where = support.where
      ? loops.compile(support.where, Math.max(this.level, this.list?.edge ?? 0))
      : undefined;
  }

  moveTo(position: number, alternative: number): void {
    this.position = position;
    this.loops.move(this.level, alternative);
    if (this.list !== undefined) this.loops.move(this.list.edge, position);
  }

  each(visit: (alternative: number) => void): void {
    const [low, high] = [
      Math.max(0, Math.ceil(this.from())),
      Math.min(this.extent.value, Math.ceil(this.to())),
    ];
    if (this.list === undefined) {
      for (let j = low; j < high; j++) this.offer(j, j, visit);
      return;
    }
    const [starts, alternatives, row] = [
      this.list.starts(),
      this.list.alternatives(),
      this.loops.index[this.list.row] as number,
    ];
    for (let e = starts[row] as number; e < (starts[row + 1] as number); e++) {
      const j = alternatives[e] as number;
      if (j >= low && j < high) this.offer(e, j, visit);
    }
  }

  private offer(position: number, alternative: number, visit: (alternative: number) => void): void {
    this.moveTo(position, alternative);
    if (this.where === undefined || this.where() !== 0) visit(alternative);
  }
}

export type { Choose };

function uniqueByName<R extends { readonly name: string }>(results: readonly R[]): R[] {
  return [...new Map(results.map((r) => [r.name, r])).values()];
}
