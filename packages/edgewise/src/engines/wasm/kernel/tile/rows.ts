/** Numbers of the rows of a block, and which columns its rows have. */
import type { LoadExpr } from "../../../../ir/expr.ts";
import { constant, get, type Local, load, select, type Value, w } from "../../assembler/code.ts";
import { interval } from "../edges.ts";
import { extend, type TileContext } from "./context.ts";
import { blockRows, panelWidth, tileColumns, tileRows } from "./geometry.ts";

const tableBytes = (count: number): number => 4 * blockRows * Math.max(1, count);
/** Bytes from one number of a row to the next one. */
const numberBytes: number = 4 * blockRows;
/** Bytes from one interval of a row to the next one: its ends stand apart. */
const spanBytes: number = 2 * numberBytes;

/** Which edges of a row exist: all that are at hand, those between bounds, or those that are marked. */
export type Which = "all" | "bounds" | "marks";

/** What loops over the columns of one row need. */
export interface RowNumbers {
  readonly splats: readonly Local[];
  /** Address of an edge load's first column of this tile. */
  edgeAddress(e: LoadExpr): Local;
  readonly which: Which;
  /** Ends of its intervals, between which its edges exist. */
  readonly bounds: readonly (readonly [Local, Local])[];
}

export class Rows {
  private readonly context: TileContext;
  private readonly numbers: Local;
  private readonly bounds: Local;
  private readonly addresses: Local;
  /** Of each tile and interval: least start, greatest end, greatest start, least end. */
  private readonly ends: Local;

  constructor(context: TileContext) {
    const { made, tables, spans } = context;
    const { frame } = made;
    this.context = context;
    this.numbers = frame.scratch("rows", () => tableBytes(tables.row.length));
    this.bounds = frame.scratch("bounds", () => tableBytes(2 * spans));
    this.addresses = frame.scratch("places", () => tableBytes(tables.loads.length));
    this.ends = frame.scratch("tiles", () => 16 * spans * (blockRows / tileRows));
  }

  /** Fills the tables for the block at hand. */
  prepare(): void {
    const { context } = this;
    const { made, plan, tables, cursor, isBounded } = context;
    const { code, scalars } = made;
    const isListed = plan.edges.list !== undefined;
    if (!isBounded && !isListed && context.isCountedByBounds) this.countAll();
    if (tables.row.length === 0 && tables.loads.length === 0 && !isBounded) return;
    const [r, i] = [code.local("i32"), code.local("i32")];
    code.range(r, 0, cursor.rows, 1, () => {
      code.set(i, w("i32.add", cursor.firstRow, r));
      scalars.inside({ [plan.row.name]: i }, context.roots, () => {
        const at = code.local("i32", w("i32.shl", r, 2));
        tables.row.forEach((kept, k) => {
          const place = w("i32.add", this.numbers, at);
          code.store("f32.store", place, context.kept(kept), numberBytes * k);
        });
        tables.loads.forEach((e, k) => {
          const address = context.lineBase(e, [plan.column.name]);
          code.store("i32.store", w("i32.add", this.addresses, at), address, numberBytes * k);
        });
        if (isBounded) this.setBounds(at);
      });
    });
  }

  private countAll(): void {
    const { made, plan, cursor } = this.context;
    const columns = w("f64.convert_i32_s", made.frame.extent(plan.column.size));
    this.context.count(w("f64.mul", w("f64.convert_i32_s", cursor.rows), columns));
  }

  private setBounds(at: Local): void {
    const { made, plan } = this.context;
    const { code, scalars } = made;
    const { edges, column } = plan;
    const whole = interval(scalars, edges, column.size);
    const parts = edges.spans?.map((span) => interval(scalars, span, column.size));
    (parts ?? [whole]).forEach(({ low, high }, k) => {
      if (parts !== undefined) {
        extend(code, low, "gt", whole.low);
        extend(code, high, "lt", whole.high);
      }
      const place = code.local("i32", w("i32.add", this.bounds, at));
      code.store("i32.store", place, low, spanBytes * k);
      code.store("i32.store", place, high, spanBytes * k + numberBytes);
      if (!this.context.isCountedByBounds || edges.list !== undefined) return;
      const length = select(w("i32.gt_s", high, low), w("i32.sub", high, low), constant("i32", 0));
      this.context.count(w("f64.convert_i32_s", length));
    });
  }

  /** First column of the block, and the one past its last; of each tile, the ends are kept. */
  hull(): readonly [low: Local, high: Local] {
    const { made, plan, cursor, isBounded, spans } = this.context;
    const { code, frame } = made;
    const extent = code.local("i32", frame.extent(plan.column.size));
    if (!isBounded) return [code.local("i32", 0), extent];
    const [low, high] = [code.local("i32", get(extent)), code.local("i32", 0)];
    const place = code.local("i32", get(this.ends));
    code.range(cursor.tile, 0, cursor.rows, tileRows, () => {
      this.context.countRows();
      for (let s = 0; s < spans; s++) {
        const ends = this.endsOfTile(s, extent);
        ends.forEach((end, k) => {
          code.store("i32.store", place, end, 16 * s + 4 * k);
        });
        extend(code, low, "lt", ends[0]);
        extend(code, high, "gt", ends[1]);
      }
      code.set(place, w("i32.add", place, 16 * spans));
    });
    return [low, high];
  }

  private endsOfTile(span: number, extent: Local): readonly [Local, Local, Local, Local] {
    const { made, cursor } = this.context;
    const { code } = made;
    const r = code.local("i32");
    const ends = [
      code.local("i32", get(extent)),
      code.local("i32", 0),
      code.local("i32", 0),
      code.local("i32", get(extent)),
    ] as const;
    code.range(r, 0, cursor.count, 1, () => {
      const at = code.local("i32", w("i32.shl", w("i32.add", cursor.tile, r), 2));
      code.set(at, w("i32.add", at, this.bounds));
      const start = code.local("i32", load("i32.load", at, spanBytes * span));
      const end = code.local("i32", load("i32.load", at, spanBytes * span + numberBytes));
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
    return ends;
  }

  /** Sets the panels in which any row of the tile has a column; whether all rows have all of these. */
  panels(): Local {
    const { made, cursor, isBounded, spans } = this.context;
    const { code } = made;
    const isWhole = code.local("i32", 0);
    if (!isBounded) {
      code.set(cursor.from, 0);
      this.setEnd(cursor.columns);
      code.set(isWhole, w("i32.eqz", w("i32.and", cursor.columns, panelWidth - 1)));
      return isWhole;
    }
    const [low, high] = [code.local("i32", tileColumns), code.local("i32", 0)];
    const tileNumber = w("i32.div_u", cursor.tile, tileRows);
    const place = code.local("i32", w("i32.mul", tileNumber, 16 * spans));
    code.set(place, w("i32.add", place, this.ends));
    const ends = (s: number, k: number): Value =>
      w("i32.sub", load("i32.load", place, 16 * s + 4 * k), cursor.firstColumn);
    for (let s = 0; s < spans; s++) {
      const start = code.local("i32", ends(s, 0));
      const end = code.local("i32", ends(s, 1));
      code.set(start, select(w("i32.lt_s", start, 0), constant("i32", 0), get(start)));
      const beyond = w("i32.gt_s", end, cursor.columns);
      code.set(end, select(beyond, get(cursor.columns), get(end)));
      code.if(w("i32.lt_s", start, end), () => {
        extend(code, low, "lt", start);
        extend(code, high, "gt", end);
      });
    }
    code.set(cursor.from, w("i32.shr_u", low, 3));
    this.setEnd(high);
    for (let s = 0; s < spans; s++) {
      const begins = w("i32.le_s", ends(s, 2), w("i32.shl", cursor.from, 3));
      const goesOn = w("i32.ge_s", ends(s, 3), w("i32.shl", cursor.to, 3));
      code.set(isWhole, w("i32.or", isWhole, w("i32.and", begins, goesOn)));
    }
    return isWhole;
  }

  private setEnd(columns: Local): void {
    const { made, cursor } = this.context;
    made.code.set(cursor.to, w("i32.shr_u", w("i32.add", columns, panelWidth - 1), 3));
  }

  /** Numbers of one row of the block, for the columns of the tile; the run of its edges, in a list. */
  at(row: Local, which: Which, run: readonly [Local, Local] | undefined): RowNumbers {
    const { made, tables, cursor } = this.context;
    const { code } = made;
    const quarter = code.local("i32", w("i32.shl", row, 2));
    const splats = tables.row.map((_, k) => {
      const place = w("i32.add", this.numbers, quarter);
      return code.local("v128", load("v128.load32_splat", place, numberBytes * k));
    });
    const bytes = code.local("i32", w("i32.shl", cursor.firstColumn, 2));
    const places = tables.loads.map((_, k) => {
      const place = load("i32.load", w("i32.add", this.addresses, quarter), numberBytes * k);
      return code.local("i32", w("i32.add", place, bytes));
    });
    return {
      splats,
      edgeAddress: (e) => places[tables.loads.indexOf(e)]!,
      which,
      bounds: which !== "bounds" ? [] : run ? [run] : this.boundsOf(quarter),
    };
  }

  private boundsOf(quarter: Local): readonly (readonly [Local, Local])[] {
    const { made, plan, isBounded, spans } = this.context;
    const { code, frame } = made;
    if (!isBounded) {
      const end = code.local("v128", w("i32x4.splat", frame.extent(plan.column.size)));
      return [[code.local("v128", 0), end]];
    }
    const place = code.local("i32", w("i32.add", this.bounds, quarter));
    return Array.from({ length: spans }, (_, s) => {
      const end = (k: number): Local =>
        code.local("v128", load("v128.load32_splat", place, spanBytes * s + numberBytes * k));
      return [end(0), end(1)] as const;
    });
  }
}
