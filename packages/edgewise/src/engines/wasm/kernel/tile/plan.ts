/**
 * What a fold looks like to tiles: which numbers belong to a row (an owner), to a column (an
 * alternative) or to an edge, which of them are products of rows and columns, and where results land.
 */
import {
  type Axis,
  type BinaryExpr,
  divide,
  type Expr,
  freeAxes,
  type LoadExpr,
  multiply,
  negate,
  nodesOf,
  number,
  operands,
  type ReduceExpr,
  where,
} from "../../../../ir/expr.ts";
import {
  boundsOf,
  expressionsOf,
  type NormalisingFold,
  type Result,
  type Support,
  type WeightedFold,
} from "../../../../ir/program.ts";
import type { Bindings } from "../frame.ts";
import { areExact, belowSteps } from "./discrete.ts";

/** Which loops of a tile an expression depends on. */
export type Side = "none" | "row" | "column" | "edge";

/** Sum over features of a product, or of a squared difference, of a row and a column. */
export interface Pair {
  readonly e: ReduceExpr;
  readonly row: LoadExpr;
  readonly column: LoadExpr;
  readonly squared: boolean;
}

/** A matrix of the tile times a line of features that its rows or columns have. */
export interface Term {
  readonly scalar: Expr;
  readonly line: LoadExpr;
  readonly side: "row" | "column";
}

/** Where a result lands: at rows, at columns, at edges, or at places that tiles share. */
export interface Landing {
  readonly result: Result;
  readonly at: "row" | "column" | "edge" | "shared";
  /** Sums of lines; of results without features, the number itself. */
  readonly terms: readonly Term[];
  readonly scalar: Expr | undefined;
  /** Dimension of a shared place that moves with rows and columns, if there is one. */
  readonly moving: number | undefined;
}

export interface TilePlan {
  readonly outer: readonly Axis[];
  readonly row: Axis;
  readonly column: Axis;
  readonly edges: Support;
  readonly logWeight: Expr;
  readonly pairs: readonly Pair[];
  readonly landings: readonly Landing[];
  /** What the lengths of a call must be like. */
  readonly requires: readonly ((bindings: Bindings) => boolean)[];
  /** Numbers of columns that the kernel itself works out, tile by tile. */
  readonly given?: Expr;
  side(e: Expr): Side;
}

/** Why a fold is not made of tiles. */
export class NotTiled extends Error {}

const refuse = (reason: string): never => {
  throw new NotTiled(reason);
};

/** Plan of a fold. @throws NotTiled with the reason */
export function planOf(step: NormalisingFold | WeightedFold): TilePlan {
  return new Planner(step).plan();
}

class Planner {
  private readonly step: NormalisingFold | WeightedFold;
  private readonly row: Axis;
  private readonly column: Axis;
  private readonly free = new Map<Expr, ReadonlySet<string>>();
  private readonly pairs: Pair[] = [];
  private readonly requires: ((bindings: Bindings) => boolean)[] = [];
  private readonly loops: readonly Axis[];

  constructor(step: NormalisingFold | WeightedFold) {
    this.step = step;
    this.row = step.over.at(-1) ?? refuse("it has one owner");
    this.column = step.edges.axis;
    this.loops = [...step.over, step.edges.axis];
  }

  plan(): TilePlan {
    const { step } = this;
    this.checkList();
    if (step.kind === "normalise" && step.choices.length > 0) refuse("it chooses edges");
    const landings =
      step.kind === "weigh"
        ? step.results.map((result) => this.landing(result))
        : step.expectations.map((e) =>
            this.landing({
              ...e,
              at: [...step.over, ...e.along].map(
                ({ name }): Expr => ({ kind: "index", axis: name }),
              ),
            }),
          );
    const { where: condition } = step.edges;
    const roots = [
      step.logWeight,
      ...(condition === undefined ? [] : [condition]),
      ...landings.flatMap(({ terms, scalar }) => [
        ...terms.map((term) => term.scalar),
        ...(scalar === undefined ? [] : [scalar]),
      ]),
    ];
    const seen = new Set<Expr>();
    for (const root of roots) this.inspect(root, seen);
    const below = belowSteps(roots);
    this.requires.push((b) => areExact(below, this.loops, b));
    for (const e of nodesOf(boundsOf(step.edges))) if (e.kind === "load") this.checkLoad(e);
    return {
      outer: step.over.slice(0, -1),
      row: this.row,
      column: this.column,
      edges: step.edges,
      logWeight: step.logWeight,
      pairs: this.pairs,
      landings,
      requires: this.requires,
      side: (e) => this.side(e),
    };
  }

  /** Lists are of rows, and nothing but who is there differs from edge to edge. */
  private checkList(): void {
    const { edges } = this.step;
    if (edges.list === undefined) return;
    const { row, edge } = edges.list;
    if (edges.spans !== undefined) refuse("its lists are cut by several intervals");
    if (row !== this.row.name) refuse("its lists are not those of its rows");
    if (edge === this.column.name) return;
    const all = expressionsOf(this.step);
    if (all.some((e) => this.axes(e).has(edge)))
      refuse("edges of its list have numbers of their own");
  }

  private axes(e: Expr): ReadonlySet<string> {
    return freeAxes(e, this.free);
  }

  private side(e: Expr): Side {
    const axes = this.axes(e);
    const [row, column] = [axes.has(this.row.name), axes.has(this.column.name)];
    if (row && column) return "edge";
    return row ? "row" : column ? "column" : "none";
  }

  /** What of an expression is computed for each edge: pairs, loads and arithmetic. */
  private inspect(e: Expr, seen: Set<Expr>): void {
    if (seen.has(e)) return;
    seen.add(e);
    if (this.side(e) !== "edge") {
      for (const inner of nodesOf([e])) if (inner.kind === "load") this.checkLoad(inner);
      return;
    }
    if (e.kind === "reduce") {
      this.pairs.push(this.pair(e));
      return;
    }
    if (e.kind === "load") {
      this.edgeLoad(e);
      return;
    }
    for (const o of operands(e)) this.inspect(o, seen);
  }

  private pair(e: ReduceExpr): Pair {
    const { of, axis } = e;
    if (e.op !== "sum" || of.kind !== "binary" || of.op !== "multiply")
      return refuse("a sum over features is not of products");
    const gap = of.left as BinaryExpr;
    const squared = of.left === of.right && gap.kind === "binary" && gap.op === "subtract";
    const [a, b] = squared ? [gap.left, gap.right] : [of.left, of.right];
    const [row, column] = this.side(a) === "column" ? [b, a] : [a, b];
    if (this.side(row) !== "row" || this.side(column) !== "column")
      return refuse("a sum over features is not of rows by columns");
    return {
      e,
      squared,
      row: this.line(row, this.row, axis),
      column: this.line(column, this.column, axis),
    };
  }

  /** A load along features whose place moves with one loop by one stride. */
  private line(e: Expr, along: Axis | undefined, feature: Axis): LoadExpr {
    if (e.kind !== "load") return refuse("a factor is computed along features");
    this.checkLoad(e);
    const plain = (axis: Axis): boolean => {
      const dims = e.at.filter((o) => this.axes(o).has(axis.name));
      return dims.length === 1 && dims[0]?.kind === "index";
    };
    if (!plain(feature) || (along !== undefined && !plain(along)))
      refuse(`the place in ${e.tensor} does not move by one stride`);
    return e;
  }

  /** A load at an edge: its column moves along the tensor's last dimension. */
  private edgeLoad(e: LoadExpr): void {
    this.checkLoad(e);
    if (this.step.edges.list !== undefined)
      refuse(`the edges of a list do not lie side by side in ${e.tensor}`);
    const moving = e.at.flatMap((o, k) => (this.axes(o).has(this.column.name) ? [k] : []));
    const [only] = moving;
    if (moving.length !== 1 || only === undefined)
      throw new NotTiled(`the place in ${e.tensor} moves in several dimensions`);
    if (only !== e.at.length - 1 || slopeOf(e.at[only] as Expr, this.column.name) !== 1)
      refuse(`the columns of ${e.tensor} do not lie side by side`);
    const { tensor } = e;
    // A dimension of extent 1 broadcasts: its numbers do not lie side by side.
    this.requires.push((b) => (b.shape(tensor)[only] ?? 0) > 1 || b.extent(this.column.size) <= 1);
  }

  /** A load that a text writes must stay in its tensor for every edge, taken or not. */
  private checkLoad(e: LoadExpr): void {
    if (!e.checked) return;
    e.at.forEach((o, k) => {
      if (o.kind === "number") {
        this.requires.push(
          (b) => Number.isInteger(o.value) && o.value >= 0 && o.value < (b.shape(e.tensor)[k] ?? 0),
        );
        return;
      }
      const axis = o.kind === "index" && this.loops.find(({ name }) => name === o.axis);
      if (!axis) throw new NotTiled(`the text's place in ${e.tensor} is computed`);
      this.requires.push((b) => b.extent(axis.size) <= (b.shape(e.tensor)[k] ?? 0));
    });
  }

  private landing(result: Result): Landing {
    const { along, at, value } = result;
    const own = at.filter((o) => !along.some(({ name }) => this.axes(o).has(name)));
    const sides = own.map((o) => this.side(o));
    const place = this.placeOf(own, sides);
    if (along.length > 1) refuse("a result has several axes of features");
    const [feature] = along;
    const moving = at.findIndex((o) => this.side(o) === "edge");
    const isMoved = place === "edge" || (place === "shared" && sides.includes("edge"));
    if (isMoved && this.step.edges.list !== undefined)
      refuse("the edges of a list do not land side by side");
    const base = { result, at: place, moving: moving < 0 ? undefined : moving };
    if (feature === undefined) {
      if (place === "edge") this.sideBySide(result);
      return { ...base, terms: [], scalar: value };
    }
    if (place === "edge" || place === "shared") return refuse("a result of edges has features");
    const inAt = at.filter((o) => this.axes(o).has(feature.name));
    if (inAt.length !== 1 || inAt[0]?.kind !== "index") refuse("features do not land side by side");
    if (at.at(-1) !== inAt[0]) refuse("features are not a result's last dimension");
    return { ...base, scalar: undefined, terms: this.terms(value, feature) };
  }

  private placeOf(own: readonly Expr[], sides: readonly Side[]): Landing["at"] {
    const moving = sides.filter((side) => side !== "none");
    if (sides.includes("edge")) {
      const o = own[sides.indexOf("edge")] as Expr;
      if (moving.length !== 1 || slopeOf(o, this.column.name) !== 1)
        refuse("edges land at places that do not lie side by side");
      return "shared";
    }
    own.forEach((o, k) => {
      if (sides[k] !== "none" && o.kind !== "index") refuse("a result lands at computed places");
    });
    const [rows, columns] = (["row", "column"] as const).map(
      (side) => sides.filter((s) => s === side).length,
    ) as [number, number];
    if (rows > 1 || columns > 1) refuse("a result lands on a diagonal");
    if (rows === 1) return columns === 1 ? "edge" : "row";
    return columns === 1 ? "column" : "shared";
  }

  private sideBySide({ at, name }: Result): void {
    if (this.side(at.at(-1) as Expr) !== "column") refuse("edges do not land side by side");
    this.requires.push((b) => (b.shape(name).at(-1) ?? 0) === b.extent(this.column.size));
  }

  /** A value as sums of an edge's number times a line. */
  private terms(value: Expr, feature: Axis): Term[] {
    if (!this.axes(value).has(feature.name)) return refuse("a value is the same for all features");
    const scaled = (of: Expr, scale: (scalar: Expr) => Expr): Term[] =>
      this.terms(of, feature).map((term) => ({ ...term, scalar: scale(term.scalar) }));
    switch (value.kind) {
      case "load": {
        const side = this.side(value);
        if (side === "edge") return refuse("a value has features of its own for every edge");
        const along = side === "row" ? this.row : side === "column" ? this.column : undefined;
        const line = this.line(value, along, feature);
        const dimension = line.at.findIndex((o) => this.axes(o).has(feature.name));
        this.requires.push(
          (b) => b.extent(feature.size) <= 1 || (b.strides(line.tensor)[dimension] ?? 0) === 4,
        );
        return [{ scalar: number(1), line, side: side === "column" ? "column" : "row" }];
      }
      case "unary":
        if (value.op === "negate") return scaled(value.of, negate);
        return refuse("a value is computed along features");
      case "where":
        if (this.axes(value.test).has(feature.name)) return refuse("a value branches on features");
        return [
          ...this.orZero(value.taken, feature, (s) => where(value.test, s, 0)),
          ...this.orZero(value.otherwise, feature, (s) => where(value.test, 0, s)),
        ];
      case "binary":
        return this.binaryTerms(value, feature, scaled);
      default:
        return refuse("a value is computed along features");
    }
  }

  private orZero(e: Expr, feature: Axis, scale: (scalar: Expr) => Expr): Term[] {
    if (e.kind === "number" && e.value === 0) return [];
    return this.terms(e, feature).map((term) => ({ ...term, scalar: scale(term.scalar) }));
  }

  private binaryTerms(
    { op, left, right }: BinaryExpr,
    feature: Axis,
    scaled: (of: Expr, scale: (scalar: Expr) => Expr) => Term[],
  ): Term[] {
    const inRight = this.axes(right).has(feature.name);
    const inLeft = this.axes(left).has(feature.name);
    switch (op) {
      case "add":
        return [...this.terms(left, feature), ...this.terms(right, feature)];
      case "subtract":
        return [...this.terms(left, feature), ...scaled(right, negate)];
      case "multiply":
        if (inLeft && inRight) return refuse("a value is a product along features");
        return inLeft
          ? scaled(left, (s) => multiply(right, s))
          : scaled(right, (s) => multiply(left, s));
      case "divide":
        if (inRight) return refuse("a value is computed along features");
        return scaled(left, (s) => divide(s, right));
      default:
        return refuse("a value is computed along features");
    }
  }
}

/** How far an expression moves when a loop does, where that is the same everywhere. */
function slopeOf(e: Expr, axis: string): number | undefined {
  if (e.kind === "index") return e.axis === axis ? 1 : 0;
  if (!freeAxes(e).has(axis)) return 0;
  if (e.kind === "unary" && e.op === "negate") {
    const of = slopeOf(e.of, axis);
    return of === undefined ? undefined : -of;
  }
  if (e.kind !== "binary" || (e.op !== "add" && e.op !== "subtract")) return undefined;
  const [left, right] = [slopeOf(e.left, axis), slopeOf(e.right, axis)];
  if (left === undefined || right === undefined) return undefined;
  return e.op === "add" ? left + right : left - right;
}
