/**
 * A normalising fold and the weighted fold under its posterior, as one: where the alternatives are so
 * few that a tile holds them all, a row's evidence is known before the next row begins, and its
 * weights need not be computed twice. Slots that compete for inputs are such folds.
 */
import { type Expr, nodesOf } from "../../../../ir/expr.ts";
import { expressionsOf, type NormalisingFold, type WeightedFold } from "../../../../ir/program.ts";
import { constant, get, type Local, load, select, type Value, w } from "../../assembler/code.ts";
import { count as addCount } from "../edges.ts";
import { failures, report } from "../frame.ts";
import type { Variant } from "../kernel.ts";
import type { TileOptions } from "./context.ts";
import { blockRows, tileBytes, tileColumns } from "./geometry.ts";
import { firstLane, sumOfLanes } from "./lines.ts";
import { greatestLane, leastFinite } from "./math.ts";
import type { TileRow } from "./passes.ts";
import { NotTiled, planOf } from "./plan.ts";
import { regrouped } from "./regroup.ts";
import type { Tiles } from "./tiles.ts";
import { type Weigher, weighedKernels } from "./weigh.ts";

/** Weights exp(w − log Σ exp w) of a row's edges, all of which stand in the tile. */
class Posterior implements Weigher {
  readonly slots = 1;
  private readonly tiles: Tiles;
  private readonly fold: NormalisingFold;
  private readonly empty: Local;
  /** Greatest log weight of each row of the block, and the sum of its weights below it. */
  private readonly tops: Local;
  private readonly totals: Local;

  constructor(tiles: Tiles, fold: NormalisingFold) {
    const { code, frame } = tiles.context.made;
    this.tiles = tiles;
    this.fold = fold;
    this.empty = code.local("f64");
    this.tops = frame.scratch("tops", () => 4 * blockRows);
    this.totals = frame.scratch("totals", () => 4 * blockRows);
  }

  /** Rows without any edge are in no tile. */
  beginBlock(): void {
    const { code } = this.tiles.context.made;
    this.eachFour((at) => {
      code.store("v128.store", w("i32.add", this.tops, at), code.splat(Number.NEGATIVE_INFINITY));
      code.store("v128.store", w("i32.add", this.totals, at), code.splat(0));
    });
  }

  /** Visits the rows of the block four at a time: their bytes in a table, and how many are left. */
  private eachFour(visit: (at: Local, left: Local) => void): void {
    const { made, cursor } = this.tiles.context;
    const { code } = made;
    const at = code.local("i32");
    const end = code.local("i32", w("i32.shl", cursor.rows, 2));
    code.range(at, 0, end, 16, () => visit(at, code.local("i32", w("i32.sub", end, at))));
  }

  row(row: TileRow, slot: number): ReturnType<Weigher["row"]> {
    const { context } = this.tiles;
    const { code } = context.made;
    const at = slot * tileBytes;
    const top = code.local("f32", this.top(row, at));
    const isEmpty = w("f32.le", top, leastFinite);
    const reference = select(isEmpty, constant("f32", 0), get(top));
    const highest = code.local("v128", w("f32x4.splat", reference));
    const total = code.local("v128", code.splat(0));
    row.pass((_vectors, _exists, { address, offset }) => {
      const fall = w("f32x4.sub", load("v128.load", address, at + offset), highest);
      const weight = code.local("v128", context.math.expNotPositive(fall));
      code.store("v128.store", address, weight, at + offset);
      code.set(total, w("f32x4.add", total, weight));
    });
    const place = code.local("i32", w("i32.shl", row.number, 2));
    const sum = code.local("f64", sumOfLanes(total));
    code.store("f32.store", w("i32.add", this.tops, place), top);
    code.store("f32.store", w("i32.add", this.totals, place), w("f32.demote_f64", sum));
    const share = select(isEmpty, constant("f64", 0), w("f64.div", 1, sum));
    const inverse = code.local("v128", w("f32x4.splat", w("f32.demote_f64", share)));
    return (_vectors, _exists, { address, offset }) =>
      w("f32x4.mul", load("v128.load", address, at + offset), inverse);
  }

  /** The greatest log weight of a row, all of which are kept. */
  private top(row: TileRow, at: number): Value {
    const { context } = this.tiles;
    const { code } = context.made;
    const least = code.splat(Number.NEGATIVE_INFINITY);
    const lowest = code.splat(leastFinite);
    const greatest = code.local("v128", least);
    row.pass((vectors, exists, { address, offset }) => {
      // An edge that exists is never −∞: a row tells from that if it has any.
      const logWeight = w("f32x4.pmax", vectors.value(this.fold.logWeight), lowest);
      const kept = code.local(
        "v128",
        exists === undefined ? logWeight : w("v128.bitselect", logWeight, least, exists),
      );
      code.store("v128.store", address, kept, at + offset);
      code.set(greatest, w("f32x4.pmax", greatest, kept));
    });
    return firstLane(greatestLane(code, greatest));
  }

  /** Evidence of four rows at a time; −∞ of the least weight and of no sum. */
  endBlock(): void {
    const { made, math, owner } = this.tiles.context;
    const { code, frame, scalars } = made;
    const first = code.local("i32");
    this.tiles.context.inRow(code.local("i32", 0), () =>
      code.set(first, scalars.addressOf(this.fold.logEvidence.name, owner)),
    );
    this.eachFour((at, left) => {
      const top = code.local("v128", load("v128.load", w("i32.add", this.tops, at)));
      const total = code.local("v128", load("v128.load", w("i32.add", this.totals, at)));
      const isInfinite = w("f32x4.eq", top, code.splat(Number.POSITIVE_INFINITY));
      const great = code.local("i32", w("v128.any_true", isInfinite));
      code.if(w("i32.or", great, w("v128.any_true", w("f32x4.ne", total, total))), () => {
        const got = [Number.POSITIVE_INFINITY, Number.NaN].map((x) => constant("f64", x));
        code.store("i32.store", frame.base, failures.notFinite, report.error);
        code.store("f64.store", frame.base, select(great, got[0]!, got[1]!), report.detail);
      });
      const isEmpty = code.local("v128", w("f32x4.le", top, code.splat(leastFinite)));
      const some = w("f32x4.add", top, math.log(get(total)));
      const none = code.splat(Number.NEGATIVE_INFINITY);
      const evidence = code.local("v128", w("v128.bitselect", none, some, isEmpty));
      const isVanished = w("f32x4.eq", top, code.splat(leastFinite));
      code.if(w("v128.any_true", isVanished), () =>
        code.store("i32.store", frame.base, 1, report.vanished),
      );
      const empty = code.local("i32", w("i32x4.bitmask", isEmpty));
      const place = code.local("i32", w("i32.add", first, at));
      code.if(
        w("i32.ge_s", left, 16),
        () => code.store("v128.store", place, evidence),
        () => {
          // Behind the last row, there is another tensor.
          code.set(
            empty,
            w("i32.and", empty, w("i32.sub", w("i32.shl", 1, w("i32.shr_u", left, 2)), 1)),
          );
          for (let lane = 0; lane < 3; lane++)
            code.if(w("i32.gt_s", left, 4 * lane), () =>
              code.storeLane(place, evidence, lane, 4 * lane),
            );
        },
      );
      const count = w("f64.convert_i32_s", w("i32.popcnt", empty));
      code.set(this.empty, w("f64.add", this.empty, count));
    });
  }

  endTask(): void {
    const { code, frame } = this.tiles.context.made;
    addCount(code, frame.base, report.emptyRows, get(this.empty));
    code.set(this.empty, 0);
  }
}

/** Whether a weighted fold's weights are the posterior of the fold before it. */
export function isPosteriorOf(fold: NormalisingFold, step: WeightedFold): boolean {
  const { name } = fold.logEvidence;
  const reads = (roots: readonly Expr[]): boolean =>
    nodesOf(roots).some((e) => e.kind === "load" && e.tensor === name);
  if (fold.expectations.length > 0 || fold.choices.length > 0) return false;
  return !reads(expressionsOf({ ...step, logWeight: fold.logWeight }));
}

/** Both folds as one, or the reason why they are two. */
export function narrowVariant(
  name: string,
  fold: NormalisingFold,
  step: WeightedFold,
  options: TileOptions,
): Variant | undefined {
  try {
    const together = regrouped({ ...step, logWeight: fold.logWeight });
    const plan = planOf(together);
    const weigher = (tiles: Tiles): Weigher =>
      new Posterior(tiles, { ...fold, logWeight: together.logWeight });
    const weighed = { step: together, plan, weigher, also: fold.logEvidence };
    const { kernels, temporaries, applies } = weighedKernels(name, weighed, options);
    return {
      kernels,
      temporaries,
      applies: (b) =>
        b.extent(plan.column.size) <= tileColumns &&
        plan.requires.every((holds) => holds(b)) &&
        applies(b),
    };
  } catch (error) {
    if (error instanceof NotTiled) return undefined;
    throw error;
  }
}
