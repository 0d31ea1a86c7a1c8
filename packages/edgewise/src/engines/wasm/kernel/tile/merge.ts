/**
 * The columns of rows that are done together, in rising order, and the place of every edge among
 * them: rows of a tile, or all of a block where these have nearly the same ones.
 */
import { type Expr, freeAxes } from "../../../../ir/expr.ts";
import { boundsOf, type ListSupport } from "../../../../ir/program.ts";
import {
  type Code,
  get,
  type Local,
  load,
  select,
  type Value,
  w,
  withImmediates,
} from "../../assembler/code.ts";
import { interval } from "../edges.ts";
import type { Bindings } from "../frame.ts";
import { type Kernel, type Writer, writer } from "../kernel.ts";
import type { TileOptions } from "./context.ts";
import { blockRows, tileRows } from "./geometry.ts";
import { listCounts } from "./listed.ts";
import { NotTiled, type TilePlan } from "./plan.ts";
import { blocking } from "./tiles.ts";

/** Behind every column. */
const none = 0x7fffffff;
/** So many columns a tile's rows may span for each of their edges, to be looked at one by one. */
const mostSpread = 16;
/** What it costs to pack a column, in edges of as many features. */
const packing = 16;

const at = (table: Local | Value, k: Local | Value): Value =>
  w("i32.add", table, w("i32.shl", k, 2));

/**
 * Kernel of a task for each block of rows.
 *
 * @throws NotTiled where intervals of rows differ from head to head
 */
export function mergeKernel(name: string, plan: TilePlan, { storage }: TileOptions): Kernel {
  const isOuter = (e: Expr): boolean => plan.outer.some((axis) => freeAxes(e).has(axis.name));
  if (boundsOf(plan.edges).some(isOuter))
    throw new NotTiled("its lists are cut differently for each head");
  const made = writer(name, storage);
  new Merge(made, plan).write();
  const { code, frame, checkedLoads } = made;
  const list = plan.edges.list as ListSupport;
  return {
    ...{ code, slots: frame.slots, scratches: frame.scratches, checkedLoads, owned: [] },
    tasks: (b) => blocking(b.extent(plan.row.size)).blocks,
    work: (b: Bindings) => 4 * (b.shape(list.alternative)[0] ?? 0),
    ...{ defines: [], overwrites: new Set(), counts: undefined, logWeight: undefined },
  };
}

class Merge {
  private readonly made: Writer;
  private readonly code: Code;
  private readonly plan: TilePlan;
  private readonly list: ListSupport;
  private readonly isBounded: boolean;
  /** Of each row: the column of its next edge, that edge, the one past its last, its interval. */
  private readonly heads: Local;
  private readonly next: Local;
  private readonly ends: Local;
  private readonly lows: Local;
  private readonly highs: Local;
  /** Places of the columns that the rows span. */
  private readonly spread: Local;
  /** First of the rows that are done together, and how many there are. */
  private readonly firstRow: Local;
  private readonly rows: Local;
  private readonly columns: Local;
  private readonly count: Local;
  private readonly found: Local;

  constructor(made: Writer, plan: TilePlan) {
    const { code, frame } = made;
    this.made = made;
    this.code = code;
    this.plan = plan;
    this.list = plan.edges.list as ListSupport;
    this.isBounded = boundsOf(plan.edges).length > 0;
    const table = (name: string): Local => frame.scratch(name, () => 4 * blockRows);
    this.heads = table("heads");
    this.next = table("next");
    this.ends = table("ends");
    this.lows = table("lows");
    this.highs = table("highs");
    this.spread = frame.scratch("spread", (b) => 4 * b.extent(plan.column.size));
    this.firstRow = code.local("i32");
    this.rows = code.local("i32");
    this.columns = code.local("i32");
    this.count = code.local("i32");
    this.found = code.local("i32");
  }

  write(): void {
    const { code, plan } = this;
    const { frame } = this.made;
    const [task, end, most] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const rowsOfBlock = frame.computed(
      "rows of a block",
      (b) => blocking(b.extent(plan.row.size)).rowsOfBlock,
    );
    code.range(task, code.params[1] as Local, code.params[2] as Local, 1, () => {
      code.set(this.firstRow, w("i32.mul", task, rowsOfBlock));
      code.set(end, w("i32.add", this.firstRow, rowsOfBlock));
      const isLast = w("i32.gt_s", end, frame.extent(plan.row.size));
      code.if(isLast, () => code.set(end, frame.extent(plan.row.size)));
      // Bounded rows are done by tiles: their first edges may not be theirs.
      code.set(most, this.isBounded ? tileRows : blockRows);
      code.while(
        () => w("i32.lt_s", this.firstRow, end),
        () => {
          code.set(this.rows, w("i32.sub", end, this.firstRow));
          code.if(w("i32.gt_s", this.rows, most), () => code.set(this.rows, most));
          this.together(most);
        },
      );
    });
  }

  /** Rows that are done together, if it is worth it; less of them the next time if not. */
  private together(most: Local): void {
    const { code } = this;
    const { frame } = this.made;
    const [low, high] = [code.local("i32", none), code.local("i32", 0)];
    const start = load("i32.load", at(frame.address(this.list.rowStart), this.firstRow));
    code.set(this.columns, at(frame.temporary("tile columns"), start));
    for (const counter of [this.count, this.found]) code.set(counter, 0);
    this.begin(low, high);
    const width = code.local("i32", w("i32.sub", high, low));
    const isTile = code.local("i32", w("i32.le_s", this.rows, tileRows));
    const isNarrow = w("i32.le_s", width, w("i32.mul", this.found, mostSpread));
    const isDense = w("i32.le_s", width, this.found);
    const isDone = code.local("i32", 1);
    code.if(
      select(isTile, isNarrow, isDense),
      () => {
        this.spreadOut(low, width);
        if (!this.isBounded) code.if(w("i32.eqz", isTile), () => code.set(isDone, this.pays()));
      },
      () =>
        code.if(
          isTile,
          () => this.merge(),
          () => code.set(isDone, 0),
        ),
    );
    code.if(
      isDone,
      () => {
        const tile = w("i32.div_u", this.firstRow, tileRows);
        const counts = code.local(
          "i32",
          w("i32.add", frame.temporary("tile counts"), w("i32.mul", tile, listCounts.bytes)),
        );
        code.store("i32.store", counts, this.count, listCounts.columns);
        code.store("i32.store", counts, this.found, listCounts.edges);
        code.store("i32.store", counts, this.rows, listCounts.rows);
        code.set(this.firstRow, w("i32.add", this.firstRow, this.rows));
      },
      () => code.set(most, tileRows),
    );
  }

  /**
   * Whether a block is done sooner as one: columns are packed once for all of its tiles, but each
   * tile takes all those between its first and its last one. Its tiles alone would pack and take
   * no fewer than a row has on average.
   */
  private pays(): Value {
    const { code } = this;
    const [tile, last, r] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const cost = code.local("i32", w("i32.mul", this.count, packing));
    code.range(tile, 0, this.rows, tileRows, () => {
      const [from, to] = [code.local("i32", none), code.local("i32", -1)];
      code.set(last, w("i32.add", tile, tileRows));
      code.if(w("i32.gt_s", last, this.rows), () => code.set(last, this.rows));
      code.range(r, tile, last, 1, () => {
        const start = code.local("i32", load("i32.load", at(this.next, r)));
        const end = code.local("i32", load("i32.load", at(this.ends, r)));
        code.if(w("i32.lt_s", start, end), () => {
          const first = code.local("i32", this.placeOf(start));
          const final = code.local("i32", this.placeOf(w("i32.sub", end, 1)));
          code.if(w("i32.lt_s", first, from), () => code.set(from, first));
          code.if(w("i32.gt_s", final, to), () => code.set(to, final));
        });
      });
      code.if(w("i32.ge_s", to, 0), () => {
        const span = w("i32.add", w("i32.sub", to, from), 1);
        code.set(cost, w("i32.add", cost, w("i32.mul", span, tileRows)));
      });
    });
    const apart = w("i32.mul", w("i32.div_u", this.found, tileRows), tileRows + packing);
    return w("i32.le_s", cost, apart);
  }

  private placeOf(edge: Local | Value): Value {
    return load("i32.load", at(this.made.frame.temporary("edge places"), edge));
  }

  /** First edges of the rows, the columns that they span, and how many edges there are. */
  private begin(low: Local, high: Local): void {
    const { code } = this;
    const { frame, scalars } = this.made;
    const [r, i, edges] = [code.local("i32"), code.local("i32"), code.local("i32", 0)];
    // The least head of a tile is looked for among all of its rows.
    const end = code.local("i32", this.rows);
    code.if(w("i32.lt_s", end, tileRows), () => code.set(end, tileRows));
    code.range(r, 0, end, 1, () => {
      code.store("i32.store", at(this.heads, r), none);
      code.if(w("i32.lt_s", r, this.rows), () => {
        code.set(i, w("i32.add", this.firstRow, r));
        scalars.inside({ [this.plan.row.name]: i }, boundsOf(this.plan.edges), () => {
          const starts = code.local("i32", at(frame.address(this.list.rowStart), i));
          const start = code.local("i32", load("i32.load", starts));
          const end = code.local("i32", load("i32.load", starts, 4));
          code.store("i32.store", at(this.next, r), start);
          code.store("i32.store", at(this.ends, r), end);
          code.set(edges, w("i32.add", edges, w("i32.sub", end, start)));
          if (this.isBounded) {
            const ends = interval(scalars, this.plan.edges, this.plan.column.size);
            code.store("i32.store", at(this.lows, r), ends.low);
            code.store("i32.store", at(this.highs, r), ends.high);
          }
          code.if(w("i32.lt_s", start, end), () => {
            const first = code.local("i32", this.columnOf(start));
            const last = code.local("i32", this.columnOf(w("i32.sub", end, 1)));
            code.if(w("i32.lt_s", first, low), () => code.set(low, first));
            code.if(w("i32.ge_s", last, high), () => code.set(high, w("i32.add", last, 1)));
          });
        });
      });
    });
    code.set(this.found, edges);
  }

  private columnOf(edge: Local | Value): Value {
    return load("i32.load", at(this.made.frame.address(this.list.alternative), edge));
  }

  private isInside(r: Local, column: Local): Value {
    const isAbove = w("i32.ge_s", column, load("i32.load", at(this.lows, r)));
    return w("i32.and", isAbove, w("i32.lt_s", column, load("i32.load", at(this.highs, r))));
  }

  private setPlace(edge: Local, place: Local | number): void {
    const { code } = this;
    code.store("i32.store", at(this.made.frame.temporary("edge places"), edge), place);
  }

  /** Columns that are near each other: each is marked, then they are numbered in order. */
  private spreadOut(low: Local, width: Local): void {
    const { code } = this;
    const [c, place] = [code.local("i32"), code.local("i32")];
    code.if(w("i32.gt_s", width, 0), () =>
      code.run("memory.fill", this.spread, 0, w("i32.shl", width, 2)),
    );
    const placeOf = (column: Local | Value): Value => at(this.spread, w("i32.sub", column, low));
    this.eachRow(
      (first, count) =>
        code.run("memory.fill", placeOf(this.columnOf(first)), 1, w("i32.shl", count, 2)),
      (_edge, column) => code.store("i32.store", placeOf(column), 1),
    );
    code.range(c, 0, width, 1, () => {
      code.set(place, at(this.spread, c));
      code.if(load("i32.load", place), () => {
        code.store("i32.store", at(this.columns, this.count), w("i32.add", low, c));
        code.store("i32.store", place, this.count);
        code.set(this.count, w("i32.add", this.count, 1));
      });
    });
    code.set(this.found, 0);
    this.eachRow(
      (first, count) => {
        // Every column of a run is there, so their places are a run too.
        const from = placeOf(this.columnOf(first));
        const to = at(this.made.frame.temporary("edge places"), first);
        const bytes = w("i32.shl", count, 2);
        code.run("memory.copy", to, from, bytes);
        code.set(this.found, w("i32.add", this.found, count));
      },
      (edge, column) => {
        this.setPlace(edge, code.local("i32", load("i32.load", placeOf(column))));
        code.set(this.found, w("i32.add", this.found, 1));
      },
      (edge) => this.setPlace(edge, -1),
    );
  }

  /** Rows whose columns are a run as such, the edges of others one by one. */
  private eachRow(
    visitRun: (first: Local, count: Local) => void,
    visit: (edge: Local, column: Local) => void,
    outside: (edge: Local) => void = () => {},
  ): void {
    const { code } = this;
    const [r, e, j] = [code.local("i32"), code.local("i32"), code.local("i32")];
    code.range(r, 0, this.rows, 1, () => {
      const end = code.local("i32", load("i32.load", at(this.ends, r)));
      const first = code.local("i32", load("i32.load", at(this.next, r)));
      const count = code.local("i32", w("i32.sub", end, first));
      const eachEdge = (): void =>
        code.range(e, first, end, 1, () => {
          code.set(j, this.columnOf(e));
          if (!this.isBounded) visit(e, j);
          else
            code.if(
              this.isInside(r, j),
              () => visit(e, j),
              () => outside(e),
            );
        });
      if (this.isBounded) {
        eachEdge();
        return;
      }
      code.if(w("i32.gt_s", count, 0), () => {
        const last = this.columnOf(w("i32.sub", end, 1));
        const spread = w("i32.sub", last, this.columnOf(first));
        code.if(
          w("i32.eq", spread, w("i32.sub", count, 1)),
          () => visitRun(first, count),
          eachEdge,
        );
      });
    });
  }

  /** Columns that are far apart: the least one that any row still has is the next. */
  private merge(): void {
    const { code } = this;
    const [r, least, edge] = [code.local("i32"), code.local("i32"), code.local("i32")];
    code.set(this.found, 0);
    code.range(r, 0, this.rows, 1, () => this.advance(r));
    this.setLeast(least);
    code.while(
      () => w("i32.lt_s", least, none),
      () => {
        code.store("i32.store", at(this.columns, this.count), least);
        code.range(r, 0, this.rows, 1, () =>
          code.if(w("i32.eq", load("i32.load", at(this.heads, r)), least), () => {
            code.set(edge, load("i32.load", at(this.next, r)));
            this.setPlace(edge, this.count);
            code.store("i32.store", at(this.next, r), w("i32.add", edge, 1));
            code.set(this.found, w("i32.add", this.found, 1));
            this.advance(r);
          }),
        );
        code.set(this.count, w("i32.add", this.count, 1));
        this.setLeast(least);
      },
    );
  }

  /** The head of a row becomes the column of its next edge inside of its interval. */
  private advance(r: Local): void {
    const { code } = this;
    const [e, j] = [code.local("i32", load("i32.load", at(this.next, r))), code.local("i32", -1)];
    code.while(
      () => w("i32.eq", j, -1),
      () => {
        code.set(j, none);
        code.if(w("i32.lt_s", e, load("i32.load", at(this.ends, r))), () => {
          code.set(j, this.columnOf(e));
          if (!this.isBounded) return;
          code.if(w("i32.eqz", this.isInside(r, j)), () => {
            this.setPlace(e, -1);
            code.set(e, w("i32.add", e, 1));
            code.set(j, -1);
          });
        });
      },
    );
    code.store("i32.store", at(this.next, r), e);
    code.store("i32.store", at(this.heads, r), j);
  }

  private setLeast(least: Local): void {
    const { code } = this;
    const four = (k: number): Value => load("v128.load", this.heads, 16 * k);
    const rest = Array.from({ length: tileRows / 4 - 1 }, (_, k) => four(k + 1));
    const all = code.local(
      "v128",
      rest.reduce((a, b) => w("i32x4.min_s", a, b), four(0)),
    );
    const lane = (k: number): Value => withImmediates("i32x4.extract_lane", [k], get(all));
    code.set(least, lane(0));
    for (const k of [1, 2, 3]) {
      const other = code.local("i32", lane(k));
      code.if(w("i32.lt_s", other, least), () => code.set(least, other));
    }
  }
}
