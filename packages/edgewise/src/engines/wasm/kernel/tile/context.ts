/** What all parts of a tiled kernel share: its plan, its code, and where in the fold it stands. */
import { type Expr, index, type LoadExpr, number, substitute } from "../../../../ir/expr.ts";
import { boundsOf } from "../../../../ir/program.ts";
import {
  constant,
  get,
  type Local,
  select,
  type Value,
  w,
  withImmediates,
} from "../../assembler/code.ts";
import type { Storage } from "../frame.ts";
import { type Writer, writer } from "../kernel.ts";
import { panelWidth, tileRows } from "./geometry.ts";
import { VectorMath } from "./math.ts";
import type { TilePlan } from "./plan.ts";
import { type Kept, Tables } from "./tables.ts";

export interface TileOptions {
  readonly fused: boolean;
  readonly storage: (tensor: string) => Storage;
}

/** Variables that say which rows and columns are at hand. */
class Cursor {
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

  constructor(local: () => Local) {
    this.task = local();
    this.firstRow = local();
    this.rows = local();
    this.tile = local();
    this.count = local();
    this.firstColumn = local();
    this.columns = local();
    this.from = local();
    this.to = local();
  }
}

export class TileContext {
  readonly made: Writer;
  readonly plan: TilePlan;
  readonly math: VectorMath;
  readonly tables: Tables;
  readonly cursor: Cursor;
  /** Intervals that a row's columns may lie in. */
  readonly spans: number;
  /** Whether rows have columns of their own. */
  readonly isBounded: boolean;
  private readonly edges: Local;
  private readonly masked: Local;

  constructor(name: string, plan: TilePlan, roots: readonly Expr[], options: TileOptions) {
    this.made = writer(name, options.storage);
    const { code } = this.made;
    const { edges } = plan;
    this.plan = plan;
    this.math = new VectorMath(code, options.fused);
    this.tables = new Tables(plan, [...roots, ...(edges.where ? [edges.where] : [])]);
    this.cursor = new Cursor(() => code.local("i32"));
    this.spans = edges.spans?.length ?? 1;
    this.isBounded = boundsOf(edges).length > 0 || edges.spans !== undefined;
    this.edges = code.local("f64");
    this.masked = code.local("v128");
  }

  /** Expressions that are asked for outside the loops over edges. */
  get roots(): readonly Expr[] {
    const { plan, tables } = this;
    const kept = [...tables.none, ...tables.row, ...tables.ready].map(({ e }) => e);
    const places = tables.loads.flatMap(({ at }) => at.slice(0, -1));
    return [...kept, ...places, ...boundsOf(plan.edges)];
  }

  get owner(): Expr[] {
    return [...this.plan.outer, this.plan.row].map(index);
  }

  /** Value of a kept expression at the present point, in single precision. */
  kept({ e, inverse }: Kept): Value {
    const value = this.made.scalars.value(e);
    return w("f32.demote_f64", inverse ? w("f64.div", 1, value) : value);
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

  /** Rows of the tile that begins at the cursor. */
  countRows(): void {
    const { code } = this.made;
    const { count, rows, tile } = this.cursor;
    code.set(count, w("i32.sub", rows, tile));
    const isWhole = w("i32.gt_s", count, tileRows);
    code.set(count, select(isWhole, constant("i32", tileRows), get(count)));
  }

  /** Columns of the tile from its first panel on to the end of its last one, and where they begin. */
  columnsAtHand(): { first: Local; columns: Value } {
    const { code } = this.made;
    const { from, to, columns } = this.cursor;
    const first = code.local("i32", w("i32.shl", from, 3));
    // Behind the last column, there may be no numbers.
    const end = code.local("i32", w("i32.shl", to, 3));
    code.set(end, select(w("i32.gt_s", end, columns), get(columns), get(end)));
    return { first, columns: w("i32.sub", end, first) };
  }

  panelsOf(features: Value): Value {
    return w("i32.shr_u", w("i32.add", features, panelWidth - 1), 3);
  }

  /** Inside the loop over rows, at one of the block. */
  inRow(row: Local, body: () => void): void {
    const { code, scalars } = this.made;
    const i = code.local("i32", w("i32.add", this.cursor.firstRow, row));
    scalars.inside({ [this.plan.row.name]: i }, [], body);
  }

  /** Whether intervals tell how many edges there are. */
  get isCountedByBounds(): boolean {
    return this.plan.edges.where === undefined && this.spans === 1;
  }

  beginCount(): void {
    const { code } = this.made;
    code.set(this.edges, 0);
    code.set(this.masked, code.splat(0));
  }

  count(edges: Value): void {
    const { code } = this.made;
    code.set(this.edges, w("f64.add", this.edges, edges));
  }

  /** Counts the edges of a mask, where intervals do not tell: −1 for each, in four sums. */
  countMask(exists: Value | undefined): void {
    if (exists === undefined || this.isCountedByBounds) return;
    this.made.code.set(this.masked, w("i32x4.sub", this.masked, exists));
  }

  get counted(): Value {
    const lanes = [0, 1, 2, 3].map((lane) =>
      w("f64.convert_i32_s", withImmediates("i32x4.extract_lane", [lane], this.masked)),
    );
    return lanes.reduce((sum, lane) => w("f64.add", sum, lane), get(this.edges));
  }
}

/** Sets a variable to another one where that is less, or greater. */
export function extend(code: Writer["code"], end: Local, how: "lt" | "gt", by: Local): void {
  code.set(end, select(w(`i32.${how}_s`, by, end), get(by), get(end)));
}
