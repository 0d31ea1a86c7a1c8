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
import { tileBytes, tileColumns } from "./geometry.ts";
import { firstLane, sumOfLanes } from "./lines.ts";
import { greatestLane } from "./math.ts";
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

  constructor(tiles: Tiles, fold: NormalisingFold) {
    this.tiles = tiles;
    this.fold = fold;
    this.empty = tiles.context.made.code.local("f64");
  }

  /** Rows without any edge are in no tile. */
  beginBlock(): void {
    const { context } = this.tiles;
    const { code } = context.made;
    const { rows } = context.cursor;
    code.set(this.empty, w("f64.add", this.empty, w("f64.convert_i32_s", rows)));
    const r = code.local("i32");
    code.range(r, 0, rows, 1, () =>
      context.inRow(r, () => code.store("f32.store", this.evidence(), Number.NEGATIVE_INFINITY)),
    );
  }

  private evidence(): Value {
    const { context } = this.tiles;
    return context.made.scalars.addressOf(this.fold.logEvidence.name, context.owner);
  }

  row(row: TileRow, slot: number): ReturnType<Weigher["row"]> {
    const { context } = this.tiles;
    const { code } = context.made;
    const at = slot * tileBytes;
    const top = code.local("f32", this.top(row, at));
    const isEmpty = w("f32.eq", top, Number.NEGATIVE_INFINITY);
    const reference = select(isEmpty, constant("f32", 0), get(top));
    const highest = code.local("v128", w("f32x4.splat", reference));
    const total = code.local("v128", code.splat(0));
    row.pass((_vectors, _exists, { address, offset }) => {
      const fall = w("f32x4.sub", load("v128.load", address, at + offset), highest);
      const weight = code.local("v128", context.math.expNotPositive(fall));
      code.store("v128.store", address, weight, at + offset);
      code.set(total, w("f32x4.add", total, weight));
    });
    const inverse = this.finish(row, top, code.local("f64", sumOfLanes(total)));
    return (_vectors, _exists, { address, offset }) =>
      w("f32x4.mul", load("v128.load", address, at + offset), inverse);
  }

  /** The greatest log weight of a row, all of which are kept. */
  private top(row: TileRow, at: number): Value {
    const { context } = this.tiles;
    const { code } = context.made;
    const least = code.splat(Number.NEGATIVE_INFINITY);
    const greatest = code.local("v128", least);
    row.pass((vectors, exists, { address, offset }) => {
      const logWeight = vectors.value(this.fold.logWeight);
      const kept = code.local(
        "v128",
        exists === undefined ? logWeight : w("v128.bitselect", logWeight, least, exists),
      );
      code.store("v128.store", address, kept, at + offset);
      code.set(greatest, w("f32x4.pmax", greatest, kept));
    });
    return firstLane(greatestLane(code, greatest));
  }

  /** Keeps the row's evidence; four times the inverse of its sum. */
  private finish({ number }: TileRow, top: Local, sum: Local): Local {
    const { context } = this.tiles;
    const { code, frame } = context.made;
    const inverse = code.local("f64", 0);
    const isInfinite = w("f32.eq", top, Number.POSITIVE_INFINITY);
    code.if(w("i32.or", isInfinite, w("f64.ne", sum, sum)), () => {
      code.store("i32.store", frame.base, failures.notFinite, report.error);
      const got = select(isInfinite, w("f64.promote_f32", top), constant("f64", Number.NaN));
      code.store("f64.store", frame.base, got, report.detail);
    });
    code.if(w("f32.gt", top, Number.NEGATIVE_INFINITY), () =>
      context.inRow(number, () => {
        code.set(this.empty, w("f64.sub", this.empty, 1));
        code.set(inverse, w("f64.div", 1, sum));
        const log = context.math.log(w("f32x4.splat", w("f32.demote_f64", sum)));
        code.store("f32.store", this.evidence(), w("f32.add", top, firstLane(log)));
      }),
    );
    return code.local("v128", w("f32x4.splat", w("f32.demote_f64", inverse)));
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
