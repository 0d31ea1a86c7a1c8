/** Packed columns of a tile, their lines laid out for products over columns, and their numbers. */
import type { Axis, LoadExpr } from "../../../../ir/expr.ts";
import { constant, get, type Local, load, select, type Value, w } from "../../assembler/code.ts";
import type { Bindings } from "../frame.ts";
import type { TileContext } from "./context.ts";
import { panelBytes, panelWidth, tileBytes, tileColumns, tileRows } from "./geometry.ts";
import { callLibrary } from "./library.ts";
import type { Listed } from "./listed.ts";
import type { Pair } from "./plan.ts";

/** Lines of a tile's columns for a product over columns: as they stand, or packed as panels. */
interface Laid {
  readonly line: LoadExpr;
  readonly feature: Axis;
  readonly base: Local;
  readonly panels: Local;
  /** Whether they are read where they stand: whole panels of features, for few rows. */
  readonly stays: Local;
}

/** Rows that lines are read for where they stand: each of them is read but once or twice. */
const fewRows = 12;
/** Bytes of a panel of lines. */
const laidBytes: number = panelBytes * tileColumns;

export class Columns {
  private readonly context: TileContext;
  private readonly numbers: Local;
  private readonly packs: readonly Local[];
  private readonly bases: { readonly row: Local; readonly column: Local }[] = [];
  private readonly laid: Laid[] = [];
  /** Addresses of a tile's rows while a product is made. */
  private readonly starts: Local;

  private readonly listed: Listed | undefined;

  constructor(context: TileContext, listed: Listed | undefined) {
    const { made, plan, tables } = context;
    this.listed = listed;
    const { frame } = made;
    this.context = context;
    this.numbers = frame.scratch("columns", () => 4 * tileColumns * (tables.column.length + 1));
    this.starts = frame.scratch("starts", () => 4 * (tileRows + panelWidth));
    this.packs = plan.pairs.map(({ e }, k) =>
      frame.scratch(`panels ${k}`, (b) => 4 * b.extent(e.axis.size) * (tileColumns + panelWidth)),
    );
  }

  /** Where lines begin for the task at hand. */
  beginTask(): void {
    const { context } = this;
    const { made, plan } = context;
    for (const { line, feature, base } of this.laid)
      made.code.set(base, context.lineBase(line, [plan.column.name, feature.name]));
    for (const { row, column, e } of plan.pairs)
      this.bases.push({
        row: made.code.local("i32", context.lineBase(row, [plan.row.name, e.axis.name])),
        column: made.code.local("i32", context.lineBase(column, [plan.column.name, e.axis.name])),
      });
  }

  /** Fills the tables for the columns at hand. */
  prepare(): void {
    const { context, listed } = this;
    const { made, plan, cursor } = context;
    const { code, frame } = made;
    const list = listed?.first ?? constant("i32", 0);
    // Columns in order begin with the tile's first one; those of a list say where they are.
    const startOf = (base: Local, stride: Local): Value =>
      listed ? get(base) : w("i32.add", base, w("i32.mul", stride, cursor.firstColumn));
    // Lines are read in order, which brings columns near that are values and keys at once.
    for (const { line, feature, base, panels, stays } of this.laid)
      code.if(w("i32.eqz", stays), () => {
        const stride = code.local("i32", context.lineStride(line, plan.column.name));
        const count = context.panelsOf(frame.extent(feature.size));
        const to = [cursor.columns, count, laidBytes, panels, list] as const;
        callLibrary(code, listed ? "layListed" : "lay", startOf(base, stride), stride, ...to);
      });
    plan.pairs.forEach((pair, k) => {
      const stride = code.local("i32", context.lineStride(pair.column, plan.column.name));
      const start = startOf(this.bases[k]!.column, stride);
      const step = context.lineStride(pair.column, pair.e.axis.name);
      const to = [cursor.columns, this.features(pair), this.packs[k]!, list] as const;
      callLibrary(code, listed ? "packListed" : "pack", start, stride, step, ...to);
    });
    this.setNumbers();
  }

  private setNumbers(): void {
    const { context } = this;
    const { made, plan, tables, cursor } = context;
    const { code, scalars } = made;
    if (tables.ready.length === 0) return;
    const [c, j] = [code.local("i32"), code.local("i32")];
    code.range(c, 0, cursor.columns, 1, () => {
      code.set(j, this.listed?.column(c) ?? w("i32.add", cursor.firstColumn, c));
      scalars.inside({ [plan.column.name]: j }, context.roots, () => {
        const place = code.local("i32", w("i32.add", this.numbers, w("i32.shl", c, 2)));
        for (const kept of tables.ready) {
          const at = 4 * tileColumns * tables.column.indexOf(kept);
          code.store("f32.store", place, context.kept(kept), at);
        }
      });
    });
  }

  /** Four numbers of columns: those of the `k`-th kept expression, from a column's bytes on. */
  numbersAt(k: number, column: Local, offset: number): Value {
    return load("v128.load", w("i32.add", this.numbers, column), 4 * tileColumns * k + offset);
  }

  /** Puts four numbers of columns where `numbersAt` reads them. */
  setNumbersAt(k: number, column: Local, numbers: Value): void {
    const place = w("i32.add", this.numbers, column);
    this.context.made.code.store("v128.store", place, numbers, 4 * tileColumns * k);
  }

  private features({ e }: Pair): Value {
    return this.context.made.frame.extent(e.axis.size);
  }

  /** Sums over features for every row and column of the tile, a matrix for each pair. */
  products(matrices: Local): void {
    const { context } = this;
    const { made, plan, cursor } = context;
    const { code } = made;
    plan.pairs.forEach((pair, k) => {
      const stride = code.local("i32", context.lineStride(pair.row, plan.row.name));
      const first = w("i32.add", cursor.firstRow, cursor.tile);
      const left = w("i32.add", this.bases[k]!.row, w("i32.mul", stride, first));
      const step = context.lineStride(pair.row, pair.e.axis.name);
      const rows = [left, stride, step, cursor.count] as const;
      const columns = [this.packs[k]!, cursor.from, cursor.to, this.features(pair)] as const;
      const out = w("i32.add", matrices, k * tileBytes);
      const name = pair.squared ? "distances" : "products";
      callLibrary(code, name, ...rows, ...columns, out, this.starts);
    });
  }

  /** Number of lines that products over columns will read; asked for before the loops. */
  lay(line: LoadExpr, feature: Axis): number {
    const known = this.laid.findIndex((one) => isSameLine(one.line, line));
    if (known >= 0) return known;
    const { code, frame } = this.context.made;
    const panels = frame.scratch(
      `lines ${this.laid.length}`,
      (b) => Math.ceil(b.extent(feature.size) / panelWidth) * laidBytes,
    );
    const rows = this.context.plan.row.size;
    // For few rows, lines in order are read where they stand.
    const areFew = (b: Bindings): boolean =>
      b.extent(feature.size) % panelWidth === 0 && b.extent(rows) <= fewRows;
    const stays = frame.computed(`lines ${this.laid.length} stay`, (b) =>
      this.listed === undefined && areFew(b) ? 1 : 0,
    );
    return this.laid.push({ line, feature, panels, stays, base: code.local("i32") }) - 1;
  }

  /** out[row] += Σ over the tile's columns of a matrix times their lines. */
  gather(lines: number, matrix: Value, out: Value, outRow: Local): void {
    const { made, cursor, plan } = this.context;
    const { code } = made;
    const { line, panels, feature, base, stays } = this.laid[lines]!;
    const { first, columns } = this.context.columnsAtHand();
    const left = w("i32.add", matrix, w("i32.mul", cursor.from, panelBytes));
    const stride = this.context.lineStride(line, plan.column.name);
    const step = code.local("i32", select(stays, stride, constant("i32", panelBytes)));
    const start = w("i32.add", base, w("i32.mul", step, cursor.firstColumn));
    const right = w("i32.add", select(stays, start, get(panels)), w("i32.mul", first, step));
    const size = select(stays, constant("i32", panelBytes), constant("i32", laidBytes));
    const count = this.context.panelsOf(made.frame.extent(feature.size));
    const rest = [count, columns, out, outRow] as const;
    callLibrary(code, "gather", left, cursor.count, right, step, size, ...rest);
  }
}

const isSameLine = (a: LoadExpr, b: LoadExpr): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);
