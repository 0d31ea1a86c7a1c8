/**
 * Normalising folds by tiles: one pass over the columns, with sums kept relative to the greatest log
 * weight so far and divided once at the end.
 *
 * @source M. Milakov and N. Gimelshein, "Online normalizer calculation for softmax" (2018); T. Dao,
 * "FlashAttention-2" (2023): the loop over receivers outside, the division last.
 */
import type { Expr } from "../../../../ir/expr.ts";
import type { NormalisingFold } from "../../../../ir/program.ts";
import { constant, get, type Local, load, select, type Value, w } from "../../assembler/code.ts";
import { count as addCount } from "../edges.ts";
import { failures, report } from "../frame.ts";
import type { Kernel } from "../kernel.ts";
import type { TileOptions } from "./context.ts";
import { blockRows, padded, tileBytes } from "./geometry.ts";
import { firstLane, moveLine, sumOfLanes } from "./lines.ts";
import { greatestLane, leastFinite } from "./math.ts";
import type { Known, TileRow, Visit } from "./passes.ts";
import { type Landing, NotTiled, type Term, type TilePlan } from "./plan.ts";
import { blocking, type TileBody, Tiles } from "./tiles.ts";

/** Bytes of a table with four numbers for each row of a block. */
const fourEach = 16 * blockRows;

/** Sum of an expectation with features: a line for each row of the block. */
interface Mean {
  readonly landing: Landing;
  readonly term: Term;
  /** Number of its lines among those that are laid out for the tile. */
  readonly line: number;
  readonly sums: Local;
  readonly rowBytes: Local;
  /** Matrix of the tile with its weights. */
  readonly slot: number;
}

/** What a row adds up in one pass. */
interface Sums {
  readonly sum: Local;
  readonly moments: readonly Local[];
}

/** Sum of an expectation without features. */
interface Moment {
  readonly landing: Landing;
  readonly scalar: Expr;
}

export class NormalisingBody implements TileBody {
  slots: number;
  protected readonly tiles: Tiles;
  private readonly step: NormalisingFold;
  private readonly means: readonly Mean[];
  private readonly moments: readonly Moment[];
  /** Matrix of log weights, then of weights. */
  private readonly own: number;
  protected readonly tops: Local;
  private readonly totals: Local;
  private readonly momentSums: readonly Local[];
  private readonly empty: Local;

  constructor(tiles: Tiles, step: NormalisingFold) {
    const { code, frame } = tiles.context.made;
    const { landings, pairs, logWeight } = tiles.context.plan;
    this.tiles = tiles;
    this.step = step;
    const isPlain = (scalar: Expr): boolean => scalar.kind === "number" && scalar.value === 1;
    const terms = landings.flatMap(({ terms: all }) => all);
    const scaled = terms.filter(({ scalar }) => !isPlain(scalar));
    this.moments = landings.flatMap((landing) =>
      landing.scalar === undefined ? [] : [{ landing, scalar: landing.scalar }],
    );
    // Log weights take the first pair's place, unless a second pass still needs the pairs.
    const isLooked = [...scaled, ...this.moments].some(
      ({ scalar }) => scalar !== logWeight && tiles.context.plan.side(scalar) === "edge",
    );
    this.own = isLooked ? pairs.length : 0;
    let slot = Math.max(pairs.length, this.own + 1);
    const slotOf = (scalar: Expr): number => (isPlain(scalar) ? this.own : slot++);
    this.means = landings.flatMap((landing, k) =>
      landing.terms.map((term, t) => {
        const feature = landing.result.along[0]!;
        const { size } = feature;
        return {
          ...{ landing, term, slot: slotOf(term.scalar) },
          line: tiles.columns.lay(term.line, feature),
          sums: frame.scratch(`sums ${k} ${t}`, (b) => 4 * blockRows * padded(b.extent(size))),
          rowBytes: frame.computed(`bytes of ${k}`, (b) => 4 * padded(b.extent(size))),
        };
      }),
    );
    this.slots = slot;
    this.tops = frame.scratch("tops", () => 4 * blockRows);
    this.totals = frame.scratch("totals", () => fourEach);
    this.momentSums = this.moments.map((_, k) => frame.scratch(`moments ${k}`, () => fourEach));
    this.empty = code.local("f64");
  }

  beginTask(): void {
    this.tiles.context.made.code.set(this.empty, 0);
  }

  beginBlock(): void {
    const { code } = this.tiles.context.made;
    const { rows } = this.tiles.context.cursor;
    const r = code.local("i32");
    code.range(r, 0, rows, 1, () => {
      const top = w("i32.add", this.tops, w("i32.shl", r, 2));
      code.store("f32.store", top, Number.NEGATIVE_INFINITY);
    });
    const clear = (from: Local, bytes: Value): void =>
      code.run("memory.fill", from, constant("i32", 0), bytes);
    for (const sums of [this.totals, ...this.momentSums]) clear(sums, w("i32.shl", rows, 4));
    for (const { sums, rowBytes: bytes } of this.means) clear(sums, w("i32.mul", rows, bytes));
  }

  beginColumns(): void {}
  beginTile(): void {}

  row(row: TileRow): void {
    const { code } = this.tiles.context.made;
    const place = code.local("i32", w("i32.add", this.tops, w("i32.shl", row.number, 2)));
    const top = code.local("f32", load("f32.load", place));
    this.take(row, place, top);
  }

  /** A row whose greatest log weight so far is at a place. */
  protected take(row: TileRow, place: Local, top: Local): void {
    this.rise(row, place, top);
    this.weigh(row, top);
  }

  /** First pass: log weights, and what they do to the greatest one. */
  private rise(row: TileRow, place: Local, top: Local): void {
    const { tiles } = this;
    const { code } = tiles.context.made;
    const least = code.splat(Number.NEGATIVE_INFINITY);
    // Two of each, so that one need not wait for the other.
    const greatest = [code.local("v128", least), code.local("v128", least)] as const;
    let isFull = true;
    row.pass((vectors, exists, { address, offset }) => {
      const logWeight = vectors.value(this.step.logWeight);
      isFull = exists === undefined;
      const kept = code.local("v128", exists ? this.among(logWeight, exists) : logWeight);
      code.store("v128.store", address, kept, this.own * tileBytes + offset);
      // One instruction, which leaves NaN out; a weight that is none shows in the sum.
      const own = offset === 0 ? greatest[0] : greatest[1];
      code.set(own, w("f32x4.pmax", own, kept));
      tiles.context.countMask(exists);
    });
    const both = code.local("v128", w("f32x4.pmax", ...greatest));
    const highest = code.local("f32", firstLane(greatestLane(code, both)));
    if (isFull) code.set(highest, w("f32.max", highest, leastFinite));
    code.if(w("f32.gt", highest, top), () => this.raise(row, place, top, highest));
  }

  /** Log weights of the edges that exist, none of which is −∞: a row tells from that if it has any. */
  private among(logWeight: Value, exists: Value): Value {
    const { code } = this.tiles.context.made;
    const finite = w("f32x4.pmax", logWeight, code.splat(leastFinite));
    return w("v128.bitselect", finite, code.splat(Number.NEGATIVE_INFINITY), exists);
  }

  /** Makes the row's sums relative to a greater log weight. */
  protected raise({ number }: TileRow, place: Local, top: Local, highest: Local): void {
    const { tiles } = this;
    const { code } = tiles.context.made;
    code.store("f32.store", place, highest);
    code.if(w("f32.gt", top, Number.NEGATIVE_INFINITY), () => {
      const fall = w("f32x4.splat", w("f32.sub", top, highest));
      const factor = code.local("v128", tiles.context.math.expNotPositive(fall));
      const at = w("i32.shl", number, 4);
      for (const table of [this.totals, ...this.momentSums]) {
        const sum = code.local("i32", w("i32.add", table, at));
        code.store("v128.store", sum, w("f32x4.mul", load("v128.load", sum), factor));
      }
      for (const { sums, rowBytes: bytes } of this.means) {
        const line = code.local("i32", w("i32.add", sums, w("i32.mul", number, bytes)));
        const features = w("i32.shr_u", bytes, 2);
        moveLine(code, { to: get(line), from: get(line), features, factor, adds: false });
      }
    });
    code.set(top, highest);
  }

  /** Second pass: weights, their sums, and what is weighed. */
  private weigh(row: TileRow, top: Local): void {
    const { tiles, step } = this;
    const { code } = tiles.context.made;
    // Without any edge so far, all weights are 0: −∞ less any number is −∞.
    const isEmpty = w("f32.eq", top, Number.NEGATIVE_INFINITY);
    const reference = select(isEmpty, constant("f32", 0), get(top));
    const highest = code.local("v128", w("f32x4.splat", reference));
    this.add(
      row,
      (vectors) => {
        const fall = w("f32x4.sub", vectors.value(step.logWeight), highest);
        return tiles.context.math.expNotPositive(fall);
      },
      (e, { address, offset }) =>
        e === step.logWeight
          ? load("v128.load", address, this.own * tileBytes + offset)
          : undefined,
    );
  }

  /** Adds up the weights of a row, and what is weighed by them. */
  protected add(
    row: TileRow,
    weightOf: (...visited: Parameters<Visit>) => Value,
    known?: Known,
  ): void {
    const { tiles, step } = this;
    const { code } = tiles.context.made;
    const zero = (): Local => code.local("v128", code.splat(0));
    const sums = (): Sums => ({ sum: zero(), moments: this.moments.map(zero) });
    const [even, odd] = [sums(), sums()];
    row.pass((vectors, exists, place) => {
      const { address, offset } = place;
      const weight = code.local("v128", weightOf(vectors, exists, place));
      const { sum, moments } = offset === 0 ? even : odd;
      code.set(sum, w("f32x4.add", sum, weight));
      // 0 · −∞ is no number: where there is no weight, any number will do.
      const finite = (of: Value): Value => (exists === undefined ? of : w("v128.and", of, exists));
      this.moments.forEach(({ scalar }, k) => {
        const of =
          scalar === step.logWeight
            ? w("f32x4.pmax", vectors.value(scalar), code.splat(-3.4e38))
            : finite(vectors.value(scalar));
        code.set(moments[k]!, w("f32x4.add", moments[k]!, w("f32x4.mul", weight, of)));
      });
      for (const { term, slot } of this.means) {
        if (slot === this.own) continue;
        const scaled = w("f32x4.mul", weight, finite(vectors.value(term.scalar)));
        code.store("v128.store", address, scaled, slot * tileBytes + offset);
      }
      code.store("v128.store", address, weight, this.own * tileBytes + offset);
    }, known);
    const at = w("i32.shl", row.number, 4);
    [this.totals, ...this.momentSums].forEach((table, k) => {
      const place = code.local("i32", w("i32.add", table, at));
      const [a, b] = [even, odd].map(({ sum, moments }) => (k === 0 ? sum : moments[k - 1]!));
      const added = w("f32x4.add", a!, b!);
      code.store("v128.store", place, w("f32x4.add", load("v128.load", place), added));
    });
  }

  endTile(): void {
    const { tiles } = this;
    for (const { line, sums, rowBytes: bytes, slot } of this.means) {
      const out = w("i32.add", sums, w("i32.mul", tiles.context.cursor.tile, bytes));
      tiles.columns.gather(line, tiles.matrix(slot), out, bytes);
    }
  }

  endColumns(): void {}

  endBlock(): void {
    const { tiles } = this;
    const { code } = tiles.context.made;
    const r = code.local("i32");
    code.range(r, 0, tiles.context.cursor.rows, 1, () =>
      tiles.context.inRow(r, () => this.finish(r)),
    );
  }

  /** Evidence and means of one row. */
  private finish(r: Local): void {
    const { tiles, step } = this;
    const { code, frame, scalars } = tiles.context.made;
    const top = code.local(
      "f64",
      w("f64.promote_f32", load("f32.load", w("i32.add", this.tops, w("i32.shl", r, 2)))),
    );
    const total = code.local(
      "v128",
      load("v128.load", w("i32.add", this.totals, w("i32.shl", r, 4))),
    );
    const sum = code.local("f64", sumOfLanes(total));
    const isEmpty = code.local("i32", w("f64.le", top, leastFinite));
    code.set(this.empty, w("f64.add", this.empty, w("f64.convert_i32_s", isEmpty)));
    code.if(w("f64.eq", top, leastFinite), () =>
      code.store("i32.store", frame.base, 1, report.vanished),
    );
    const isInfinite = w("f64.eq", top, Number.POSITIVE_INFINITY);
    code.if(w("i32.or", isInfinite, w("f64.ne", sum, sum)), () => {
      code.store("i32.store", frame.base, failures.notFinite, report.error);
      const got = select(isInfinite, get(top), constant("f64", Number.NaN));
      code.store("f64.store", frame.base, got, report.detail);
    });
    const log = tiles.context.math.log(w("f32x4.splat", w("f32.demote_f64", sum)));
    const evidence = w("f64.add", top, w("f64.promote_f32", firstLane(log)));
    const at = scalars.addressOf(step.logEvidence.name, tiles.context.owner);
    const none = constant("f64", Number.NEGATIVE_INFINITY);
    code.store("f32.store", at, w("f32.demote_f64", select(isEmpty, none, evidence)));
    const inverse = select(isEmpty, constant("f64", 0), w("f64.div", 1, sum));
    const factor = code.local("f64", inverse);
    const factors = code.local("v128", w("f32x4.splat", w("f32.demote_f64", factor)));
    this.moments.forEach(({ landing }, k) => {
      const place = w("i32.add", this.momentSums[k]!, w("i32.shl", r, 4));
      const moment = sumOfLanes(code.local("v128", load("v128.load", place)));
      const to = scalars.addressOf(landing.result.name, tiles.context.owner);
      code.store("f32.store", to, w("f32.demote_f64", w("f64.mul", moment, factor)));
    });
    this.means.forEach(({ landing, sums, rowBytes: bytes }, k) => {
      const { name, along } = landing.result;
      const from = w("i32.add", sums, w("i32.mul", r, bytes));
      const first = [...tiles.context.owner, { kind: "number", value: 0 } as const];
      const adds = this.means.findIndex((other) => other.landing === landing) !== k;
      const features = frame.extent(along[0]!.size);
      moveLine(code, { to: scalars.addressOf(name, first), from, features, factor: factors, adds });
    });
  }

  endTask(): void {
    const { code, frame } = this.tiles.context.made;
    addCount(code, frame.base, report.emptyRows, get(this.empty));
  }
}

/** Kernel of a normalising fold by tiles. @throws NotTiled where a mean is not one of columns */
export function tiledNormalising(
  name: string,
  step: NormalisingFold,
  plan: TilePlan,
  options: TileOptions,
): Kernel {
  const tiles = normalisingTiles(name, step, plan, options);
  return normalisingKernel(tiles, step, new NormalisingBody(tiles, step));
}

/** The loops of a normalising fold. @throws NotTiled where a mean is not one of columns */
export function normalisingTiles(
  name: string,
  step: NormalisingFold,
  plan: TilePlan,
  options: TileOptions,
): Tiles {
  for (const { terms } of plan.landings)
    if (terms.some(({ side }) => side === "row")) throw new NotTiled("a mean is one of rows");
  const scalars = plan.landings.flatMap(({ terms, scalar }) => [
    ...terms.map((term) => term.scalar),
    ...(scalar === undefined ? [] : [scalar]),
  ]);
  return new Tiles(name, plan, [step.logWeight, ...scalars], options);
}

/** Kernel of a normalising fold in these loops. */
export function normalisingKernel(
  tiles: Tiles,
  step: NormalisingFold,
  body: NormalisingBody,
): Kernel {
  const { made, plan } = tiles.context;
  const { code, frame, checkedLoads } = made;
  const rows = plan.row.size;
  tiles.write(body, (b) => blocking(b.extent(rows)).blocks);
  const defined = [step.logEvidence, ...step.expectations];
  return {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads },
    tasks: (b) =>
      plan.outer.reduce((n, { size }) => n * b.extent(size), blocking(b.extent(rows)).blocks),
    owned: [],
    defines: defined,
    overwrites: new Set(defined.map((spec) => spec.name)),
    counts: step.logEvidence.name,
    logWeight: step.logWeight,
    condition: step.edges.where,
    work: (b) => [...step.over, step.edges.axis].reduce((n, { size }) => n * b.extent(size), 1),
  };
}
