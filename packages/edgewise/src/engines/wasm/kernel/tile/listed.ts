/**
 * Folds whose edges are lists, by tiles of the columns that rows have: for every tile of rows, its
 * columns side by side in rising order, and for every edge the place of its column among these. Both
 * are made once a call, before the fold. A tile then costs what it would with columns in order, and
 * there are no more tiles than the rows' edges can fill.
 */
import { type Expr, freeAxes } from "../../../../ir/expr.ts";
import { boundsOf, type ListSupport } from "../../../../ir/program.ts";
import { type Local, load, type Value, w } from "../../assembler/code.ts";
import { interval } from "../edges.ts";
import type { Bindings } from "../frame.ts";
import { type Kernel, type Temporary, writer } from "../kernel.ts";
import type { TileContext, TileOptions } from "./context.ts";
import { rowBytes, tileRows } from "./geometry.ts";
import { NotTiled, type TilePlan } from "./plan.ts";

/** Behind every column. */
const none = 0x7fffffff;

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
    const { made, cursor } = this.context;
    const { code, frame } = made;
    const base = code.local("i32", matrix);
    const [r, e, marked] = [code.local("i32"), code.local("i32"), code.local("i32", 0)];
    const width = code.local("i32", w("i32.shl", cursor.to, 5));
    const starts = code.local("i32", this.rowStarts(cursor.firstRow));
    const end = code.local("i32", w("i32.add", cursor.firstColumn, cursor.columns));
    const [last, at, place] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const placeOf = (): Value =>
      load("i32.load", w("i32.add", frame.temporary("edge places"), w("i32.shl", e, 2)));
    code.range(r, 0, cursor.count, 1, () => {
      const row = code.local("i32", w("i32.add", base, w("i32.mul", r, rowBytes)));
      code.run("memory.fill", row, 0, width);
      code.set(at, w("i32.shl", r, 2));
      code.set(last, load("i32.load", w("i32.add", starts, at), 4));
      code.set(e, load("i32.load", w("i32.add", this.next, at)));
      // Places rise along a row; edges outside of its interval have a place before all.
      const goesOn = (): Value => w("i32.and", w("i32.lt_s", e, last), w("i32.lt_s", place, end));
      const look = (): void => code.if(w("i32.lt_s", e, last), () => code.set(place, placeOf()));
      look();
      code.while(goesOn, () => {
        code.if(w("i32.ge_s", place, 0), () => {
          const column = w("i32.shl", w("i32.sub", place, cursor.firstColumn), 2);
          code.store("i32.store", w("i32.add", row, column), -1);
          code.set(marked, w("i32.add", marked, 1));
        });
        code.set(e, w("i32.add", e, 1));
        look();
      });
      code.store("i32.store", w("i32.add", this.next, at), e);
    });
    const all = w("i32.mul", cursor.count, w("i32.shl", cursor.to, 3));
    return code.local("i32", w("i32.eq", marked, all));
  }
}

/**
 * Kernel that merges the lists of each tile's rows: the least column that any row still has is the
 * next one. @throws NotTiled where intervals of rows differ from head to head
 */
export function listedKernel(name: string, plan: TilePlan, { storage }: TileOptions): Kernel {
  const { edges, row, column } = plan;
  const list = edges.list as ListSupport;
  const isOuter = (e: Expr): boolean => plan.outer.some((axis) => freeAxes(e).has(axis.name));
  if (boundsOf(edges).some(isOuter))
    throw new NotTiled("its lists are cut differently for each head");
  const { code, frame, scalars, checkedLoads } = writer(name, storage);
  const bounds = boundsOf(edges);
  const heads = frame.scratch("heads", () => 8 * tileRows);
  const next = frame.scratch("next", () => 4 * tileRows);
  const ends = frame.scratch("ends", () => 8 * tileRows);
  const [task, r, i, rows] = [0, 1, 2, 3].map(() => code.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
  ];
  const [count, found, least, columns] = [0, 1, 2, 3].map(() => code.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
  ];
  const at = (table: Local, k: Local): Value => w("i32.add", table, w("i32.shl", k, 2));
  const [e, j] = [code.local("i32"), code.local("i32")];
  /** Sets the head of a row to the column of its next edge, which is inside of its interval. */
  const advance = (k: Local): void => {
    code.set(j, -1);
    code.set(e, load("i32.load", at(next, k)));
    code.while(
      () => w("i32.eq", j, -1),
      () => {
        code.set(j, none);
        code.if(w("i32.lt_s", e, load("i32.load", at(ends, k))), () => {
          code.set(j, load("i32.load", at(frame.address(list.alternative), e)));
          if (bounds.length === 0) return;
          const low = load("i32.load", at(ends, k), 4 * tileRows);
          const high = load("i32.load", at(heads, k), 4 * tileRows);
          const isInside = w("i32.and", w("i32.ge_s", j, low), w("i32.lt_s", j, high));
          code.if(w("i32.eqz", isInside), () => {
            code.store("i32.store", at(frame.temporary("edge places"), e), -1);
            code.set(e, w("i32.add", e, 1));
            code.set(j, -1);
          });
        });
      },
    );
    code.store("i32.store", at(next, k), e);
    code.store("i32.store", at(heads, k), j);
  };
  code.range(task, code.params[1] as Local, code.params[2] as Local, 1, () => {
    code.set(i, w("i32.mul", task, tileRows));
    code.set(rows, w("i32.sub", frame.extent(row.size), i));
    code.set(columns, load("i32.load", at(frame.address(list.rowStart), i)));
    code.set(columns, at(frame.temporary("tile columns"), columns));
    code.set(count, 0);
    code.set(found, 0);
    code.range(r, 0, tileRows, 1, () => {
      code.store("i32.store", at(heads, r), none);
      code.if(w("i32.lt_s", r, rows), () => {
        scalars.inside({ [row.name]: i }, bounds, () => {
          const starts = code.local("i32", at(frame.address(list.rowStart), i));
          code.store("i32.store", at(next, r), load("i32.load", starts));
          code.store("i32.store", at(ends, r), load("i32.load", starts, 4));
          if (bounds.length === 0) return;
          const { low, high } = interval(scalars, edges, column.size);
          code.store("i32.store", at(ends, r), low, 4 * tileRows);
          code.store("i32.store", at(heads, r), high, 4 * tileRows);
        });
        advance(r);
        code.set(i, w("i32.add", i, 1));
      });
    });
    const smallest = (): void => {
      const four = (k: number): Value => load("v128.load", heads, 16 * k);
      const all = Array.from({ length: tileRows / 4 - 1 }, (_, k) => four(k + 1));
      const vector = code.local(
        "v128",
        all.reduce((a, b) => w("i32x4.min_s", a, b), four(0)),
      );
      const lanes = [0, 1, 2, 3].map((lane) =>
        code.local("i32", { ...w("i32x4.extract_lane", vector), immediates: [lane] }),
      );
      code.set(least, lanes[0]!);
      for (const lane of lanes.slice(1))
        code.if(w("i32.lt_s", lane, least), () => code.set(least, lane));
    };
    smallest();
    code.while(
      () => w("i32.lt_s", least, none),
      () => {
        code.store("i32.store", at(columns, count), least);
        code.range(r, 0, tileRows, 1, () =>
          code.if(w("i32.eq", load("i32.load", at(heads, r)), least), () => {
            const edge = load("i32.load", at(next, r));
            code.store(
              "i32.store",
              at(frame.temporary("edge places"), code.local("i32", edge)),
              count,
            );
            code.store("i32.store", at(next, r), w("i32.add", load("i32.load", at(next, r)), 1));
            code.set(found, w("i32.add", found, 1));
            advance(r);
          }),
        );
        code.set(count, w("i32.add", count, 1));
        smallest();
      },
    );
    const counts = w("i32.add", frame.temporary("tile counts"), w("i32.shl", task, 3));
    code.store("i32.store", counts, count);
    code.store("i32.store", counts, found, 4);
  });
  const work = (b: Bindings): number => 4 * (b.shape(list.alternative)[0] ?? 0);
  return {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads, owned: [] },
    tasks: (b) => Math.ceil(b.extent(row.size) / tileRows),
    ...{ defines: [], overwrites: new Set(), counts: undefined, logWeight: undefined, work },
  };
}
