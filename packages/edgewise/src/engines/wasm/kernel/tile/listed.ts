/**
 * Folds whose edges are lists, by tiles of the columns that rows have: for every tile of rows, its
 * columns side by side in rising order, and for every edge the place of its column among these. Both
 * are made once a call, before the fold (`merge.ts`). A tile then costs what it would with columns in order, and
 * there are no more tiles than the rows' edges can fill.
 */
import type { ListSupport } from "../../../../ir/program.ts";
import { get, type Local, load, type Value, w } from "../../assembler/code.ts";
import type { Bindings } from "../frame.ts";
import type { Temporary } from "../kernel.ts";
import type { TileContext } from "./context.ts";
import { panelWidth, rowBytes, tileRows } from "./geometry.ts";
import type { TilePlan } from "./plan.ts";

/** Working memory of a step: columns of tiles, places of edges, and two counts for each tile. */
export function listedTemporaries({ edges, row }: TilePlan): readonly Temporary[] {
  const { list } = edges;
  if (list === undefined) return [];
  const listed = (b: Bindings): number => 4 * (b.shape(list.alternative)[0] ?? 0);
  return [
    { name: "tile columns", bytes: listed, zeroed: false },
    { name: "edge places", bytes: listed, zeroed: false },
    {
      name: "tile counts",
      bytes: (b) => 8 * Math.ceil(b.extent(row.size) / tileRows),
      zeroed: false,
    },
  ];
}

/** What a tiled kernel does with the columns of its lists. */
export class Listed {
  private readonly context: TileContext;
  private readonly list: ListSupport;
  /** Next edge of each row of the tile. */
  private readonly next: Local;
  private readonly columns: Local;

  constructor(context: TileContext, list: ListSupport) {
    this.context = context;
    this.list = list;
    this.next = context.made.frame.scratch("next edges", () => 4 * tileRows);
    this.columns = context.made.code.local("i32");
  }

  /** Begins a tile of rows, and counts its edges; how many columns it has. */
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
    const tile = w("i32.shl", w("i32.div_u", cursor.firstRow, tileRows), 3);
    const counts = code.local("i32", w("i32.add", frame.temporary("tile counts"), tile));
    if (isCountedByBounds) this.context.count(w("f64.convert_i32_s", load("i32.load", counts, 4)));
    return code.local("i32", load("i32.load", counts));
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

  /** Fills the matrix of the tile's edges; whether every row has all of its columns. */
  mark(matrix: Value): Local {
    const { made, plan, cursor } = this.context;
    const { code } = made;
    const [r, whole] = [code.local("i32"), code.local("i32", 0)];
    const starts = code.local("i32", this.rowStarts(cursor.firstRow));
    const rest = code.local("i32", w("i32.and", cursor.columns, panelWidth - 1));
    code.range(r, 0, cursor.count, 1, () => {
      const { last, next } = this.edgesOf(r, starts);
      code.set(whole, w("i32.add", whole, this.isFull(get(next), last)));
    });
    // Without any column behind the last one, a tile of whole rows needs no marks.
    const isAll = code.local("i32", w("i32.eq", whole, cursor.count));
    code.set(isAll, w("i32.and", isAll, w("i32.eqz", rest)));
    const base = code.local("i32", matrix);
    code.range(r, 0, cursor.count, 1, () => {
      const { at, last, next } = this.edgesOf(r, starts);
      const mark = (): void =>
        this.markRow(w("i32.add", base, w("i32.mul", r, rowBytes)), next, last);
      // A condition may still look at edges one by one.
      if (plan.edges.where !== undefined) mark();
      else code.if(isAll, () => code.set(next, w("i32.add", next, cursor.columns)), mark);
      code.store("i32.store", w("i32.add", this.next, at), next);
    });
    return isAll;
  }

  /** Next edge of a row, and the one past its last. */
  private edgesOf(r: Local, starts: Local): { at: Local; last: Local; next: Local } {
    const { code } = this.context.made;
    const at = code.local("i32", w("i32.shl", r, 2));
    const last = code.local("i32", load("i32.load", w("i32.add", starts, at), 4));
    const next = code.local("i32", load("i32.load", w("i32.add", this.next, at)));
    return { at, last, next };
  }

  private placeOf(edge: Value): Value {
    const { frame } = this.context.made;
    const bytes = w("i32.shl", edge, 2);
    return load("i32.load", w("i32.add", frame.temporary("edge places"), bytes));
  }

  /** Whether a row has all columns of the tile: places rise, so the first and the last one tell. */
  private isFull(next: Value, last: Local): Value {
    const { made, cursor } = this.context;
    const { code } = made;
    const isFull = code.local("i32", 0);
    const end = code.local("i32", w("i32.add", next, cursor.columns));
    code.if(w("i32.le_s", end, last), () => {
      const first = w("i32.eq", this.placeOf(next), cursor.firstColumn);
      const lastPlace = w("i32.sub", w("i32.add", cursor.firstColumn, cursor.columns), 1);
      const goesOn = w("i32.eq", this.placeOf(w("i32.sub", end, 1)), lastPlace);
      code.set(isFull, w("i32.and", first, goesOn));
    });
    return get(isFull);
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
    code.run("memory.fill", marks, 0, w("i32.shl", cursor.to, 5));
    look();
    code.if(w("i32.and", w("i32.ge_s", place, 0), w("i32.lt_s", place, end)), () =>
      this.markRun(marks, next, { last, place, end }, look),
    );
    code.while(
      () => w("i32.lt_s", place, end),
      () => {
        // Edges outside of their row's interval have a place before all.
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

  /** Columns of a row that stand side by side to the end of the tile or of the row, at once. */
  private markRun(
    marks: Local,
    next: Local,
    { last, place, end }: { last: Local; place: Local; end: Local },
    look: () => void,
  ): void {
    const { code } = this.context.made;
    const [count, rest] = [
      code.local("i32", w("i32.sub", end, place)),
      code.local("i32", w("i32.sub", last, next)),
    ];
    code.if(w("i32.lt_s", rest, count), () => code.set(count, rest));
    const final = this.placeOf(w("i32.sub", w("i32.add", next, count), 1));
    code.if(w("i32.eq", w("i32.sub", final, place), w("i32.sub", count, 1)), () => {
      code.run("memory.fill", this.markAt(marks, place), 255, w("i32.shl", count, 2));
      code.set(next, w("i32.add", next, count));
      look();
    });
  }
}
