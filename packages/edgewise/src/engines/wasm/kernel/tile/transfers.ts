/** Products of a tile's matrices with lines of features, added up for rows or for columns. */
import type { Axis, LoadExpr } from "../../../../ir/expr.ts";
import { constant, get, type Local, load, type Value, w } from "../../assembler/code.ts";
import { panelBytes, rowBytes } from "./geometry.ts";
import { callLibrary } from "./library.ts";
import { moveLine } from "./lines.ts";
import type { Tiles } from "./tiles.ts";

export interface Operands {
  readonly matrix: Value;
  readonly line: LoadExpr;
  readonly feature: Axis;
  /** Sums of the block's rows or of the tile's columns, and bytes from one to the next. */
  readonly sums: Local;
  readonly bytes: Local;
}

/** sums[row] += Σ over columns of matrix[row][column] · line[column]. */
export function gather(tiles: Tiles, { matrix, line, feature, sums, bytes }: Operands): void {
  const { tile } = tiles.context.cursor;
  const out = w("i32.add", sums, w("i32.mul", tile, bytes));
  tiles.columns.gather(tiles.columns.lay(line, feature), matrix, out, bytes);
}

/** sums[column] += Σ over rows of matrix[row][column] · line[row]. */
export function scatter(tiles: Tiles, { matrix, line, feature, sums, bytes }: Operands): void {
  const { context } = tiles;
  const { made, plan, cursor } = context;
  const { code, frame } = made;
  const left = w("i32.add", matrix, w("i32.mul", cursor.from, panelBytes));
  const columns = w("i32.shl", w("i32.sub", cursor.to, cursor.from), 3);
  const stride = code.local("i32", context.lineStride(line, plan.row.name));
  const row = w("i32.add", cursor.firstRow, cursor.tile);
  const origin = context.lineBase(line, [plan.row.name, feature.name]);
  const first = w("i32.add", origin, w("i32.mul", stride, row));
  const panels = context.panelsOf(frame.extent(feature.size));
  const out = w("i32.add", sums, w("i32.mul", w("i32.shl", cursor.from, 3), bytes));
  const right = [first, stride, panels, cursor.count] as const;
  callLibrary(code, "scatter", left, columns, ...right, out, bytes);
}

/** Sums of a matrix along its other side, times each row's or column's own line. */
export function sumOwn(
  tiles: Tiles,
  side: "row" | "column",
  { matrix, line, feature, sums, bytes }: Operands,
): void {
  const { context } = tiles;
  const { made, plan, cursor } = context;
  const { code, frame } = made;
  const { first, columns } = context.columnsAtHand();
  const isRow = side === "row";
  const axis = isRow ? plan.row : plan.column;
  const stride = code.local("i32", context.lineStride(line, axis.name));
  const origin = code.local("i32", context.lineBase(line, [axis.name, feature.name]));
  const end = code.local("i32", w("i32.add", first, columns));
  const features = frame.extent(feature.size);
  const base = code.local("i32", matrix);
  const [x, y, total] = [code.local("i32"), code.local("i32"), code.local("f64")];
  const zero = constant("i32", 0);
  const [low, high] = isRow ? [zero, get(cursor.count)] : [get(first), get(end)];
  const [from, to] = isRow ? [get(first), get(end)] : [zero, get(cursor.count)];
  // Places of the sums, and of the lines: rows of the block, columns of the tile.
  const offset = isRow ? get(cursor.tile) : zero;
  const start = isRow ? w("i32.add", cursor.firstRow, cursor.tile) : get(cursor.firstColumn);
  const inOrder = w("i32.add", start, x);
  const place = isRow ? inOrder : (tiles.listed?.column(x) ?? inOrder);
  code.range(x, low, high, 1, () => {
    code.set(total, 0);
    code.range(y, from, to, 1, () => {
      const [row, column] = isRow ? [x, y] : [y, x];
      const place = w("i32.add", w("i32.mul", row, rowBytes), w("i32.shl", column, 2));
      const number = load("f32.load", w("i32.add", base, place));
      code.set(total, w("f64.add", total, w("f64.promote_f32", number)));
    });
    moveLine(code, {
      to: w("i32.add", sums, w("i32.mul", bytes, w("i32.add", offset, x))),
      from: w("i32.add", origin, w("i32.mul", stride, place)),
      factor: code.local("v128", w("f32x4.splat", w("f32.demote_f64", total))),
      features,
      adds: true,
    });
  });
}
