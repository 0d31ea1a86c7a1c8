/**
 * The loops of every tiled fold: tasks, blocks of rows, tiles of columns, tiles of rows. Which
 * numbers a tile computes and where they go, a body says.
 *
 * A tile is skipped where none of its edges exists, and its edges are looked at one by one only
 * where some exist and some do not.
 */
import type { Expr } from "../../../../ir/expr.ts";
import { constant, get, type Local, select, type Value, w } from "../../assembler/code.ts";
import { count as addCount, pointOf } from "../edges.ts";
import { type Bindings, report } from "../frame.ts";
import { Certainty, type Verdict } from "./certainty.ts";
import { Columns } from "./columns.ts";
import { TileContext, type TileOptions } from "./context.ts";
import { blockRows, panelWidth, rowBytes, tileBytes, tileColumns, tileRows } from "./geometry.ts";
import { Listed } from "./listed.ts";
import { Passes, type TileRow } from "./passes.ts";
import type { TilePlan } from "./plan.ts";
import { Rows, type Which } from "./rows.ts";

/** Visits the rows of a tile. */
export type EachRow = (visit: (row: TileRow) => void) => void;

/** What a fold does in the loops. */
export interface TileBody {
  /** Matrices that a tile keeps besides its pairs. */
  readonly slots: number;
  beginTask(): void;
  beginBlock(): void;
  beginColumns(): void;
  beginTile(): void;
  /** Once the tile's products are made: what all rows have to say to columns. */
  beginRows?(each: EachRow): void;
  /** One row of the tile, some of whose edges may not exist. */
  row(row: TileRow): void;
  endTile(): void;
  endColumns(): void;
  endBlock(): void;
  endTask(): void;
}

/** Lengths of blocks, which depend on the lengths of the fold alone. */
export function blocking(rows: number): { blocks: number; rowsOfBlock: number } {
  const blocks = Math.ceil(rows / blockRows);
  const rowsOfBlock = blocks === 0 ? 0 : tileRows * Math.ceil(Math.ceil(rows / blocks) / tileRows);
  return { blocks, rowsOfBlock };
}

export class Tiles {
  readonly context: TileContext;
  readonly columns: Columns;
  /** Matrices of the tile, one after the other. */
  readonly matrices: Local;
  /** The block's columns, where edges are a list. */
  readonly listed: Listed | undefined;
  private readonly rows: Rows;
  private readonly passes: Passes;
  private readonly none: Local[] = [];

  constructor(name: string, plan: TilePlan, roots: readonly Expr[], options: TileOptions) {
    const context = new TileContext(name, plan, roots, options);
    this.context = context;
    this.rows = new Rows(context);
    const { list } = plan.edges;
    this.listed = list && new Listed(context, list);
    this.columns = new Columns(context, this.listed);
    this.passes = new Passes(context, this.columns, this.none);
    this.matrices = context.made.frame.scratch("matrices", () => 0);
  }

  /** Room for the matrices, once it is known how many there are. */
  private reserve(slots: number): void {
    const { scratches } = this.context.made.frame;
    const k = scratches.findIndex(({ name }) => name === "matrices");
    scratches[k] = { name: "matrices", bytes: () => tileBytes * Math.max(1, slots) + 64 };
  }

  /** Writes the loops around a body; `slices` parts the blocks of a fold among tasks. */
  write(body: TileBody, slices: (b: Bindings) => number): void {
    const { context } = this;
    const { made, plan, cursor, roots } = context;
    const { code, frame, scalars } = made;
    const slots = Math.max(plan.pairs.length, body.slots);
    if (this.listed !== undefined) this.passes.marks = slots;
    this.reserve(slots + 1);
    const length = (b: Bindings): number => b.extent(plan.row.size);
    const blocks = frame.computed("blocks", (b) => blocking(length(b)).blocks);
    const slicesOf = frame.computed("slices", slices);
    const ofSlice = frame.computed("blocks of a slice", (b) =>
      Math.ceil(blocking(length(b)).blocks / Math.max(1, slices(b))),
    );
    const [from, to] = [code.params[1] as Local, code.params[2] as Local];
    scalars.hoist(roots);
    const [rest, block, last] = [code.local("i32"), code.local("i32"), code.local("i32")];
    code.range(cursor.task, from, to, 1, () => {
      context.beginCount();
      code.set(rest, w("i32.div_u", cursor.task, slicesOf));
      code.set(block, w("i32.mul", w("i32.rem_u", cursor.task, slicesOf), ofSlice));
      code.set(last, w("i32.add", block, ofSlice));
      code.set(last, select(w("i32.gt_s", last, blocks), get(blocks), get(last)));
      scalars.inside(pointOf(scalars, plan.outer, rest), roots, () => {
        for (const kept of context.tables.none)
          this.none.push(code.local("v128", w("f32x4.splat", context.kept(kept))));
        this.columns.beginTask();
        body.beginTask();
        code.range(block, block, last, 1, () => this.block(body, block));
        body.endTask();
      });
      addCount(code, frame.base, report.edges, context.counted);
    });
  }

  private block(body: TileBody, block: Local): void {
    const { made, plan, cursor } = this.context;
    const { code, frame, scalars } = made;
    const rowsOfBlock = frame.computed(
      "rows of a block",
      (b) => blocking(b.extent(plan.row.size)).rowsOfBlock,
    );
    code.set(cursor.firstRow, w("i32.mul", block, rowsOfBlock));
    code.set(cursor.rows, w("i32.sub", frame.extent(plan.row.size), cursor.firstRow));
    const isFull = w("i32.gt_s", cursor.rows, rowsOfBlock);
    code.set(cursor.rows, select(isFull, get(rowsOfBlock), get(cursor.rows)));
    const { listed } = this;
    if (listed === undefined) {
      code.if(w("i32.gt_s", cursor.rows, 0), () => scalars.branch(() => this.blockAtHand(body)));
      return;
    }
    const end = code.local("i32", w("i32.add", cursor.firstRow, cursor.rows));
    code.while(
      () => w("i32.lt_s", cursor.firstRow, end),
      () =>
        scalars.branch(() => {
          code.set(cursor.rows, listed.rows());
          this.blockAtHand(body);
          code.set(cursor.firstRow, w("i32.add", cursor.firstRow, cursor.rows));
        }),
    );
  }

  private blockAtHand(body: TileBody): void {
    const { made, cursor } = this.context;
    const { code, scalars } = made;
    this.rows.prepare();
    const [low, high] = this.hull();
    body.beginBlock();
    const first = w("i32.and", low, -panelWidth);
    code.range(cursor.firstColumn, first, high, tileColumns, () =>
      scalars.branch(() => this.tilesOfColumns(body, high)),
    );
    scalars.branch(() => body.endBlock());
  }

  /** First column of the block, or of its list, and the one past the last. */
  private hull(): readonly [low: Local, high: Local] {
    if (this.listed === undefined) return this.rows.hull();
    return [this.context.made.code.local("i32", 0), this.listed.begin()];
  }

  private tilesOfColumns(body: TileBody, high: Local): void {
    const { made, plan, cursor } = this.context;
    const { code, frame } = made;
    const end = this.listed === undefined ? frame.extent(plan.column.size) : get(high);
    code.set(cursor.columns, w("i32.sub", end, cursor.firstColumn));
    const isWhole = w("i32.gt_s", cursor.columns, tileColumns);
    code.set(cursor.columns, select(isWhole, constant("i32", tileColumns), get(cursor.columns)));
    this.columns.prepare();
    body.beginColumns();
    code.range(cursor.tile, 0, cursor.rows, tileRows, () => this.oneTile(body));
    body.endColumns();
  }

  private oneTile(body: TileBody): void {
    const { context } = this;
    const { code, scalars } = context.made;
    const { from, to } = context.cursor;
    context.countRows();
    const { isAll: isWhole, areRuns } = this.panels();
    const certainty = this.certainty();
    const isSome = w("i32.lt_s", from, to);
    const isOn = certainty ? w("i32.and", isSome, w("i32.eqz", certainty.never)) : isSome;
    code.if(isOn, () =>
      scalars.branch(() => {
        body.beginTile();
        this.columns.products(this.matrices);
        const isAll = certainty ? w("i32.and", isWhole, certainty.always) : get(isWhole);
        code.if(
          isAll,
          () => {
            if (!context.isCountedByBounds) this.countTile();
            this.rowsOf(body, "all");
          },
          () => this.someOf(body, areRuns),
        );
        body.endTile();
      }),
    );
  }

  /** Rows some of whose edges may not exist. */
  private someOf(body: TileBody, areRuns: Local | undefined): void {
    if (areRuns === undefined) {
      this.rowsOf(body, "bounds");
      return;
    }
    this.context.made.code.if(
      areRuns,
      () => this.rowsOf(body, "bounds"),
      () => this.rowsOf(body, "marks"),
    );
  }

  private panels(): { isAll: Local; areRuns?: Local } {
    if (this.listed === undefined) return { isAll: this.rows.panels() };
    return this.listed.mark(this.matrix(this.passes.marks as number));
  }

  private countTile(): void {
    const { from, to, count } = this.context.cursor;
    const columns = w("i32.shl", w("i32.sub", to, from), 3);
    this.context.count(w("f64.convert_i32_s", w("i32.mul", count, columns)));
  }

  /** What a condition is in the tile as a whole. */
  private certainty(): Verdict | undefined {
    const { made, plan, cursor } = this.context;
    const { where: condition } = plan.edges;
    if (condition === undefined) return undefined;
    const row = w("i32.add", cursor.firstRow, cursor.tile);
    const isListed = this.listed !== undefined;
    const inTile = (panel: Local): Value =>
      w("i32.add", cursor.firstColumn, w("i32.shl", panel, 3));
    const column = isListed ? constant("i32", 0) : inTile(cursor.from);
    const end = isListed ? made.frame.extent(plan.column.size) : inTile(cursor.to);
    const known = new Certainty(made.code, made.scalars, plan, {
      rows: [row, w("i32.sub", w("i32.add", row, cursor.count), 1)],
      columns: [column, w("i32.sub", end, 1)],
    });
    return known.of(condition);
  }

  private rowsOf(body: TileBody, which: Which): void {
    const { made, cursor } = this.context;
    const { code, scalars } = made;
    const r = code.local("i32");
    const each: EachRow = (visit) =>
      code.range(r, 0, cursor.count, 1, () =>
        scalars.branch(() => {
          const number = code.local("i32", w("i32.add", cursor.tile, r));
          const at = code.local("i32", w("i32.add", this.matrices, w("i32.mul", r, rowBytes)));
          const runs = which === "bounds" ? this.listed?.boundsOf(r) : undefined;
          const numbers = this.rows.at(number, which, runs);
          const pass: TileRow["pass"] = (see, known) => this.passes.over(numbers, at, see, known);
          visit({ number, at, pass });
        }),
      );
    body.beginRows?.(each);
    each((row) => body.row(row));
  }

  /** Address of one of the tile's matrices. */
  matrix(slot: number): Value {
    return w("i32.add", this.matrices, slot * tileBytes);
  }
}
