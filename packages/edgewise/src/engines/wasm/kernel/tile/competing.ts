/**
 * Two normalising folds as one: alternatives first compete for every owner, and each of them then
 * takes its share of all owners. Where they are so few that they are the rows of one tile, an owner
 * is a column, whose evidence is a sum down the tile: four owners at a time, and every log weight
 * is computed once. Slots that compete for inputs are such folds.
 *
 * An alternative's weights are its posteriors, which are there without another exponential: they
 * add up as they are, relative to a log weight of 0. Only as long as all of them are so small that
 * they could vanish are they taken by their logarithms.
 */
import { type Expr, nodesOf, subtract } from "../../../../ir/expr.ts";
import { printExpr } from "../../../../ir/print.ts";
import {
  boundsOf,
  expressionsOf,
  type NormalisingFold,
  type Support,
} from "../../../../ir/program.ts";
import { constant, get, type Local, load, select, type Value, w } from "../../assembler/code.ts";
import { count as addCount } from "../edges.ts";
import { failures, report } from "../frame.ts";
import type { Variant } from "../kernel.ts";
import type { TileOptions } from "./context.ts";
import { panelBytes, panelWidth, tileBytes, tileColumns, tileRows } from "./geometry.ts";
import { leastFinite } from "./math.ts";
import { NormalisingBody, normalisingKernel, normalisingTiles } from "./normalise.ts";
import type { Place, TileRow } from "./passes.ts";
import { NotTiled, planOf } from "./plan.ts";
import { regrouped } from "./regroup.ts";
import type { EachRow, Tiles } from "./tiles.ts";

/** What the shares are taken of: the fold before, its log weight and its evidence at an edge. */
interface Contest {
  readonly fold: NormalisingFold;
  readonly logWeight: Expr;
  readonly evidence: Expr;
}

/** A posterior beside which those that vanish, below e^−87, do not count. */
const leastShare = 1e-17;

class CompetingBody extends NormalisingBody {
  private readonly contest: Contest;
  /** Matrix of the weights of each column, relative to the greatest. */
  private readonly shares: number;
  /** Of each column: its greatest log weight, and the sum of its weights, then that's reciprocal. */
  private readonly greatest: Local;
  private readonly sums: Local;
  private readonly unowned: Local;
  /** What no evidence can be made of, 0 where there is none such. */
  private readonly failed: Local;
  private readonly evidenceBase: Local;

  constructor(tiles: Tiles, step: NormalisingFold, contest: Contest) {
    super(tiles, step);
    const { code, frame } = tiles.context.made;
    const bytes = (): number => 4 * (tileColumns + panelWidth);
    this.contest = contest;
    this.shares = this.slots++;
    this.greatest = frame.scratch("greatest of columns", bytes);
    this.sums = frame.scratch("sums of columns", bytes);
    this.unowned = code.local("f64");
    this.failed = code.local("f64");
    this.evidenceBase = code.local("i32");
  }

  override beginTask(): void {
    super.beginTask();
    const { code, scalars } = this.tiles.context.made;
    code.set(this.unowned, 0);
    code.set(this.failed, 0);
    const first = [...this.tiles.context.owner.slice(0, -1), { kind: "number", value: 0 } as const];
    code.set(this.evidenceBase, scalars.addressOf(this.contest.fold.logEvidence.name, first));
  }

  beginRows(each: EachRow): void {
    const { made, math } = this.tiles.context;
    const { code } = made;
    const { logWeight } = this.contest;
    const least = code.splat(Number.NEGATIVE_INFINITY);
    const lowest = code.splat(leastFinite);
    this.eachFour((column) => {
      code.store("v128.store", w("i32.add", this.greatest, column), least);
      code.store("v128.store", w("i32.add", this.sums, column), code.splat(0));
    });
    each((row) =>
      row.pass((vectors, _exists, { column, offset }) => {
        const place = code.local("i32", w("i32.add", this.greatest, column));
        const before = load("v128.load", place, offset);
        const greater = w("f32x4.pmax", before, vectors.value(logWeight));
        code.store("v128.store", place, greater, offset);
      }),
    );
    each((row) =>
      row.pass((vectors, _exists, { address, column, offset }) => {
        const top = load("v128.load", w("i32.add", this.greatest, column), offset);
        // −∞ less −∞ is no number: a column without any edge adds nothing up.
        const reference = w("f32x4.pmax", lowest, top);
        const fall = w("f32x4.sub", vectors.value(logWeight), reference);
        const place = code.local("i32", w("i32.add", this.sums, column));
        const weight = code.local("v128", math.expNotPositive(fall));
        code.store("v128.store", address, weight, this.shares * tileBytes + offset);
        const sum = w("f32x4.add", load("v128.load", place, offset), weight);
        code.store("v128.store", place, sum, offset);
      }),
    );
    this.eachFour((column) => this.evidence(column));
    this.countEdges();
  }

  protected override take(row: TileRow, place: Local, top: Local): void {
    const { code } = this.tiles.context.made;
    code.if(w("f32.ne", top, 0), () => this.settle(row, place, top));
    code.if(
      w("f32.eq", top, 0),
      () => this.add(row, (_vectors, exists, at) => this.share(exists, at)),
      () => super.take(row, place, top),
    );
  }

  /** Lets a row's weights be its posteriors, once there is one that counts. */
  private settle(row: TileRow, place: Local, top: Local): void {
    const { code } = this.tiles.context.made;
    const greatest = code.local("v128", code.splat(0));
    row.pass((_vectors, exists, at) => {
      code.set(greatest, w("f32x4.pmax", greatest, this.share(exists, at)));
    });
    const enough = w("f32x4.ge", greatest, code.splat(leastShare));
    code.if(w("v128.any_true", enough), () =>
      this.raise(row, place, top, code.local("f32", constant("f32", 0))),
    );
  }

  /** Posteriors of four edges. */
  private share(exists: Value | undefined, { address, column, offset }: Place): Value {
    const weight = load("v128.load", address, this.shares * tileBytes + offset);
    const inverse = load("v128.load", w("i32.add", this.sums, column), offset);
    const share = w("f32x4.mul", weight, inverse);
    return exists === undefined ? share : w("v128.and", share, exists);
  }

  /** Visits the columns of the tile four at a time, by their bytes. */
  private eachFour(visit: (column: Local) => void): void {
    const { made, cursor } = this.tiles.context;
    const { code } = made;
    const column = code.local("i32");
    const end = code.local("i32", w("i32.mul", cursor.to, panelBytes));
    code.range(column, 0, end, 16, () => visit(column));
  }

  /** Evidence of four columns, for the tile's log weights and for its own tensor. */
  private evidence(column: Local): void {
    const { made, math, tables, cursor } = this.tiles.context;
    const { code } = made;
    const top = code.local("v128", load("v128.load", w("i32.add", this.greatest, column)));
    const sum = code.local("v128", load("v128.load", w("i32.add", this.sums, column)));
    const evidence = code.local("v128", w("f32x4.add", top, math.log(get(sum))));
    const k = tables.place(this.contest.evidence, false) as number;
    this.tiles.columns.setNumbersAt(k, column, get(evidence));
    const inverse = w("f32x4.div", code.splat(1), sum);
    code.store("v128.store", w("i32.add", this.sums, column), inverse);
    const left = code.local("i32", w("i32.sub", cursor.columns, w("i32.shr_u", column, 2)));
    const start = w("i32.add", this.evidenceBase, w("i32.shl", cursor.firstColumn, 2));
    const place = code.local("i32", w("i32.add", start, column));
    const inside = code.local("i32", 15);
    code.if(
      w("i32.ge_s", left, 4),
      () => code.store("v128.store", place, evidence),
      () => {
        // Behind the last column, there is another tensor.
        code.set(left, select(w("i32.gt_s", left, 0), get(left), constant("i32", 0)));
        code.set(inside, w("i32.sub", w("i32.shl", 1, left), 1));
        for (let lane = 0; lane < 3; lane++)
          code.if(w("i32.gt_s", left, lane), () => code.storeLane(place, evidence, lane, 4 * lane));
      },
    );
    const among = (of: Value): Local =>
      code.local("i32", w("i32.and", inside, w("i32x4.bitmask", of)));
    const infinite = among(w("f32x4.eq", top, code.splat(Number.POSITIVE_INFINITY)));
    const none = among(w("f32x4.ne", sum, sum));
    code.if(w("i32.or", infinite, none), () => {
      const [above, nan] = [Number.POSITIVE_INFINITY, Number.NaN].map((x) => constant("f64", x));
      code.set(this.failed, select(get(infinite), above!, nan!));
    });
    const empty = among(w("f32x4.eq", top, code.splat(Number.NEGATIVE_INFINITY)));
    const count = w("f64.convert_i32_s", w("i32.popcnt", empty));
    code.set(this.unowned, w("f64.add", this.unowned, count));
  }

  private countEdges(): void {
    const { made, cursor } = this.tiles.context;
    const edges = w("f64.convert_i32_s", w("i32.mul", cursor.columns, cursor.count));
    addCount(made.code, made.frame.base, report.otherEdges, edges);
  }

  override endTask(): void {
    super.endTask();
    const { code, frame } = this.tiles.context.made;
    addCount(code, frame.base, report.otherEmptyRows, get(this.unowned));
    // All owners have all edges.
    code.if(w("f64.gt", this.unowned, 0), () =>
      code.store("i32.store", frame.base, 1, report.otherVanished),
    );
    // What is wrong with the contest is told, not what follows from it.
    code.if(w("f64.ne", this.failed, 0), () => {
      code.store("i32.store", frame.base, failures.otherNotFinite, report.error);
      code.store("f64.store", frame.base, this.failed, report.detail);
    });
  }
}

/** Whether a normalising fold takes shares of what its alternatives won in the fold before it. */
export function isContestOf(fold: NormalisingFold, step: NormalisingFold): boolean {
  const { logWeight } = step;
  if (logWeight.kind !== "binary" || logWeight.op !== "subtract") return false;
  const { left, right } = logWeight;
  const { name } = fold.logEvidence;
  if (right.kind !== "load" || right.tensor !== name) return false;
  if ([fold, step].some(({ edges, choices }) => !isFull(edges) || choices.length > 0)) return false;
  if (fold.expectations.length > 0) return false;
  const others = expressionsOf({ ...step, logWeight: left });
  if (nodesOf(others).some((e) => e.kind === "load" && e.tensor === name)) return false;
  const outer = step.over.slice(0, -1);
  const owners = [...outer, step.edges.axis];
  const isAtOwners =
    right.at.length === owners.length &&
    right.at.every((e, k) => e.kind === "index" && e.axis === owners[k]?.name);
  return (
    isAtOwners &&
    JSON.stringify(fold.over) === JSON.stringify(owners) &&
    JSON.stringify(fold.edges.axis) === JSON.stringify(step.over.at(-1)) &&
    printExpr(fold.logWeight) === printExpr(left)
  );
}

const isFull = (edges: Support): boolean =>
  boundsOf(edges).length === 0 &&
  edges.where === undefined &&
  edges.spans === undefined &&
  edges.list === undefined;

/** Both folds as one; undefined where they are not of tiles. */
export function competingVariant(
  name: string,
  fold: NormalisingFold,
  step: NormalisingFold,
  options: TileOptions,
): Variant | undefined {
  const { logWeight: relative } = step;
  if (relative.kind !== "binary") return undefined;
  try {
    const evidence = relative.right;
    const weighed = regrouped({ ...step, logWeight: relative.left });
    const share = { ...weighed, logWeight: subtract(weighed.logWeight, evidence) };
    const plan = { ...planOf(share), given: evidence };
    // Moments are taken of log weights, which posteriors do without.
    if (plan.landings.some(({ scalar }) => scalar !== undefined)) return undefined;
    if (plan.side(weighed.logWeight) !== "edge") return undefined;
    const tiles = normalisingTiles(name, share, plan, options);
    const contest = { fold, logWeight: weighed.logWeight, evidence };
    const kernel = normalisingKernel(tiles, share, new CompetingBody(tiles, share, contest));
    const { logEvidence, logWeight } = fold;
    const kernels = [
      {
        ...kernel,
        defines: [logEvidence, ...kernel.defines],
        overwrites: new Set([logEvidence.name, ...kernel.overwrites]),
        other: { counts: logEvidence.name, logWeight },
      },
    ];
    return {
      kernels,
      temporaries: [],
      applies: (b) =>
        b.extent(plan.row.size) > 0 &&
        b.extent(plan.row.size) <= tileRows &&
        plan.requires.every((holds) => holds(b)),
    };
  } catch (error) {
    if (error instanceof NotTiled) return undefined;
    throw error;
  }
}
