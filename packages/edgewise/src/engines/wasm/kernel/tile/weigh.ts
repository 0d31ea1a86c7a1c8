/**
 * Weighted folds by tiles: weights and their multiples as matrices, which are then multiplied with
 * rows or columns. Scatter, masses and every backward pass are such folds.
 *
 * What several tasks add to, each adds to a copy of its own; the copies are added up in the order of
 * the tasks. How many there are depends on lengths alone, so the sums do not depend on threads.
 */
import { type Expr, number, substitute } from "../../../../ir/expr.ts";
import type { TensorSpec, WeightedFold } from "../../../../ir/program.ts";
import { constant, get, type Local, load, select, type Value, w } from "../../assembler/code.ts";
import type { Bindings } from "../frame.ts";
import type { Kernel, Temporary } from "../kernel.ts";
import type { TileOptions } from "./context.ts";
import { copyBytes, isDirectly, sumOfCopies } from "./copies.ts";
import { blockRows, padded, panelBytes, panelWidth, tileBytes, tileColumns } from "./geometry.ts";
import { moveLine, sumOfLanes } from "./lines.ts";
import { listedTemporaries } from "./listed.ts";
import { mergeKernel } from "./merge.ts";
import type { TileRow, Visit } from "./passes.ts";
import type { Landing, TilePlan } from "./plan.ts";
import { blocking, type TileBody, Tiles } from "./tiles.ts";
import { gather, scatter, sumOwn } from "./transfers.ts";

/** Most slices of the rows of one outer point, for results that slices add to. */
const mostSlices = 4;

/** A matrix of the tile: the weight times a number of the edge. */
interface Matrix {
  readonly scalar: Expr;
  readonly slot: number;
}

/** What a landing adds up, and where. */
interface Sum {
  readonly landing: Landing;
  readonly number: number;
  /** Sums of the block's rows or of the tile's columns: lines, or four numbers a row, one a column. */
  readonly sums: Local;
  readonly lineBytes: Local | undefined;
  /** First place of this task's copy, or of the tensor itself. */
  readonly base: Local;
  /** Bytes from one place to the next. */
  readonly step: Local;
}

/** Where the weights of a row's edges come from. */
export interface Weigher {
  /** Matrices that it keeps, behind those of the fold. */
  readonly slots: number;
  beginBlock(): void;
  /** Weights of a row, as a pass over its columns asks for them. */
  row(row: TileRow, slot: number): (...visited: Parameters<Visit>) => Value;
  endBlock(): void;
  endTask(): void;
}

/** Weights exp(log weight). */
function exponentials({ context }: Tiles, { logWeight }: WeightedFold): Weigher {
  const { code } = context.made;
  const isOne = logWeight.kind === "number" && logWeight.value === 0;
  return {
    slots: 0,
    beginBlock: () => {},
    row: () => (vectors) =>
      isOne ? get(code.splat(1)) : context.math.exp(vectors.value(logWeight)),
    endBlock: () => {},
    endTask: () => {},
  };
}

class WeightedBody implements TileBody {
  readonly slots: number;
  private readonly tiles: Tiles;
  private readonly weigher: Weigher;
  private readonly sums: readonly Sum[];
  private readonly matrices: readonly Matrix[];
  private readonly slices: (b: Bindings) => number;

  constructor(tiles: Tiles, weigher: Weigher, slices: (b: Bindings) => number) {
    this.tiles = tiles;
    this.weigher = weigher;
    this.slices = slices;
    const found: Matrix[] = [];
    for (const { terms } of tiles.context.plan.landings)
      for (const { scalar } of terms)
        if (!found.some((known) => isSame(known.scalar, scalar)))
          found.push({ scalar, slot: found.length });
    this.matrices = found;
    // Weights are kept apart from pairs, which a later pass still reads.
    this.slots = Math.max(found.length, tiles.context.plan.pairs.length) + weigher.slots;
    for (const { at, terms, result } of tiles.context.plan.landings)
      for (const { side, line } of terms)
        if (at === "row" && side === "column") tiles.columns.lay(line, result.along[0]!);
    this.sums = tiles.context.plan.landings.map((landing, k) => this.sum(landing, k));
  }

  private sum(landing: Landing, k: number): Sum {
    const { code, frame } = this.tiles.context.made;
    const feature = landing.result.along[0];
    const rows = landing.at === "row" ? blockRows : tileColumns + panelWidth;
    const bytes = (b: Bindings): number => 4 * (feature ? padded(b.extent(feature.size)) : 1);
    return {
      landing,
      number: k,
      sums: frame.scratch(`sums ${k}`, (b) => Math.max(16 * blockRows, rows * bytes(b))),
      lineBytes: feature && frame.computed(`bytes of ${k}`, bytes),
      base: code.local("i32"),
      step: code.local("i32"),
    };
  }

  beginTask(): void {
    const { tiles } = this;
    const { code, frame, scalars } = tiles.context.made;
    const { plan } = tiles.context;
    for (const { landing, number: k, base, step } of this.sums) {
      const { result, at, moving } = landing;
      const isDirect = frame.computed(`direct ${k}`, (b) =>
        isDirectly(plan, landing, this.slices(b), b) ? 1 : 0,
      );
      const zero = { [plan.row.name]: number(0), [plan.column.name]: number(0) };
      const first = result.along[0] && { [result.along[0].name]: number(0) };
      const place = result.at.map((o) => substitute(o, { ...zero, ...first }));
      const own = scalars.addressOf(
        result.name,
        moving === undefined ? place : place.map(() => number(0)),
      );
      const copy = w(
        "i32.add",
        frame.temporary(`copies ${k}`),
        w(
          "i32.mul",
          tiles.context.cursor.task,
          frame.computed(`copy ${k}`, (b) => copyBytes(landing, plan, b)),
        ),
      );
      code.set(base, select(isDirect, own, copy));
      const loop = at === "row" ? plan.row.name : at === "column" ? plan.column.name : undefined;
      const stride =
        loop === undefined
          ? constant("i32", 4)
          : tiles.context.lineStride({ kind: "load", tensor: result.name, at: result.at }, loop);
      const length = frame.extent(result.along[0]?.size ?? 1);
      code.set(step, select(isDirect, stride, w("i32.shl", length, 2)));
    }
  }

  beginBlock(): void {
    this.weigher.beginBlock();
    for (const { landing, sums, lineBytes } of this.sums)
      if (landing.at === "row")
        this.clear(sums, lineBytes ?? 16, get(this.tiles.context.cursor.rows));
  }

  beginColumns(): void {
    for (const { landing, sums, lineBytes } of this.sums)
      if (landing.at === "column")
        this.clear(sums, lineBytes ?? 4, constant("i32", tileColumns + panelWidth));
  }

  private clear(sums: Local, bytes: Local | number, count: Value): void {
    const { code } = this.tiles.context.made;
    code.run("memory.fill", sums, constant("i32", 0), w("i32.mul", count, bytes));
  }

  beginTile(): void {
    const { code } = this.tiles.context.made;
    for (const { landing, sums } of this.sums)
      if (isTotal(landing)) code.store("v128.store", sums, code.splat(0));
  }

  row(row: TileRow): void {
    const { tiles } = this;
    const { code } = tiles.context.made;
    const weightOf = this.weigher.row(row, this.slots - this.weigher.slots);
    const numbers = this.sums.filter(({ landing }) => landing.scalar !== undefined);
    const running = numbers.map(({ landing }) =>
      landing.at === "row" || isTotal(landing) ? code.local("v128", code.splat(0)) : undefined,
    );
    const places = numbers.map((sum) => this.place(sum, row));
    row.pass((vectors, exists, place) => {
      const { address, column, offset } = place;
      tiles.context.countMask(exists);
      const masked = (of: Value): Value => (exists === undefined ? of : w("v128.and", of, exists));
      const weight = code.local("v128", masked(weightOf(vectors, exists, place)));
      const multiple = (scalar: Expr): Local =>
        isUnit(scalar)
          ? weight
          : code.local("v128", masked(w("f32x4.mul", weight, vectors.value(scalar))));
      // All numbers are read before any is written: matrices take the place of pairs.
      const matrices = this.matrices.map(({ scalar }) => multiple(scalar));
      const values = numbers.map(({ landing }) => multiple(landing.scalar as Expr));
      matrices.forEach((matrix, slot) => {
        code.store("v128.store", address, matrix, slot * tileBytes + offset);
      });
      numbers.forEach(({ landing }, k) => {
        const total = running[k];
        if (total !== undefined) code.set(total, w("f32x4.add", total, values[k]!));
        else if (landing.at === "edge") this.storeEdge(places[k]!, column, offset, values[k]!);
        else this.addAt(w("i32.add", places[k]!, column), offset, values[k]!);
      });
    });
    this.clearBehind(row);
    numbers.forEach((sum, k) => {
      const total = running[k];
      if (total === undefined) return;
      const at = sum.landing.at === "row" ? w("i32.shl", row.number, 4) : constant("i32", 0);
      this.addAt(w("i32.add", sum.sums, at), 0, total);
    });
  }

  /** Where a row's numbers go: sums of columns, an edge's own place, or a place that moves. */
  private place({ landing, sums, base }: Sum, row: TileRow): Local | undefined {
    const { tiles } = this;
    const { code, scalars } = tiles.context.made;
    const { result, at, moving } = landing;
    if (at === "column") return sums;
    if (at === "row" || isTotal(landing)) return undefined;
    const place = code.local("i32");
    const zero = { [tiles.context.plan.column.name]: number(0) };
    const first = w("i32.shl", tiles.context.cursor.firstColumn, 2);
    tiles.context.inRow(row.number, () => {
      if (moving === undefined) {
        const edge = result.at.map((o) => substitute(o, zero));
        code.set(place, w("i32.add", scalars.addressOf(result.name, edge), first));
        return;
      }
      const offset = scalars.whole(substitute(result.at[moving] as Expr, zero));
      code.set(place, w("i32.add", w("i32.add", base, w("i32.shl", offset, 2)), first));
    });

    return place;
  }

  private addAt(address: Value, offset: number, added: Local): void {
    const { code } = this.tiles.context.made;
    const at = code.local("i32", address);
    const sum = w("f32x4.add", load("v128.load", at, offset), added);
    code.store("v128.store", at, sum, offset);
  }

  /** Four numbers of edges; in the last columns as many as there are. */
  private storeEdge(place: Local, column: Local, offset: number, values: Local): void {
    const { code } = this.tiles.context.made;
    const { columns } = this.tiles.context.cursor;
    const at = code.local("i32", w("i32.add", place, column));
    const end = code.local("i32", w("i32.shl", columns, 2));
    const last = w("i32.add", column, offset + 16);
    code.if(
      w("i32.le_s", last, end),
      () => this.addAt(get(at), offset, values),
      () => {
        for (let lane = 0; lane < 4; lane++) {
          const isThere = w("i32.lt_s", w("i32.add", column, offset + 4 * lane), end);
          code.if(isThere, () => {
            const sum = w("f32x4.add", load("v128.load32_splat", at, offset + 4 * lane), values);
            code.storeLane(at, sum, lane, offset + 4 * lane);
          });
        }
      },
    );
  }

  /** Blocks of columns may go beyond the last one with edges: nothing is there. */
  private clearBehind({ at }: TileRow): void {
    const { code } = this.tiles.context.made;
    const isScattered = this.tiles.context.plan.landings.some((landing) => landing.at === "column");
    if (!isScattered) return;
    const end = code.local(
      "i32",
      w("i32.add", at, w("i32.mul", this.tiles.context.cursor.to, panelBytes)),
    );
    for (const { slot } of this.matrices) {
      code.store("v128.store", end, code.splat(0), slot * tileBytes);
      code.store("v128.store", end, code.splat(0), slot * tileBytes + 16);
    }
  }

  endTile(): void {
    const { code } = this.tiles.context.made;
    for (const { landing, sums, lineBytes, base } of this.sums) {
      if (isTotal(landing)) {
        const total = code.local("v128", load("v128.load", sums));
        const sum = w("f64.add", w("f64.promote_f32", load("f32.load", base)), sumOfLanes(total));
        code.store("f32.store", base, w("f32.demote_f64", sum));
      }
      if (lineBytes !== undefined) this.transfer(landing, sums, lineBytes);
    }
  }

  private transfer({ at, result, terms }: Landing, sums: Local, bytes: Local): void {
    const { tiles } = this;
    const feature = result.along[0]!;
    for (const { scalar, line, side } of terms) {
      const matrix = this.matrices.find((known) => isSame(known.scalar, scalar)) as Matrix;
      const operands = { matrix: tiles.matrix(matrix.slot), line, feature, sums, bytes };
      if (side === at) sumOwn(tiles, side, operands);
      else if (at === "row") gather(tiles, operands);
      else scatter(tiles, operands);
    }
  }

  endColumns(): void {
    const { tiles } = this;
    const { columns, firstColumn } = tiles.context.cursor;
    for (const sum of this.sums)
      if (sum.landing.at === "column") this.leave(sum, columns, firstColumn);
  }

  endBlock(): void {
    this.weigher.endBlock();
    for (const sum of this.sums)
      if (sum.landing.at === "row")
        this.leave(sum, this.tiles.context.cursor.rows, this.tiles.context.cursor.firstRow);
  }

  endTask(): void {
    this.weigher.endTask();
  }

  /** Adds sums to the task's copy, or to the tensor itself. */
  private leave({ landing, sums, lineBytes, base, step }: Sum, count: Local, first: Local): void {
    const { code, frame } = this.tiles.context.made;
    const k = code.local("i32");
    const [from, to] = [code.local("i32", sums), code.local("i32")];
    const { listed } = this.tiles;
    const isListed = listed !== undefined && landing.at === "column";
    code.set(to, w("i32.add", base, w("i32.mul", step, first)));
    code.range(k, 0, count, 1, () => {
      if (isListed) code.set(to, w("i32.add", base, w("i32.mul", step, listed.column(k))));
      if (lineBytes !== undefined) {
        const features = frame.extent(landing.result.along[0]!.size);
        moveLine(code, { to: get(to), from: get(from), features, adds: true });
        code.set(from, w("i32.add", from, lineBytes));
      } else {
        const isRow = landing.at === "row";
        const added = isRow
          ? w("f32.demote_f64", sumOfLanes(code.local("v128", load("v128.load", from))))
          : load("f32.load", from);
        code.store("f32.store", to, w("f32.add", load("f32.load", to), added));
        code.set(from, w("i32.add", from, isRow ? 16 : 4));
      }
      code.set(to, w("i32.add", to, step));
    });
  }
}

const isUnit = (scalar: Expr): boolean => scalar.kind === "number" && scalar.value === 1;
const isSame = (a: Expr, b: Expr): boolean => a === b || (isUnit(a) && isUnit(b));
/** Whether all edges of a task add to one number. */
const isTotal = ({ at, moving }: Landing): boolean => at === "shared" && moving === undefined;

export interface WeightedKernels {
  readonly kernels: readonly Kernel[];
  readonly temporaries: readonly Temporary[];
  /** Whether edges land apart from each other, which a copy for each task would not help. */
  applies(b: Bindings): boolean;
}

/** A weighted fold, and how its weights come about. */
export interface Weighed {
  readonly step: WeightedFold;
  readonly plan: TilePlan;
  readonly weigher: (tiles: Tiles, step: WeightedFold) => Weigher;
  /** What the weights' own fold defines, and its name among the counters. */
  readonly also?: TensorSpec;
}

/** Kernels of a weighted fold by tiles. */
export const tiledWeighted = (
  name: string,
  step: WeightedFold,
  plan: TilePlan,
  options: TileOptions,
): WeightedKernels => weighedKernels(name, { step, plan, weigher: exponentials }, options);

/** Kernels of a weighted fold by tiles: the fold, and the sums of the copies. */
export function weighedKernels(
  name: string,
  { step, plan, weigher, also }: Weighed,
  options: TileOptions,
): WeightedKernels {
  const scalars = plan.landings.flatMap(({ terms, scalar }) => [
    ...terms.map((term) => term.scalar),
    ...(scalar === undefined ? [] : [scalar]),
  ]);
  const adds = plan.landings.some(({ at }) => at === "column" || at === "shared");
  const outer = (b: Bindings): number => plan.outer.reduce((n, { size }) => n * b.extent(size), 1);
  const slices = (b: Bindings): number => {
    const { blocks } = blocking(b.extent(plan.row.size));
    const most = Math.max(1, Math.ceil(mostSlices / Math.max(1, outer(b))));
    return adds ? Math.min(blocks, most) : blocks;
  };
  const tasks = (b: Bindings): number => outer(b) * slices(b);
  const tiles = new Tiles(name, plan, [step.logWeight, ...scalars], options);
  tiles.write(new WeightedBody(tiles, weigher(tiles, step), slices), slices);
  const { code, frame, checkedLoads } = tiles.context.made;
  const { logWeight, results } = step;
  const defined = also === undefined ? results : [also, ...results];
  const defines = [...new Map(defined.map((spec) => [spec.name, spec])).values()];
  const work = (b: Bindings): number =>
    outer(b) * b.extent(plan.row.size) * b.extent(plan.column.size);
  const copies = (landing: Landing, b: Bindings): number =>
    isDirectly(plan, landing, slices(b), b) ? 0 : tasks(b);
  const fold: Kernel = {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads, tasks, owned: [] },
    ...{ defines, counts: defined[0]?.name ?? "", logWeight, work },
    condition: step.edges.where,
    overwrites: new Set(also === undefined ? [] : [also.name]),
  };
  const sums = plan.landings.flatMap((landing, k) =>
    landing.at === "edge"
      ? []
      : [sumOfCopies(`${name}sum${k}`, plan, landing, k, { options, slices, copies })],
  );
  const copied = plan.landings.map((landing, k) => ({
    name: `copies ${k}`,
    bytes: (b: Bindings) => copies(landing, b) * copyBytes(landing, plan, b),
    zeroed: true,
  }));
  const lists = plan.edges.list ? [mergeKernel(`${name}list`, plan, options)] : [];
  return {
    kernels: [...lists, fold, ...sums],
    temporaries: [...listedTemporaries(plan), ...copied],
    applies: (b) =>
      plan.landings.every(
        (landing) => landing.at !== "edge" || isDirectly(plan, landing, slices(b), b),
      ),
  };
}
