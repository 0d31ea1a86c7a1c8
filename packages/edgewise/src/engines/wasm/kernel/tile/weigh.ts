/**
 * Weighted folds by tiles: weights and their multiples as matrices, which are then multiplied with
 * rows or columns. Scatter, masses and every backward pass are such folds.
 *
 * What several tasks add to, each adds to a copy of its own; the copies are added up in the order of
 * the tasks. How many there are depends on lengths alone, so the sums do not depend on threads.
 */
import { type Expr, number, substitute } from "../../../../ir/expr.ts";
import type { WeightedFold } from "../../../../ir/program.ts";
import { constant, get, type Local, load, select, type Value, w } from "../../assembler/code.ts";
import type { Bindings, Storage } from "../frame.ts";
import { type Kernel, type Temporary, writer } from "../kernel.ts";
import { blockRows, padded, panelBytes, panelWidth, tileBytes, tileColumns } from "./geometry.ts";
import { callLibrary } from "./library.ts";
import { moveLine, sumOfLanes } from "./lines.ts";
import { isOwned } from "./ownership.ts";
import type { Landing, Term, TilePlan } from "./plan.ts";
import { blocking, type TileBody, type TileRow, Tiles } from "./tiles.ts";

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

interface Options {
  readonly fused: boolean;
  readonly storage: (tensor: string) => Storage;
}

class WeightedBody implements TileBody {
  readonly slots: number;
  private readonly tiles: Tiles;
  private readonly step: WeightedFold;
  private readonly sums: readonly Sum[];
  private readonly matrices: readonly Matrix[];
  private readonly slices: (b: Bindings) => number;

  constructor(tiles: Tiles, step: WeightedFold, slices: (b: Bindings) => number) {
    this.tiles = tiles;
    this.step = step;
    this.slices = slices;
    const found: Matrix[] = [];
    for (const { terms } of tiles.plan.landings)
      for (const { scalar } of terms)
        if (!found.some((known) => isSame(known.scalar, scalar)))
          found.push({ scalar, slot: found.length });
    this.matrices = found;
    this.slots = found.length;
    for (const { at, terms, result } of tiles.plan.landings)
      for (const { side, line } of terms)
        if (at === "row" && side === "column") tiles.layColumns(line, result.along[0]!);
    this.sums = tiles.plan.landings.map((landing, k) => this.sum(landing, k));
  }

  private sum(landing: Landing, k: number): Sum {
    const { code, frame } = this.tiles.made;
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
    const { code, frame, scalars } = tiles.made;
    const { plan } = tiles;
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
          tiles.task,
          frame.computed(`copy ${k}`, (b) => copyBytes(landing, plan, b)),
        ),
      );
      code.set(base, select(isDirect, own, copy));
      const loop = at === "row" ? plan.row.name : at === "column" ? plan.column.name : undefined;
      const stride =
        loop === undefined
          ? constant("i32", 4)
          : tiles.lineStride({ kind: "load", tensor: result.name, at: result.at }, loop);
      const length = frame.extent(result.along[0]?.size ?? 1);
      code.set(step, select(isDirect, stride, w("i32.shl", length, 2)));
    }
  }

  beginBlock(): void {
    for (const { landing, sums, lineBytes } of this.sums)
      if (landing.at === "row") this.clear(sums, lineBytes ?? 16, get(this.tiles.rows));
  }

  beginColumns(): void {
    for (const { landing, sums, lineBytes } of this.sums)
      if (landing.at === "column")
        this.clear(sums, lineBytes ?? 4, constant("i32", tileColumns + panelWidth));
  }

  private clear(sums: Local, bytes: Local | number, count: Value): void {
    const { code } = this.tiles.made;
    code.run("memory.fill", sums, constant("i32", 0), w("i32.mul", count, bytes));
  }

  beginTile(): void {
    const { code } = this.tiles.made;
    for (const { landing, sums } of this.sums)
      if (isTotal(landing)) code.store("v128.store", sums, code.splat(0));
  }

  row(row: TileRow): void {
    const { tiles, step } = this;
    const { code } = tiles.made;
    const numbers = this.sums.filter(({ landing }) => landing.scalar !== undefined);
    const running = numbers.map(({ landing }) =>
      landing.at === "row" || isTotal(landing) ? code.local("v128", code.splat(0)) : undefined,
    );
    const places = numbers.map((sum) => this.place(sum, row));
    row.pass((vectors, exists, { address, column, offset }) => {
      tiles.countMask(exists);
      const masked = (of: Value): Value => (exists === undefined ? of : w("v128.and", of, exists));
      const isOne = step.logWeight.kind === "number" && step.logWeight.value === 0;
      const exponential = isOne
        ? get(code.splat(1))
        : tiles.math.exp(vectors.value(step.logWeight));
      const weight = code.local("v128", masked(exponential));
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
    const { code, scalars } = tiles.made;
    const { result, at, moving } = landing;
    if (at === "column") return sums;
    if (at === "row" || isTotal(landing)) return undefined;
    const place = code.local("i32");
    const zero = { [tiles.plan.column.name]: number(0) };
    const first = w("i32.shl", tiles.firstColumn, 2);
    tiles.inRow(row.number, () => {
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
    const { code } = this.tiles.made;
    const at = code.local("i32", address);
    const sum = w("f32x4.add", load("v128.load", at, offset), added);
    code.store("v128.store", at, sum, offset);
  }

  /** Four numbers of edges; in the last columns as many as there are. */
  private storeEdge(place: Local, column: Local, offset: number, values: Local): void {
    const { code } = this.tiles.made;
    const { columns } = this.tiles;
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
    const { code } = this.tiles.made;
    const isScattered = this.tiles.plan.landings.some((landing) => landing.at === "column");
    if (!isScattered) return;
    const end = code.local("i32", w("i32.add", at, w("i32.mul", this.tiles.to, panelBytes)));
    for (const { slot } of this.matrices) {
      code.store("v128.store", end, code.splat(0), slot * tileBytes);
      code.store("v128.store", end, code.splat(0), slot * tileBytes + 16);
    }
  }

  endTile(): void {
    const { code } = this.tiles.made;
    for (const { landing, sums, lineBytes, base } of this.sums) {
      if (isTotal(landing)) {
        const total = code.local("v128", load("v128.load", sums));
        const sum = w("f64.add", w("f64.promote_f32", load("f32.load", base)), sumOfLanes(total));
        code.store("f32.store", base, w("f32.demote_f64", sum));
      }
      for (const term of landing.terms) this.transfer(landing, term, sums, lineBytes as Local);
    }
  }

  /** The product of a matrix with the lines of the other side, or of its own. */
  private transfer(landing: Landing, term: Term, sums: Local, bytes: Local): void {
    const { tiles } = this;
    const { code, frame } = tiles.made;
    const { plan } = tiles;
    const matrix = this.matrices.find(({ scalar }) => isSame(scalar, term.scalar)) as Matrix;
    const first = code.local("i32", w("i32.shl", tiles.from, 3));
    const feature = landing.result.along[0]!;
    const panels = w("i32.shr_u", w("i32.add", frame.extent(feature.size), panelWidth - 1), 3);
    const start = w("i32.add", tiles.matrices, w("i32.shl", first, 2));
    const left = w("i32.add", start, matrix.slot * tileBytes);
    const axis = term.side === "row" ? plan.row : plan.column;
    const stride = code.local("i32", tiles.lineStride(term.line, axis.name));
    const origin = tiles.lineBase(term.line, [axis.name, feature.name]);
    const lineOf = (place: Value): Value => w("i32.add", origin, w("i32.mul", stride, place));
    const end = code.local("i32", w("i32.shl", tiles.to, 3));
    const beyond = w("i32.gt_s", end, tiles.columns);
    code.set(end, select(beyond, get(tiles.columns), get(end)));
    const rowSums = w("i32.add", sums, w("i32.mul", tiles.tile, bytes));
    const columnSums = w("i32.add", sums, w("i32.mul", first, bytes));
    if (term.side === landing.at) {
      this.own(landing, matrix, { first, end, stride, origin, bytes, sums });
    } else if (landing.at === "row") {
      tiles.gather(tiles.layColumns(term.line, feature), matrix.slot, rowSums, bytes);
    } else {
      const line = lineOf(w("i32.add", tiles.firstRow, tiles.tile));
      const columns = w("i32.shl", w("i32.sub", tiles.to, tiles.from), 3);
      callLibrary(
        code,
        "scatter",
        left,
        columns,
        line,
        stride,
        panels,
        tiles.count,
        columnSums,
        bytes,
      );
    }
  }

  /** Sums of a matrix along its other side, times each row's or column's own line. */
  private own(
    { at, result }: Landing,
    { slot }: Matrix,
    p: { first: Local; end: Local; stride: Local; origin: Value; bytes: Local; sums: Local },
  ): void {
    const { tiles } = this;
    const { code, frame } = tiles.made;
    const [x, y] = [code.local("i32"), code.local("i32")];
    const isRow = at === "row";
    const total = code.local("f64");
    const origin = code.local("i32", p.origin);
    const features = frame.extent(result.along[0]!.size);
    const [start, stop] = isRow
      ? [constant("i32", 0), get(tiles.count)]
      : [get(p.first), get(p.end)];
    const [low, high] = isRow ? [get(p.first), get(p.end)] : [constant("i32", 0), get(tiles.count)];
    code.range(x, start, stop, 1, () => {
      code.set(total, 0);
      code.range(y, low, high, 1, () => {
        const [row, column] = isRow ? [x, y] : [y, x];
        const place = w(
          "i32.add",
          w("i32.mul", row, 4 * (tileColumns + panelWidth)),
          w("i32.shl", column, 2),
        );
        const number = load("f32.load", w("i32.add", tiles.matrices, place), slot * tileBytes);
        code.set(total, w("f64.add", total, w("f64.promote_f32", number)));
      });
      const offset = isRow ? tiles.tile : code.local("i32", 0);
      const first = isRow ? w("i32.add", tiles.firstRow, tiles.tile) : get(tiles.firstColumn);
      const from = w("i32.add", origin, w("i32.mul", p.stride, w("i32.add", first, x)));
      const to = w("i32.add", p.sums, w("i32.mul", p.bytes, w("i32.add", offset, x)));
      const factor = code.local("v128", w("f32x4.splat", w("f32.demote_f64", total)));
      moveLine(code, { to, from, features, factor, adds: true });
    });
  }

  endColumns(): void {
    const { tiles } = this;
    for (const sum of this.sums)
      if (sum.landing.at === "column") this.leave(sum, tiles.columns, tiles.firstColumn);
  }

  endBlock(): void {
    for (const sum of this.sums)
      if (sum.landing.at === "row") this.leave(sum, this.tiles.rows, this.tiles.firstRow);
  }

  endTask(): void {}

  /** Adds sums to the task's copy, or to the tensor itself. */
  private leave({ landing, sums, lineBytes, base, step }: Sum, count: Local, first: Local): void {
    const { code, frame } = this.tiles.made;
    const k = code.local("i32");
    const [from, to] = [code.local("i32", sums), code.local("i32")];
    code.set(to, w("i32.add", base, w("i32.mul", step, first)));
    code.range(k, 0, count, 1, () => {
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

/** Whether tasks add to the tensor itself. Places that move are written a little beyond their end. */
function isDirectly(
  plan: TilePlan,
  { result, at, moving }: Landing,
  slices: number,
  b: Bindings,
): boolean {
  return moving === undefined && isOwned(plan, result, at, slices, b);
}

/** Numbers of one task's copy. */
function copyLength({ result, at, moving }: Landing, plan: TilePlan, b: Bindings): number {
  const features = b.extent(result.along[0]?.size ?? 1);
  if (at === "row") return b.extent(plan.row.size) * features;
  if (at === "column") return b.extent(plan.column.size) * features;
  return moving === undefined ? 1 : (b.shape(result.name)[moving] ?? 0);
}

const copyBytes = (landing: Landing, plan: TilePlan, b: Bindings): number =>
  64 * Math.ceil((4 * copyLength(landing, plan, b) + 64) / 64);

export interface WeightedKernels {
  readonly kernels: readonly Kernel[];
  readonly temporaries: readonly Temporary[];
  /** Whether edges land apart from each other, which a copy for each task would not help. */
  applies(b: Bindings): boolean;
}

/** Kernels of a weighted fold by tiles: the fold, and the sum of the copies. */
export function tiledWeighted(
  name: string,
  step: WeightedFold,
  plan: TilePlan,
  options: Options,
): WeightedKernels {
  const scalars = plan.landings.flatMap(({ terms, scalar }) => [
    ...terms.map((term) => term.scalar),
    ...(scalar === undefined ? [] : [scalar]),
  ]);
  const adds = plan.landings.some(({ at }) => at === "column" || at === "shared");
  const outer = (b: Bindings): number => plan.outer.reduce((n, { size }) => n * b.extent(size), 1);
  const slices = (b: Bindings): number => {
    const { blocks } = blocking(b.extent(plan.row.size));
    return adds
      ? Math.min(blocks, Math.max(1, Math.ceil(mostSlices / Math.max(1, outer(b)))))
      : blocks;
  };
  const tasks = (b: Bindings): number => outer(b) * slices(b);
  const tiles = new Tiles(name, step, plan, { ...options, roots: [step.logWeight, ...scalars] });
  tiles.write(new WeightedBody(tiles, step, slices), slices);
  const { code, frame, checkedLoads } = tiles.made;
  const { logWeight, results } = step;
  const defines = [...new Map(results.map((spec) => [spec.name, spec])).values()];
  const work = (b: Bindings): number =>
    outer(b) * b.extent(plan.row.size) * b.extent(plan.column.size);
  const copies = (landing: Landing, b: Bindings): number =>
    isDirectly(plan, landing, slices(b), b) ? 0 : tasks(b);
  const fold: Kernel = {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads, tasks, owned: [] },
    ...{ defines, overwrites: new Set(), counts: results[0]?.name ?? "", logWeight, work },
  };
  const sums = plan.landings.flatMap((landing, k) =>
    landing.at === "edge"
      ? []
      : [sumOfCopies(`${name}sum${k}`, plan, landing, k, { options, slices, copies })],
  );
  return {
    kernels: [fold, ...sums],
    temporaries: plan.landings.map((landing, k) => ({
      name: `copies ${k}`,
      bytes: (b) => copies(landing, b) * copyBytes(landing, plan, b),
      zeroed: true,
    })),
    applies: (b) =>
      plan.landings.every(
        (landing) => landing.at !== "edge" || isDirectly(plan, landing, slices(b), b),
      ),
  };
}

/** Places that one task of a sum of copies adds up. */
const placesOfTask = 64;

/** Adds up the copies of one result, task by task. */
function sumOfCopies(
  name: string,
  plan: TilePlan,
  landing: Landing,
  k: number,
  {
    options,
    slices,
    copies,
  }: {
    options: Options;
    slices: (b: Bindings) => number;
    copies: (landing: Landing, b: Bindings) => number;
  },
): Kernel {
  const { code, frame, scalars, checkedLoads } = writer(name, options.storage);
  const { result, at, moving } = landing;
  const feature = result.along[0];
  const features = (b: Bindings): number => b.extent(feature?.size ?? 1);
  const places = (b: Bindings): number => copyLength(landing, plan, b) / Math.max(1, features(b));
  const count = frame.computed("copies", (b) => copies(landing, b));
  const size = frame.computed("bytes of a copy", (b) => copyBytes(landing, plan, b));
  const length = frame.computed("places", places);
  const slicesOf = frame.computed("slices", slices);
  const width = frame.computed("features", features);
  const zero = { [plan.row.name]: number(0), [plan.column.name]: number(0) };
  const first = feature && { [feature.name]: number(0) };
  const place = result.at.map((o, d) =>
    d === moving ? number(0) : substitute(o, { ...zero, ...first }),
  );
  const loop = at === "row" ? plan.row.name : at === "column" ? plan.column.name : undefined;
  const dimension = moving ?? result.at.findIndex((o) => o.kind === "index" && o.axis === loop);
  const stride = dimension < 0 ? constant("i32", 0) : get(frame.stride(result.name, dimension));
  const [task, copy, rest, p] = ["i32", "i32", "i32", "i32"].map(() => code.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
  ];
  const [low, high, from, to] = [0, 1, 2, 3].map(() => code.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
  ];
  const indices = plan.outer.map(({ name: axis }) => [axis, code.local("i32")] as const);
  code.range(task, code.params[1] as Local, code.params[2] as Local, 1, () => {
    code.set(low, w("i32.mul", task, placesOfTask));
    code.set(high, w("i32.add", low, placesOfTask));
    code.set(high, select(w("i32.gt_s", high, length), get(length), get(high)));
    code.range(copy, 0, count, 1, () => {
      code.set(rest, w("i32.div_u", copy, slicesOf));
      for (let d = plan.outer.length - 1; d >= 0; d--) {
        const extent = frame.extent(plan.outer[d]!.size);
        code.set(indices[d]![1], d === 0 ? rest : w("i32.rem_u", rest, extent));
        if (d > 0) code.set(rest, w("i32.div_u", rest, extent));
      }
      scalars.inside(Object.fromEntries(indices), [], () => {
        const start = w("i32.add", frame.temporary(`copies ${k}`), w("i32.mul", copy, size));
        code.set(from, w("i32.add", start, w("i32.shl", w("i32.mul", low, width), 2)));
        code.set(
          to,
          w("i32.add", scalars.addressOf(result.name, place), w("i32.mul", stride, low)),
        );
        code.range(p, low, high, 1, () => {
          moveLine(code, { to: get(to), from: get(from), features: get(width), adds: true });
          code.set(from, w("i32.add", from, w("i32.shl", width, 2)));
          code.set(to, w("i32.add", to, stride));
        });
      });
    });
  });
  return {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads, owned: [] },
    tasks: (b) => (copies(landing, b) === 0 ? 0 : Math.ceil(places(b) / placesOfTask)),
    defines: [],
    overwrites: new Set(),
    counts: undefined,
    logWeight: undefined,
    work: (b) => copies(landing, b) * places(b) * features(b),
  };
}
