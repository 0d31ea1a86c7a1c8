/**
 * Columns of folds whose edges are lists: those that any row of the block has, side by side, and a
 * matrix that says which rows have which of them. A tile then costs what it would with columns in
 * order, and there are no more tiles than the rows' edges can fill.
 */
import type { ListSupport } from "../../../../ir/program.ts";
import { type Local, load, type Value, w } from "../../assembler/code.ts";
import type { TileContext } from "./context.ts";
import { rowBytes } from "./geometry.ts";
import type { Rows } from "./rows.ts";

export class Listed {
  private readonly context: TileContext;
  private readonly list: ListSupport;
  private readonly rows: Rows;
  /** The block's columns, and the place of each in them. */
  private readonly chosen: Local;
  private readonly places: Local;

  constructor(context: TileContext, list: ListSupport, rows: Rows) {
    const { made, plan } = context;
    this.context = context;
    this.list = list;
    this.rows = rows;
    this.chosen = made.frame.scratch("chosen", (b) => 4 * b.extent(plan.column.size));
    this.places = made.frame.scratch("places of columns", (b) => 4 * b.extent(plan.column.size));
  }

  /** Collects the block's columns and counts its edges; how many columns there are. */
  collect(): Local {
    const { made, cursor, isCountedByBounds } = this.context;
    const { code } = made;
    const [count, edges] = [code.local("i32", 0), code.local("i32", 0)];
    this.eachEdge(cursor.rows, code.local("i32", 0), (_row, j) => {
      code.set(edges, w("i32.add", edges, 1));
      const place = code.local("i32", w("i32.add", this.places, w("i32.shl", j, 2)));
      const known = code.local("i32", load("i32.load", place));
      // Memory may hold anything: a place is right if what stands there says so.
      const there = load("i32.load", w("i32.add", this.chosen, w("i32.shl", known, 2)));
      const isNew = code.local("i32", w("i32.ge_u", known, count));
      code.if(w("i32.eqz", isNew), () => code.set(isNew, w("i32.ne", there, j)));
      code.if(isNew, () => {
        code.store("i32.store", place, count);
        code.store("i32.store", w("i32.add", this.chosen, w("i32.shl", count, 2)), j);
        code.set(count, w("i32.add", count, 1));
      });
    });
    if (isCountedByBounds) this.context.count(w("f64.convert_i32_s", edges));
    return count;
  }

  /** Address of the tile's first column in the list of the block's. */
  get first(): Value {
    const { firstColumn } = this.context.cursor;
    return w("i32.add", this.chosen, w("i32.shl", firstColumn, 2));
  }

  /** Which column stands at a place of the tile. */
  column(place: Local): Value {
    return load("i32.load", w("i32.add", this.first, w("i32.shl", place, 2)));
  }

  /** Fills the matrix of the tile's edges; whether every row has all of its columns. */
  mark(matrix: Value): Local {
    const { made, cursor } = this.context;
    const { code } = made;
    const base = code.local("i32", matrix);
    const [r, marked] = [code.local("i32"), code.local("i32", 0)];
    const width = code.local("i32", w("i32.shl", cursor.to, 5));
    code.range(r, 0, cursor.count, 1, () => {
      const row = w("i32.add", base, w("i32.mul", r, rowBytes));
      code.run("memory.fill", row, 0, width);
    });
    this.eachEdge(cursor.count, cursor.tile, (row, j) => {
      const place = load("i32.load", w("i32.add", this.places, w("i32.shl", j, 2)));
      const column = code.local("i32", w("i32.sub", place, cursor.firstColumn));
      code.if(w("i32.lt_u", column, cursor.columns), () => {
        const at = w("i32.add", w("i32.mul", row, rowBytes), w("i32.shl", column, 2));
        code.store("i32.store", w("i32.add", base, at), -1);
        code.set(marked, w("i32.add", marked, 1));
      });
    });
    const all = w("i32.mul", cursor.count, w("i32.shl", cursor.to, 3));
    return code.local("i32", w("i32.eq", marked, all));
  }

  /** Visits the edges of some rows of the block, from the first of them on. */
  private eachEdge(count: Local, first: Local, visit: (row: Local, column: Local) => void): void {
    const { made, cursor, isBounded } = this.context;
    const { code, frame } = made;
    const [r, e, j] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const alternatives = frame.address(this.list.alternative);
    code.range(r, 0, count, 1, () => {
      const row = code.local("i32", w("i32.add", first, r));
      const i = w("i32.add", cursor.firstRow, row);
      const starts = code.local(
        "i32",
        w("i32.add", frame.address(this.list.rowStart), w("i32.shl", i, 2)),
      );
      const end = code.local("i32", load("i32.load", starts, 4));
      const bounds = isBounded ? this.rows.boundsIn(row) : undefined;
      code.range(e, load("i32.load", starts), end, 1, () => {
        code.set(j, load("i32.load", w("i32.add", alternatives, w("i32.shl", e, 2))));
        if (bounds === undefined) {
          visit(r, j);
          return;
        }
        const isInside = bounds
          .map(({ low, high }) => w("i32.and", w("i32.ge_s", j, low), w("i32.lt_s", j, high)))
          .reduce((a, b) => w("i32.or", a, b));
        code.if(isInside, () => visit(r, j));
      });
    });
  }
}
