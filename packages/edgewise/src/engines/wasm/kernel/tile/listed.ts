/**
 * Folds whose edges are lists, by tiles of the columns that rows have: for rows that are done
 * together, their columns side by side in rising order, and for every edge the place of its column
 * among these. Both are made once a call, before the fold (`merge.ts`). A tile then costs what it
 * would with columns in order, and there are no more tiles than the rows' edges can fill.
 */
import type { ListSupport } from "../../../../ir/program.ts";
import { get, type Local, load, type Value, w } from "../../assembler/code.ts";
import type { Bindings } from "../frame.ts";
import type { Temporary } from "../kernel.ts";
import { extend, type TileContext } from "./context.ts";
import { blockRows, panelWidth, rowBytes, tileRows } from "./geometry.ts";
import type { TilePlan } from "./plan.ts";

/** What is known of rows that are done together, at the tile of the first one: bytes from there. */
export const listCounts = { columns: 0, edges: 4, rows: 8, bytes: 12 } as const;

/** Working memory of a step: columns of rows, places of edges, and counts. */
export function listedTemporaries({ edges, row }: TilePlan): readonly Temporary[] {
  const { list } = edges;
  if (list === undefined) return [];
  const listed = (b: Bindings): number => 4 * (b.shape(list.alternative)[0] ?? 0);
  return [
    { name: "tile columns", bytes: listed, zeroed: false },
    { name: "edge places", bytes: listed, zeroed: false },
    {
      name: "tile counts",
      bytes: (b) => listCounts.bytes * Math.ceil(b.extent(row.size) / tileRows),
      zeroed: false,
    },
  ];
}

/** Bytes from one row's run to the next one's. */
const runBytes = 8;

/** What a tile's edges are: every row has all columns, or each has a run of them, or neither. */
export interface Marked {
  readonly isAll: Local;
  readonly areRuns: Local;
}

/** What a tiled kernel does with the columns of its lists. */
export class Listed {
  private readonly context: TileContext;
  private readonly list: ListSupport;
  /** Next edge of each row that is at hand. */
  private readonly next: Local;
  /** Of each row of the tile, where its edges are side by side: the place of the first, and past the last. */
  private readonly runs: Local;
  private readonly columns: Local;
  private readonly counts: Local;

  constructor(context: TileContext, list: ListSupport) {
    this.context = context;
    this.list = list;
    this.next = context.made.frame.scratch("next edges", () => 4 * blockRows);
    this.runs = context.made.frame.scratch("runs", () => runBytes * tileRows);
    this.columns = context.made.code.local("i32");
    this.counts = context.made.code.local("i32");
  }

  /** How many rows are done together from the cursor on. */
  rows(): Value {
    const { made, cursor } = this.context;
    const tile = w("i32.mul", w("i32.div_u", cursor.firstRow, tileRows), listCounts.bytes);
    made.code.set(this.counts, w("i32.add", made.frame.temporary("tile counts"), tile));
    return load("i32.load", this.counts, listCounts.rows);
  }

  /** Begins with these rows, and counts their edges; how many columns they have. */
  begin(): Local {
    const { made, cursor, isCountedByBounds } = this.context;
    const { code, frame } = made;
    const r = code.local("i32");
    const starts = code.local("i32", this.rowStarts(cursor.firstRow));
    code.range(r, 0, cursor.rows, 1, () => {
      const at = w("i32.shl", r, 2);
      const start = load("i32.load", w("i32.add", starts, at));
      code.store("i32.store", w("i32.add", this.next, at), start);
    });
    const first = w("i32.shl", load("i32.load", starts), 2);
    code.set(this.columns, w("i32.add", frame.temporary("tile columns"), first));
    const edges = load("i32.load", this.counts, listCounts.edges);
    if (isCountedByBounds) this.context.count(w("f64.convert_i32_s", edges));
    return code.local("i32", load("i32.load", this.counts, listCounts.columns));
  }

  private rowStarts(row: Local): Value {
    const { frame } = this.context.made;
    return w("i32.add", frame.address(this.list.rowStart), w("i32.shl", row, 2));
  }

  /** Address of the tile's first column in the list of columns. */
  get first(): Value {
    return w("i32.add", this.columns, w("i32.shl", this.context.cursor.firstColumn, 2));
  }

  /** Which column stands at a place of the tile. */
  column(place: Local): Value {
    return load("i32.load", w("i32.add", this.first, w("i32.shl", place, 2)));
  }

  /**
   * Sets the panels in which any row of the tile has a column, and says which edges there are: by
   * runs, or else by a matrix.
   */
  mark(matrix: Value): Marked {
    const { made, cursor } = this.context;
    const { code } = made;
    const r = code.local("i32");
    const starts = code.local("i32", this.rowStarts(cursor.firstRow));
    this.setPanels(starts);
    const [areRuns, isAll] = [code.local("i32", 1), code.local("i32")];
    // With columns behind the last one, no row has them all.
    code.set(isAll, w("i32.le_s", w("i32.shl", cursor.to, 3), cursor.columns));
    code.range(r, 0, cursor.count, 1, () => this.findRun(r, starts, { areRuns, isAll }));
    code.set(isAll, w("i32.and", isAll, areRuns));
    const base = code.local("i32", matrix);
    code.range(r, 0, cursor.count, 1, () => {
      const { at, last, next } = this.edgesOf(r, starts);
      code.if(
        areRuns,
        () => {
          const run = code.local("i32", this.runOf(r));
          const count = w("i32.sub", load("i32.load", run, 4), load("i32.load", run));
          code.set(next, w("i32.add", next, count));
        },
        () => this.markRow(w("i32.add", base, w("i32.mul", r, rowBytes)), next, last),
      );
      code.store("i32.store", w("i32.add", this.next, at), next);
    });
    return { isAll, areRuns };
  }

  /** Keeps the run that a row's edges in the tile are, if they are one. */
  private findRun(r: Local, starts: Local, { areRuns, isAll }: Marked): void {
    const { made, cursor } = this.context;
    const { code } = made;
    const { last, next } = this.edgesOf(r, starts);
    const [low, high] = [code.local("i32", 0), code.local("i32", 0)];
    const end = code.local("i32", w("i32.add", cursor.firstColumn, cursor.columns));
    code.if(w("i32.lt_s", next, last), () => {
      const place = code.local("i32", this.placeOf(get(next)));
      code.if(w("i32.lt_s", place, end), () => {
        const count = code.local("i32", w("i32.sub", end, place));
        extend(code, count, "lt", code.local("i32", w("i32.sub", last, next)));
        const final = this.placeOf(w("i32.sub", w("i32.add", next, count), 1));
        const isRun = w("i32.eq", w("i32.sub", final, place), w("i32.sub", count, 1));
        // Edges outside of their row's interval have a place before all.
        code.if(
          w("i32.and", isRun, w("i32.ge_s", place, 0)),
          () => {
            code.set(low, place);
            code.set(high, w("i32.add", place, count));
          },
          () => code.set(areRuns, 0),
        );
      });
    });
    const run = code.local("i32", this.runOf(r));
    code.store("i32.store", run, low);
    code.store("i32.store", run, high, 4);
    const column = (panel: Local): Value =>
      w("i32.add", cursor.firstColumn, w("i32.shl", panel, 3));
    const begins = w("i32.le_s", low, column(cursor.from));
    const goesOn = w("i32.ge_s", high, column(cursor.to));
    code.set(isAll, w("i32.and", isAll, w("i32.and", begins, goesOn)));
  }

  private runOf(r: Local): Value {
    return w("i32.add", this.runs, w("i32.mul", r, runBytes));
  }

  /** Ends of a row's run, by place. */
  boundsOf(r: Local): readonly [Local, Local] {
    const { code } = this.context.made;
    const run = code.local("i32", this.runOf(r));
    const end = (k: number): Local => code.local("v128", load("v128.load32_splat", run, 4 * k));
    return [end(0), end(1)];
  }

  private setPanels(starts: Local): void {
    const { made, cursor, isBounded } = this.context;
    const { code } = made;
    const [low, high] = [code.local("i32", 0), code.local("i32", cursor.columns)];
    // The last edge of a bounded row may not be its own.
    if (!isBounded) {
      code.set(low, cursor.columns);
      code.set(high, 0);
      const r = code.local("i32");
      code.range(r, 0, cursor.count, 1, () => {
        const { last, next } = this.edgesOf(r, starts);
        code.if(w("i32.lt_s", next, last), () => {
          const column = (edge: Value): Local =>
            code.local("i32", w("i32.sub", this.placeOf(edge), cursor.firstColumn));
          extend(code, low, "lt", column(get(next)));
          const end = column(w("i32.sub", last, 1));
          code.set(end, w("i32.add", end, 1));
          extend(code, high, "gt", end);
        });
      });
      code.if(w("i32.gt_s", high, cursor.columns), () => code.set(high, cursor.columns));
    }
    code.set(cursor.from, w("i32.shr_u", low, 3));
    code.set(cursor.to, w("i32.shr_u", w("i32.add", high, panelWidth - 1), 3));
  }

  /** Next edge of a row of the tile, and the one past its last. */
  private edgesOf(r: Local, starts: Local): { at: Local; last: Local; next: Local } {
    const { made, cursor } = this.context;
    const { code } = made;
    const at = code.local("i32", w("i32.shl", w("i32.add", cursor.tile, r), 2));
    const last = code.local("i32", load("i32.load", w("i32.add", starts, at), 4));
    const next = code.local("i32", load("i32.load", w("i32.add", this.next, at)));
    return { at, last, next };
  }

  private placeOf(edge: Value): Value {
    const { frame } = this.context.made;
    const bytes = w("i32.shl", edge, 2);
    return load("i32.load", w("i32.add", frame.temporary("edge places"), bytes));
  }

  private markRow(row: Value, next: Local, last: Local): void {
    const { made, cursor } = this.context;
    const { code } = made;
    const marks = code.local("i32", row);
    const end = code.local("i32", w("i32.add", cursor.firstColumn, cursor.columns));
    const place = code.local("i32");
    const look = (): void => {
      code.set(place, end);
      code.if(w("i32.lt_s", next, last), () => code.set(place, this.placeOf(get(next))));
    };
    const first = w("i32.add", marks, w("i32.shl", cursor.from, 5));
    const bytes = w("i32.shl", w("i32.sub", cursor.to, cursor.from), 5);
    code.if(w("i32.gt_s", cursor.to, cursor.from), () => code.run("memory.fill", first, 0, bytes));
    look();
    code.while(
      () => w("i32.lt_s", place, end),
      () => {
        code.if(w("i32.ge_s", place, 0), () =>
          code.store("i32.store", this.markAt(marks, place), -1),
        );
        code.set(next, w("i32.add", next, 1));
        look();
      },
    );
  }

  private markAt(marks: Local, place: Local): Value {
    const column = w("i32.sub", place, this.context.cursor.firstColumn);
    return w("i32.add", marks, w("i32.shl", column, 2));
  }
}
