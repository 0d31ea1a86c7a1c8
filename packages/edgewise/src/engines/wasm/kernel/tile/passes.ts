/** Passes over the columns of one row of a tile, four at a time. */
import type { Expr } from "../../../../ir/expr.ts";
import { get, ints, type Local, load, type Value, w } from "../../assembler/code.ts";
import type { Columns } from "./columns.ts";
import type { TileContext } from "./context.ts";
import { panelBytes, tileBytes } from "./geometry.ts";
import type { RowNumbers } from "./rows.ts";
import { Vectors } from "./vectors.ts";

/** Four columns of a row. */
export interface Place {
  /** Address of their numbers in the tile's first matrix, `offset` bytes before. */
  readonly address: Local;
  /** Bytes from the tile's first column, `offset` bytes before. */
  readonly column: Local;
  readonly offset: number;
}

/** Told the expressions of four columns, and which of these exist; all where that is undefined. */
export type Visit = (vectors: Vectors, exists: Value | undefined, place: Place) => void;

/** What stands for an expression in a pass, where a pass before kept it. */
export type Known = (e: Expr, place: Place) => Value | undefined;

/** One row of a tile. */
export interface TileRow {
  /** Number of the row in its block. */
  readonly number: Local;
  /** Address of the row in the tile's first matrix. */
  readonly at: Local;
  pass(visit: Visit, known?: Known): void;
}

export class Passes {
  private readonly context: TileContext;
  private readonly columns: Columns;
  private readonly none: readonly Local[];
  /** Matrix that says which edges of a list are there. */
  marks: number | undefined;

  /** `none` are the numbers that belong to neither rows nor columns. */
  constructor(context: TileContext, columns: Columns, none: readonly Local[]) {
    this.context = context;
    this.columns = columns;
    this.none = none;
  }

  over(row: RowNumbers, at: Local, visit: Visit, known: Known = () => undefined): void {
    const { made, cursor, math } = this.context;
    const { code } = made;
    const [column, address] = [code.local("i32"), code.local("i32")];
    const first = w("i32.add", cursor.firstColumn, w("i32.shl", cursor.from, 3));
    const indices = w("i32x4.add", w("i32x4.splat", first), ints(0, 1, 2, 3));
    const j = row.which === "bounds" ? code.local("v128", indices) : undefined;
    const end = code.local("i32", w("i32.mul", cursor.to, panelBytes));
    code.range(column, w("i32.mul", cursor.from, panelBytes), end, panelBytes, () => {
      code.set(address, w("i32.add", at, column));
      for (const offset of [0, panelBytes / 2]) {
        const place = { address, column, offset };
        const vectors = new Vectors(code, math, {
          of: (e) => known(e, place) ?? this.source(e, row, place),
          reciprocal: (e) =>
            this.context.tables.inverts(e) ? this.kept(e.right, true, row, place) : undefined,
          edgeLoad: (e) => load("v128.load", w("i32.add", row.edgeAddress(e), column), offset),
        });
        visit(vectors, this.exists(vectors, row, j, place), place);
        if (j !== undefined) code.set(j, w("i32x4.add", j, ints(4, 4, 4, 4)));
      }
    });
  }

  private exists(
    vectors: Vectors,
    { which, bounds }: RowNumbers,
    j: Local | undefined,
    { address, offset }: Place,
  ): Value | undefined {
    if (which === "all") return undefined;
    const inside = j
      ? bounds
          .map(([low, high]) => w("v128.and", w("i32x4.ge_s", j, low), w("i32x4.lt_s", j, high)))
          .reduce((a, b) => w("v128.or", a, b))
      : load("v128.load", address, (this.marks as number) * tileBytes + offset);
    const { where: condition } = this.context.plan.edges;
    const both = condition === undefined ? inside : w("v128.and", inside, vectors.test(condition));
    return get(this.context.made.code.local("v128", both));
  }

  private source(e: Expr, row: RowNumbers, place: Place): Value | undefined {
    const pair = this.context.plan.pairs.findIndex((known) => known.e === e);
    if (pair >= 0) return load("v128.load", place.address, pair * tileBytes + place.offset);
    return this.kept(e, false, row, place);
  }

  private kept(
    e: Expr,
    inverse: boolean,
    { splats }: RowNumbers,
    { column, offset }: Place,
  ): Value | undefined {
    const k = this.context.tables.place(e, inverse);
    if (k === undefined) return undefined;
    switch (this.context.plan.side(e)) {
      case "none":
        return get(this.none[k]!);
      case "row":
        return get(splats[k]!);
      default:
        return this.columns.numbersAt(k, column, offset);
    }
  }
}
