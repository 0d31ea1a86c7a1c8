/**
 * The loops of every tiled fold: tasks, blocks of rows, tiles of columns, tiles of rows. Which
 * numbers a tile computes and where they go, a body says.
 *
 * A tile is skipped where none of its edges exists, and its edges are looked at one by one only
 * where some exist and some do not.
 */
import {
  type Axis,
  type Expr,
  index,
  type LoadExpr,
  number,
  substitute,
} from "../../../../ir/expr.ts";
import { boundsOf, type NormalisingFold, type WeightedFold } from "../../../../ir/program.ts";
import {
  constant,
  get,
  ints,
  type Local,
  load,
  select,
  type Value,
  w,
} from "../../assembler/code.ts";
import { interval } from "../edges.ts";
import type { Bindings, Storage } from "../frame.ts";
import { type Writer, writer } from "../kernel.ts";
import { Certainty } from "./certainty.ts";
import {
  blockRows,
  panelBytes,
  panelWidth,
  rowBytes,
  tileBytes,
  tileColumns,
  tileRows,
} from "./geometry.ts";
import { callLibrary } from "./library.ts";
import { VectorMath } from "./math.ts";
import type { Pair, TilePlan } from "./plan.ts";
import { Tables } from "./tables.ts";
import { Vectors } from "./vectors.ts";

/** What a fold does in the loops. */
export interface TileBody {
  /** Matrices that a tile keeps besides its pairs. */
  readonly slots: number;
  beginTask(): void;
  beginBlock(): void;
  beginColumns(): void;
  beginTile(): void;
  /** One row of the tile, some of whose edges may not exist. */
  row(row: TileRow): void;
  endTile(): void;
  endColumns(): void;
  endBlock(): void;
  endTask(): void;
}

/** One row of a tile, and passes over its columns. */
export interface TileRow {
  /** Number of the row in its block. */
  readonly number: Local;
  /** Address of the row in the tile's first matrix. */
  readonly at: Local;
  /** Address of an edge load's first column of this tile. */
  edgeAddress(e: LoadExpr): Local;
  /**
   * Visits four columns at a time: their expressions, which of them exist (all, where undefined),
   * the address of their numbers in the first matrix, and the columns' bytes from the tile's first.
   */
  pass(visit: Visit, known?: (e: Expr, place: Place) => Value | undefined): void;
}

export interface Place {
  readonly address: Local;
  readonly column: Local;
  readonly offset: number;
}

export type Visit = (vectors: Vectors, exists: Value | undefined, place: Place) => void;

/** Lengths of blocks and slices, which depend on the lengths of the fold alone. */
export function blocking(rows: number): { blocks: number; rowsOfBlock: number } {
  const blocks = Math.ceil(rows / blockRows);
  const rowsOfBlock = blocks === 0 ? 0 : tileRows * Math.ceil(Math.ceil(rows / blocks) / tileRows);
  return { blocks, rowsOfBlock };
}

/** Lines of a tile's columns, packed as panels for a product over columns. */
interface Laid {
  readonly line: LoadExpr;
  readonly feature: Axis;
  readonly base: Local;
  readonly panels: Local;
  readonly panelBytes: number;
}

const bytesOfRowTables = (count: number): number => 4 * blockRows * Math.max(1, count);

export class Tiles {
  readonly made: Writer;
  readonly plan: TilePlan;
  readonly math: VectorMath;
  readonly task: Local;
  readonly firstRow: Local;
  /** Rows of the block; of the tile, its first row in the block and their count. */
  readonly rows: Local;
  readonly tile: Local;
  readonly count: Local;
  /** First column of the tile, and how many there are. */
  readonly firstColumn: Local;
  readonly columns: Local;
  /** First panel with edges, and the one past the last. */
  readonly from: Local;
  readonly to: Local;
  /** Matrices of the tile, one after the other. */
  readonly matrices: Local;
  /** Edges that were visited. */
  readonly edges: Local;
  private readonly tables: Tables;
  private readonly rowTable: Local;
  private readonly columnTable: Local;
  private readonly boundTable: Local;
  private readonly addressTable: Local;
  private readonly tileTable: Local;
  /** Addresses of a tile's rows while a product is made. */
  private readonly starts: Local;
  private readonly laid: Laid[] = [];
  private readonly outer: (Local | undefined)[] = [];
  private readonly packs: readonly Local[];
  private readonly pairBases: { row: Local; column: Local }[] = [];
  private readonly spans: number;
  private readonly bounded: boolean;

  constructor(
    name: string,
    step: NormalisingFold | WeightedFold,
    plan: TilePlan,
    options: { fused: boolean; storage: (tensor: string) => Storage; roots: readonly Expr[] },
  ) {
    this.made = writer(name, options.storage);
    const { code, frame } = this.made;
    this.plan = plan;
    this.math = new VectorMath(code, options.fused);
    const { where: condition } = step.edges;
    this.tables = new Tables(plan, [...options.roots, ...(condition ? [condition] : [])]);
    this.spans = step.edges.spans?.length ?? 1;
    this.bounded = boundsOf(step.edges).length > 0 || step.edges.spans !== undefined;
    const names = [
      "task",
      "firstRow",
      "rows",
      "tile",
      "count",
      "firstColumn",
      "columns",
      "from",
      "to",
    ];
    const locals = names.map(() => code.local("i32")) as [
      ...[Local, Local, Local, Local, Local, Local, Local, Local, Local],
    ];
    [this.task, this.firstRow, this.rows, this.tile, this.count] = locals;
    [, , , , , this.firstColumn, this.columns, this.from, this.to] = locals;
    this.edges = code.local("f64");
    const { tables, spans } = this;
    this.rowTable = frame.scratch("rows", () => bytesOfRowTables(tables.row.length));
    this.columnTable = frame.scratch("columns", () => 4 * tileColumns * (tables.column.length + 1));
    this.boundTable = frame.scratch("bounds", () => bytesOfRowTables(2 * spans));
    this.addressTable = frame.scratch("places", () => bytesOfRowTables(tables.loads.length));
    this.tileTable = frame.scratch("tiles", () => 16 * spans * (blockRows / tileRows));
    this.starts = frame.scratch("starts", () => 4 * (tileRows + panelWidth));
    this.packs = plan.pairs.map(({ e }, k) =>
      frame.scratch(`panels ${k}`, (b) => 4 * b.extent(e.axis.size) * (tileColumns + panelWidth)),
    );
    this.matrices = frame.scratch("matrices", () => 0);
  }

  /** Room for the matrices, once it is known how many there are. */
  private reserve(slots: number): void {
    const { scratches } = this.made.frame;
    const k = scratches.findIndex(({ name }) => name === "matrices");
    scratches[k] = { name: "matrices", bytes: () => tileBytes * Math.max(1, slots) + 64 };
  }

  /** Writes the loops around a body; `slices` parts the blocks of a fold among tasks. */
  write(body: TileBody, slices: (b: Bindings) => number): void {
    const { code, frame, scalars } = this.made;
    const { plan } = this;
    this.reserve(Math.max(plan.pairs.length, body.slots));
    const length = (b: Bindings): number => b.extent(plan.row.size);
    const rowsOfBlock = frame.computed("rows of a block", (b) => blocking(length(b)).rowsOfBlock);
    const blocks = frame.computed("blocks", (b) => blocking(length(b)).blocks);
    const slicesOf = frame.computed("slices", slices);
    const ofSlice = frame.computed("blocks of a slice", (b) =>
      Math.ceil(blocking(length(b)).blocks / Math.max(1, slices(b))),
    );
    const [from, to] = [code.params[1] as Local, code.params[2] as Local];
    const roots = this.roots();
    scalars.hoist(roots);
    const rest = code.local("i32");
    const [block, last] = [code.local("i32"), code.local("i32")];
    code.range(this.task, from, to, 1, () => {
      code.set(this.edges, 0);
      code.set(rest, w("i32.div_u", this.task, slicesOf));
      code.set(block, w("i32.mul", w("i32.rem_u", this.task, slicesOf), ofSlice));
      code.set(last, w("i32.add", block, ofSlice));
      code.set(last, select(w("i32.gt_s", last, blocks), get(blocks), get(last)));
      const indices = this.outerIndices(rest);
      scalars.inside(indices, roots, () => {
        this.beginTask();
        body.beginTask();
        code.range(block, block, last, 1, () => {
          code.set(this.firstRow, w("i32.mul", block, rowsOfBlock));
          const left = w("i32.sub", frame.extent(plan.row.size), this.firstRow);
          code.set(this.rows, left);
          const isFull = w("i32.gt_s", this.rows, rowsOfBlock);
          code.set(this.rows, select(isFull, get(rowsOfBlock), get(this.rows)));
          code.if(w("i32.gt_s", this.rows, 0), () => scalars.branch(() => this.block(body)));
        });
        body.endTask();
      });
      code.store(
        "f64.store",
        frame.base,
        w("f64.add", load("f64.load", frame.base, 8), this.edges),
        8,
      );
    });
  }

  /** Expressions that are asked for outside the loops over edges. */
  private roots(): Expr[] {
    const { plan, tables } = this;
    const kept = [...tables.none, ...tables.row, ...tables.column].map(({ e }) => e);
    const places = tables.loads.flatMap(({ at }) => at.slice(0, -1));
    return [...kept, ...places, ...boundsOf(plan.edges)];
  }

  private outerIndices(rest: Local): Record<string, Local> {
    const { code, frame } = this.made;
    const { outer } = this.plan;
    const indices = outer.map(({ name }) => [name, code.local("i32")] as const);
    for (let k = outer.length - 1; k >= 0; k--) {
      const [at, extent] = [indices[k]![1], frame.extent(outer[k]!.size)];
      code.set(at, k === 0 ? rest : w("i32.rem_u", rest, extent));
      if (k > 0) code.set(rest, w("i32.div_u", rest, extent));
    }
    return Object.fromEntries(indices);
  }

  private beginTask(): void {
    const { code, scalars } = this.made;
    const { plan, tables } = this;
    this.outer.length = 0;
    for (const { e, inverse } of tables.none) {
      const value = inverse ? w("f64.div", 1, scalars.value(e)) : scalars.value(e);
      this.outer.push(code.local("v128", w("f32x4.splat", w("f32.demote_f64", value))));
    }
    for (const { line, feature, base } of this.laid)
      code.set(base, this.lineBase(line, [plan.column.name, feature.name]));
    for (const pair of plan.pairs)
      this.pairBases.push({
        row: code.local("i32", this.lineBase(pair.row, [plan.row.name, pair.e.axis.name])),
        column: code.local("i32", this.lineBase(pair.column, [plan.column.name, pair.e.axis.name])),
      });
  }

  /** Address of a line's first number for the first row or column. */
  lineBase({ tensor, at }: LoadExpr, loops: readonly string[]): Value {
    const zero = Object.fromEntries(loops.map((name) => [name, number(0)]));
    return this.made.scalars.addressOf(
      tensor,
      at.map((o) => substitute(o, zero)),
    );
  }

  /** Bytes from one number of a line to the next in one of its loops. */
  lineStride({ tensor, at }: LoadExpr, loop: string): Value {
    const k = at.findIndex((o) => o.kind === "index" && o.axis === loop);
    return k < 0 ? constant("i32", 0) : get(this.made.frame.stride(tensor, k));
  }

  private block(body: TileBody): void {
    const { code } = this.made;
    this.rowPass();
    const [low, high] = this.hull();
    body.beginBlock();
    const first = w("i32.and", low, -panelWidth);
    code.range(this.firstColumn, first, high, tileColumns, () => {
      const { frame, scalars } = this.made;
      const left = w("i32.sub", frame.extent(this.plan.column.size), this.firstColumn);
      code.set(this.columns, left);
      const isWhole = w("i32.gt_s", this.columns, tileColumns);
      code.set(this.columns, select(isWhole, constant("i32", tileColumns), get(this.columns)));
      scalars.branch(() => {
        this.columnPass();
        body.beginColumns();
        code.range(this.tile, 0, this.rows, tileRows, () => this.oneTile(body));
        body.endColumns();
      });
    });
    this.made.scalars.branch(() => body.endBlock());
  }

  /** Numbers of every row of the block, and which columns it has. */
  private rowPass(): void {
    const { code, scalars } = this.made;
    const { plan, tables } = this;
    const { edges } = plan;
    if (!this.bounded && this.isCountedByBounds) this.countAll();
    if (tables.row.length === 0 && tables.loads.length === 0 && !this.bounded) return;
    const [r, i] = [code.local("i32"), code.local("i32")];
    code.range(r, 0, this.rows, 1, () => {
      code.set(i, w("i32.add", this.firstRow, r));
      scalars.inside({ [plan.row.name]: i }, this.roots(), () => {
        const at = code.local("i32", w("i32.shl", r, 2));
        tables.row.forEach(({ e, inverse }, k) => {
          const value = inverse ? w("f64.div", 1, scalars.value(e)) : scalars.value(e);
          const place = w("i32.add", this.rowTable, at);
          code.store("f32.store", place, w("f32.demote_f64", value), 4 * blockRows * k);
        });
        tables.loads.forEach((e, k) => {
          const address = this.lineBase(e, [plan.column.name]);
          code.store("i32.store", w("i32.add", this.addressTable, at), address, 4 * blockRows * k);
        });
        if (!this.bounded) return;
        const whole = interval(scalars, edges, plan.column.size);
        const parts = edges.spans?.map((span) => interval(scalars, span, plan.column.size));
        (parts ?? [whole]).forEach(({ low, high }, k) => {
          if (parts !== undefined) {
            code.set(low, select(w("i32.lt_s", low, whole.low), get(whole.low), get(low)));
            code.set(high, select(w("i32.gt_s", high, whole.high), get(whole.high), get(high)));
          }
          const place = code.local("i32", w("i32.add", this.boundTable, at));
          code.store("i32.store", place, low, 8 * blockRows * k);
          code.store("i32.store", place, high, 8 * blockRows * k + 4 * blockRows);
          if (this.isCountedByBounds) {
            const some = w("i32.gt_s", high, low);
            const length = select(some, w("i32.sub", high, low), constant("i32", 0));
            code.set(this.edges, w("f64.add", this.edges, w("f64.convert_i32_s", length)));
          }
        });
      });
    });
  }

  private get isCountedByBounds(): boolean {
    return this.plan.edges.where === undefined && this.spans === 1;
  }

  private countAll(): void {
    const { code, frame } = this.made;
    const all = w("i32.mul", this.rows, frame.extent(this.plan.column.size));
    code.set(this.edges, w("f64.add", this.edges, w("f64.convert_i32_s", all)));
  }

  /** Ends of the rows' intervals: for each tile, and for the block as a whole. */
  private hull(): readonly [low: Local, high: Local] {
    const { code, frame } = this.made;
    const extent = code.local("i32", frame.extent(this.plan.column.size));
    if (!this.bounded) {
      return [code.local("i32", 0), extent];
    }
    const [low, high] = [code.local("i32", get(extent)), code.local("i32", 0)];
    const [r, place] = [code.local("i32"), code.local("i32", get(this.tileTable))];
    code.range(this.tile, 0, this.rows, tileRows, () => {
      this.countRows();
      for (let s = 0; s < this.spans; s++) {
        const ends = [get(extent), constant("i32", 0), constant("i32", 0), get(extent)].map((end) =>
          code.local("i32", end),
        ) as [Local, Local, Local, Local];
        code.range(r, 0, this.count, 1, () => {
          const at = code.local("i32", w("i32.shl", w("i32.add", this.tile, r), 2));
          code.set(at, w("i32.add", at, this.boundTable));
          const start = code.local("i32", load("i32.load", at, 8 * blockRows * s));
          const end = code.local("i32", load("i32.load", at, 8 * blockRows * s + 4 * blockRows));
          // A row without columns widens nothing, and leaves the tile no whole one.
          code.if(
            w("i32.lt_s", start, end),
            () => {
              extend(code, ends[0], "lt", start);
              extend(code, ends[1], "gt", end);
              extend(code, ends[2], "gt", start);
              extend(code, ends[3], "lt", end);
            },
            () => code.set(ends[3], 0),
          );
        });
        ends.forEach((end, k) => {
          code.store("i32.store", place, end, 16 * s + 4 * k);
        });
        extend(code, low, "lt", ends[0]);
        extend(code, high, "gt", ends[1]);
      }
      code.set(place, w("i32.add", place, 16 * this.spans));
    });
    return [low, high];
  }

  private countRows(): void {
    const { code } = this.made;
    code.set(this.count, w("i32.sub", this.rows, this.tile));
    const isWhole = w("i32.gt_s", this.count, tileRows);
    code.set(this.count, select(isWhole, constant("i32", tileRows), get(this.count)));
  }

  /** Packed columns of every pair, and the numbers of every column. */
  private columnPass(): void {
    const { code, scalars } = this.made;
    const { plan, tables } = this;
    // Lines are read in order, which brings columns near that are values and keys at once.
    for (const { line, feature, base, panels, panelBytes: size } of this.laid) {
      const stride = code.local("i32", this.lineStride(line, plan.column.name));
      const start = w("i32.add", base, w("i32.mul", stride, this.firstColumn));
      callLibrary(code, "lay", start, stride, this.columns, this.panelsOf(feature), size, panels);
    }
    plan.pairs.forEach((pair, k) => {
      const stride = code.local("i32", this.lineStride(pair.column, plan.column.name));
      const start = w("i32.add", this.pairBases[k]!.column, w("i32.mul", stride, this.firstColumn));
      const feature = this.lineStride(pair.column, pair.e.axis.name);
      callLibrary(
        code,
        "pack",
        start,
        stride,
        feature,
        this.columns,
        this.features(pair),
        this.packs[k]!,
      );
    });
    if (tables.column.length === 0) return;
    const [c, j] = [code.local("i32"), code.local("i32")];
    code.range(c, 0, this.columns, 1, () => {
      code.set(j, w("i32.add", this.firstColumn, c));
      scalars.inside({ [plan.column.name]: j }, this.roots(), () => {
        const place = code.local("i32", w("i32.add", this.columnTable, w("i32.shl", c, 2)));
        tables.column.forEach(({ e, inverse }, k) => {
          const value = inverse ? w("f64.div", 1, scalars.value(e)) : scalars.value(e);
          code.store("f32.store", place, w("f32.demote_f64", value), 4 * tileColumns * k);
        });
      });
    });
  }

  /** Lines of columns that products over columns will read; asked for before the loops. */
  layColumns(line: LoadExpr, feature: Axis): number {
    const known = this.laid.findIndex((one) => isSameLine(one.line, line));
    if (known >= 0) return known;
    const { code, frame } = this.made;
    const size = panelBytes * tileColumns;
    const panels = frame.scratch(
      `lines ${this.laid.length}`,
      (b) => Math.ceil(b.extent(feature.size) / panelWidth) * size,
    );
    return this.laid.push({ line, feature, panels, base: code.local("i32"), panelBytes: size }) - 1;
  }

  /** out[row] += Σ over the tile's columns of a matrix times their lines. */
  gather(number: number, slot: number, out: Value, outRow: Local): void {
    const { code } = this.made;
    const { panels, panelBytes: size, feature } = this.laid[number]!;
    const first = code.local("i32", w("i32.shl", this.from, 3));
    // Behind the last column, there may be no numbers.
    const end = code.local("i32", w("i32.shl", this.to, 3));
    const beyond = w("i32.gt_s", end, this.columns);
    code.set(end, select(beyond, get(this.columns), get(end)));
    const left = w("i32.add", this.matrices, w("i32.mul", this.from, panelBytes));
    const matrix = w("i32.add", left, slot * tileBytes);
    const lines = w("i32.add", panels, w("i32.mul", first, panelBytes));
    const columns = w("i32.sub", end, first);
    const count = this.panelsOf(feature);
    callLibrary(code, "gather", matrix, this.count, lines, size, count, columns, out, outRow);
  }

  panelsOf(feature: Axis): Value {
    const extent = this.made.frame.extent(feature.size);
    return w("i32.shr_u", w("i32.add", extent, panelWidth - 1), 3);
  }

  private features({ e }: Pair): Value {
    return this.made.frame.extent(e.axis.size);
  }

  private oneTile(body: TileBody): void {
    const { code } = this.made;
    this.countRows();
    const isWhole = this.panels();
    const certainty = this.certainty();
    const isSome = w("i32.lt_s", this.from, this.to);
    code.if(
      certainty === undefined ? isSome : w("i32.and", isSome, w("i32.eqz", certainty.never)),
      () =>
        this.made.scalars.branch(() => {
          body.beginTile();
          this.pairProducts();
          const isAll =
            certainty === undefined ? get(isWhole) : w("i32.and", isWhole, certainty.always);
          code.if(
            isAll,
            () => {
              if (!this.isCountedByBounds) this.countTile();
              this.rowsOf(body, false);
            },
            () => this.rowsOf(body, true),
          );
          body.endTile();
        }),
    );
  }

  private countTile(): void {
    const { code } = this.made;
    const wide = w("i32.shl", w("i32.sub", this.to, this.from), 3);
    const all = w("f64.convert_i32_s", w("i32.mul", this.count, wide));
    code.set(this.edges, w("f64.add", this.edges, all));
  }

  /** Panels of the tile in which any of its rows has a column; whether all rows have all of these. */
  private panels(): Local {
    const { code } = this.made;
    const isWhole = code.local("i32", 0);
    if (!this.bounded) {
      code.set(this.from, 0);
      this.setPanels(this.columns);
      code.set(isWhole, w("i32.eqz", w("i32.and", this.columns, panelWidth - 1)));
      return isWhole;
    }
    const [low, high] = [code.local("i32", tileColumns), code.local("i32", 0)];
    const tileNumber = w("i32.div_u", this.tile, tileRows);
    const place = code.local("i32", w("i32.mul", tileNumber, 16 * this.spans));
    code.set(place, w("i32.add", place, this.tileTable));
    const ends = (s: number, k: number): Value =>
      w("i32.sub", load("i32.load", place, 16 * s + 4 * k), this.firstColumn);
    for (let s = 0; s < this.spans; s++) {
      const start = code.local("i32", ends(s, 0));
      const end = code.local("i32", ends(s, 1));
      code.set(start, select(w("i32.lt_s", start, 0), constant("i32", 0), get(start)));
      const beyond = w("i32.gt_s", end, this.columns);
      code.set(end, select(beyond, get(this.columns), get(end)));
      code.if(w("i32.lt_s", start, end), () => {
        extend(code, low, "lt", start);
        extend(code, high, "gt", end);
      });
    }
    code.set(this.from, w("i32.shr_u", low, 3));
    this.setPanels(high);
    for (let s = 0; s < this.spans; s++) {
      const begins = w("i32.le_s", ends(s, 2), w("i32.shl", this.from, 3));
      const goesOn = w("i32.ge_s", ends(s, 3), w("i32.shl", this.to, 3));
      code.set(isWhole, w("i32.or", isWhole, w("i32.and", begins, goesOn)));
    }
    return isWhole;
  }

  private setPanels(columns: Local): void {
    this.made.code.set(this.to, w("i32.shr_u", w("i32.add", columns, panelWidth - 1), 3));
  }

  /** What a condition is in the tile as a whole. */
  private certainty(): { always: Local; never: Local } | undefined {
    const { where: condition } = this.plan.edges;
    if (condition === undefined) return undefined;
    const { code, scalars } = this.made;
    const first = w("i32.add", this.firstRow, this.tile);
    const firstColumn = w("i32.add", this.firstColumn, w("i32.shl", this.from, 3));
    const endColumn = w("i32.add", this.firstColumn, w("i32.shl", this.to, 3));
    const known = new Certainty(code, scalars, this.plan, {
      rows: [first, w("i32.sub", w("i32.add", first, this.count), 1)],
      columns: [firstColumn, w("i32.sub", endColumn, 1)],
    });
    return known.of(condition);
  }

  private pairProducts(): void {
    const { code } = this.made;
    this.plan.pairs.forEach((pair, k) => {
      const stride = code.local("i32", this.lineStride(pair.row, this.plan.row.name));
      const first = w("i32.add", this.firstRow, this.tile);
      const left = w("i32.add", this.pairBases[k]!.row, w("i32.mul", stride, first));
      const feature = this.lineStride(pair.row, pair.e.axis.name);
      const name = pair.squared ? "distances" : "products";
      const out = w("i32.add", this.matrices, k * tileBytes);
      callLibrary(
        ...([
          code,
          name,
          left,
          stride,
          feature,
          this.count,
          this.packs[k]!,
          this.from,
          this.to,
        ] as const),
        ...[this.features(pair), out, this.starts],
      );
    });
  }

  private rowsOf(body: TileBody, masked: boolean): void {
    const { code, scalars } = this.made;
    const [r, at] = [code.local("i32"), code.local("i32")];
    code.range(r, 0, this.count, 1, () =>
      scalars.branch(() => {
        const row = code.local("i32", w("i32.add", this.tile, r));
        const quarter = code.local("i32", w("i32.shl", row, 2));
        code.set(at, w("i32.add", this.matrices, w("i32.mul", r, rowBytes)));
        body.row(this.tileRow(row, quarter, at, masked));
      }),
    );
  }

  private tileRow(row: Local, quarter: Local, at: Local, masked: boolean): TileRow {
    const { code } = this.made;
    const { tables } = this;
    const splats = tables.row.map((_, k) =>
      code.local(
        "v128",
        load("v128.load32_splat", w("i32.add", this.rowTable, quarter), 4 * blockRows * k),
      ),
    );
    const bytes = code.local("i32", w("i32.shl", this.firstColumn, 2));
    const places = tables.loads.map((_, k) => {
      const place = load("i32.load", w("i32.add", this.addressTable, quarter), 4 * blockRows * k);
      return code.local("i32", w("i32.add", place, bytes));
    });
    const edgeAddress = (e: LoadExpr): Local => places[tables.loads.indexOf(e)]!;
    const bounds = masked ? this.boundsOfRow(quarter) : undefined;
    return {
      ...{ number: row, at, edgeAddress },
      pass: (visit, known) => this.pass({ at, splats, edgeAddress, bounds }, visit, known),
    };
  }

  private boundsOfRow(quarter: Local): readonly (readonly [Local, Local])[] {
    const { code, frame } = this.made;
    if (!this.bounded) {
      const end = code.local("v128", w("i32x4.splat", frame.extent(this.plan.column.size)));
      return [[code.local("v128", 0), end]];
    }
    const place = code.local("i32", w("i32.add", this.boundTable, quarter));
    return Array.from({ length: this.spans }, (_, s) => {
      const end = (k: number): Local =>
        code.local("v128", load("v128.load32_splat", place, 8 * blockRows * s + 4 * blockRows * k));
      return [end(0), end(1)] as const;
    });
  }

  private pass(
    row: {
      at: Local;
      splats: readonly Local[];
      edgeAddress: (e: LoadExpr) => Local;
      bounds: readonly (readonly [Local, Local])[] | undefined;
    },
    visit: Visit,
    known: (e: Expr, place: Place) => Value | undefined = () => undefined,
  ): void {
    const { code } = this.made;
    const [column, address] = [code.local("i32"), code.local("i32")];
    const first = w("i32.add", this.firstColumn, w("i32.shl", this.from, 3));
    const j =
      row.bounds && code.local("v128", w("i32x4.add", w("i32x4.splat", first), ints(0, 1, 2, 3)));
    const end = code.local("i32", w("i32.mul", this.to, panelBytes));
    code.range(column, w("i32.mul", this.from, panelBytes), end, panelBytes, () => {
      code.set(address, w("i32.add", row.at, column));
      for (const offset of [0, panelBytes / 2]) {
        const place = { address, column, offset };
        const vectors = new Vectors(code, this.math, {
          of: (e) => known(e, place) ?? this.source(e, row.splats, place),
          reciprocal: (e) => this.kept(e, true, row.splats, place),
          edgeLoad: (e) => load("v128.load", w("i32.add", row.edgeAddress(e), column), offset),
        });
        const exists = row.bounds && j && this.exists(vectors, row.bounds, j);
        visit(vectors, exists && get(exists), place);
        if (j !== undefined) code.set(j, w("i32x4.add", j, ints(4, 4, 4, 4)));
      }
    });
  }

  /** Mask of the columns that the row has; counts them where nothing else does. */
  private exists(vectors: Vectors, bounds: readonly (readonly [Local, Local])[], j: Local): Local {
    const { code } = this.made;
    const inside = bounds
      .map(([low, high]) => w("v128.and", w("i32x4.ge_s", j, low), w("i32x4.lt_s", j, high)))
      .reduce((a, b) => w("v128.or", a, b));
    const { where: condition } = this.plan.edges;
    const both = condition === undefined ? inside : w("v128.and", inside, vectors.test(condition));
    return code.local("v128", both);
  }

  private source(e: Expr, splats: readonly Local[], place: Place): Value | undefined {
    const pair = this.plan.pairs.findIndex((known) => known.e === e);
    if (pair >= 0) return load("v128.load", place.address, pair * tileBytes + place.offset);
    return this.kept(e, false, splats, place);
  }

  private kept(
    e: Expr,
    inverse: boolean,
    splats: readonly Local[],
    { column, offset }: Place,
  ): Value | undefined {
    const k = this.tables.place(e, inverse);
    if (k === undefined) return undefined;
    switch (this.plan.side(e)) {
      case "none":
        return get(this.outer[k]!);
      case "row":
        return get(splats[k]!);
      default:
        return load(
          "v128.load",
          w("i32.add", this.columnTable, column),
          4 * tileColumns * k + offset,
        );
    }
  }

  /** Adds to the count of edges those of a mask, where the rows' intervals do not tell. */
  countMask(exists: Value | undefined): void {
    if (exists === undefined || this.isCountedByBounds) return;
    const { code } = this.made;
    const some = w("i32.popcnt", w("i32x4.bitmask", exists));
    code.set(this.edges, w("f64.add", this.edges, w("f64.convert_i32_s", some)));
  }

  /** Index of the row at hand, of its block. */
  inRow(number: Local, body: () => void): void {
    const { code, scalars } = this.made;
    const i = code.local("i32", w("i32.add", this.firstRow, number));
    scalars.inside({ [this.plan.row.name]: i }, [], body);
  }

  get owner(): Expr[] {
    return [...this.plan.outer, this.plan.row].map(index);
  }
}

const isSameLine = (a: LoadExpr, b: LoadExpr): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

function extend(code: Writer["code"], end: Local, how: "lt" | "gt", by: Local): void {
  code.set(end, select(w(`i32.${how}_s`, by, end), get(by), get(end)));
}
