import type { Axis } from "../../ir/expr.ts";
import type { Span, Support } from "../../ir/program.ts";
import type { Loops } from "./loops.ts";
import type { Evaluate } from "./operations.ts";

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

  /** Visits every point; `report` is told, now and then, which share of them is done. */
  each(visit: () => void, report?: (share: number) => void): void {
    const total = this.extents.reduce((product, { value }) => product * value, 1);
    // A length of 0 inside a huge one must not cost the huge one.
    if (total === 0) return;
    if (report === undefined) {
      this.nested(visit, 0);
      return;
    }
    let done = 0;
    this.nested(() => {
      visit();
      if (++done % 64 === 0) report(done / total);
    }, 0);
  }

  private nested(visit: () => void, depth: number): void {
    const extent = this.extents[depth];
    if (extent === undefined) {
      visit();
      return;
    }
    for (let k = 0; k < extent.value; k++) {
      this.loops.move(this.levels[depth] as number, k);
      this.nested(visit, depth + 1);
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
  private readonly spans: readonly { readonly from: Evaluate; readonly to: Evaluate }[] | undefined;
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
    const ends = ({ from, to }: Span): { from: Evaluate; to: Evaluate } => ({
      from: from ? loops.compile(from, nest.level) : () => 0,
      to: to ? loops.compile(to, nest.level) : () => extent.value,
    });
    ({ from: this.from, to: this.to } = ends(support));
    this.spans = support.spans?.map(ends);
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
      if (this.spans === undefined) for (let j = low; j < high; j++) this.offer(j, j, visit);
      else this.eachSpan(low, high, visit);
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

  /** Alternatives of several intervals, each once, in rising order. */
  private eachSpan(low: number, high: number, visit: (alternative: number) => void): void {
    const spans = (this.spans ?? [])
      .map(
        ({ from, to }) =>
          [Math.max(low, Math.ceil(from())), Math.min(high, Math.ceil(to()))] as const,
      )
      .sort(([a], [b]) => a - b);
    let next = low;
    for (const [from, to] of spans)
      for (let j = Math.max(next, from); j < to; j++, next = j) this.offer(j, j, visit);
  }

  private offer(position: number, alternative: number, visit: (alternative: number) => void): void {
    this.moveTo(position, alternative);
    if (this.where === undefined || this.where() !== 0) visit(alternative);
  }
}
