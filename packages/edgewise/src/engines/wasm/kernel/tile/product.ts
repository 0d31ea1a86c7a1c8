/**
 * The inner product of every tile: a block of a few rows by eight columns, held in registers.
 *
 * Registers decide, then order. Compilers behave as if they had fifteen vector registers: six rows
 * by eight columns take twelve sums, two columns and one row, and everything stays in registers;
 * one value more and it spills, at half the speed. So a row is loaded where it is used, and where
 * a step needs a register of its own there are four rows.
 */
import {
  type Code,
  constant,
  get,
  type Local,
  load,
  type Operand,
  type Value,
  w,
} from "../../assembler/code.ts";
import { panelBytes } from "./geometry.ts";

const numberBytes = 4;
/** Panels of a row at once: as many sums as a block of four rows. */
const panelsAtOnce = 4;

export interface Block {
  readonly rows: number;
  /**
   * Steps that are taken at once where a row's numbers lie side by side. Worth its length only where
   * the arithmetic of a step leaves no room for moving the addresses on.
   */
  readonly atOnce: number;
  /** What a step adds to a sum: the product of row and column, or the square of their difference. */
  readonly step: (code: Code, row: Local, column: Local, sum: Local) => Value;
}

/** a · b + c. */
export function multiplyAdd(fused: boolean, a: Operand, b: Operand, c: Operand): Value {
  return fused ? w("f32x4.relaxed_madd", a, b, c) : w("f32x4.add", c, w("f32x4.mul", a, b));
}

/** Blocks of products: with separate multiply and add, whose product needs a register, of four rows. */
export const products = (fused: boolean): readonly Block[] =>
  (fused ? [6, 4] : [4]).map((rows) => ({
    rows,
    atOnce: 1,
    step: (_, row, column, sum) => multiplyAdd(fused, row, column, sum),
  }));

/** Block of squared differences, which need a register of their own. */
export const squaredDistances = (fused: boolean): readonly Block[] => [
  {
    rows: 4,
    atOnce: 4,
    step: (code, row, column, sum) => {
      const gap = code.local("v128", w("f32x4.sub", row, column));
      return multiplyAdd(fused, gap, gap, sum);
    },
  },
];

/**
 * Rows in blocks: of six as far as these fit, of four where they fit what is left better. Blocks may
 * go beyond the last row.
 */
export function inBlocks(
  code: Code,
  [large, small]: readonly Block[],
  rows: Local,
  body: (block: Block, first: Local) => void,
): void {
  const first = code.local("i32");
  const most = large as Block;
  if (small === undefined) {
    code.range(first, 0, rows, most.rows, () => body(most, first));
    return;
  }
  const rest = code.local("i32", w("i32.rem_u", rows, most.rows));
  const whole = code.local("i32", w("i32.sub", rows, rest));
  // Two rows more than blocks of six are two blocks of four instead of one; five are one of six.
  const isFew = w("i32.and", w("i32.eq", rest, 2), w("i32.gt_s", whole, 0));
  code.if(isFew, () => code.set(whole, w("i32.sub", whole, most.rows)));
  code.if(w("i32.eq", rest, most.rows - 1), () => code.set(whole, get(rows)));
  code.range(first, 0, whole, most.rows, () => body(most, first));
  code.range(first, first, rows, small.rows, () => body(small, first));
}

export interface Product {
  /** Address of each row of the block; they move on as they are read. */
  readonly left: readonly Local[] | { readonly base: Local; readonly rowBytes: number };
  readonly leftStep: Operand;
  /** Address of eight columns, and bytes from step to step; it moves on as it is read. */
  readonly right: Local;
  readonly rightStep: Operand;
  /** The address that ends the loop when it reaches its end: one that always moves. */
  readonly until: readonly [moving: Local, end: Local];
  /** Where the sums go, and bytes from row to row; it ends behind the last row. */
  readonly out: Local;
  readonly outRow: Operand;
  /** Whether the sums are added to what is there. */
  readonly adds: boolean;
}

/** out[r][c] = Σ_k left[r][k] · right[k][c] for the rows of a block and eight columns. */
export function product(code: Code, { rows, atOnce, step }: Block, p: Product): void {
  const { left, right, out } = p;
  const sums = Array.from(
    { length: rows },
    () => [code.local("v128"), code.local("v128")] as const,
  );
  const place = code.local("i32", out);
  for (const [first, second] of sums) {
    code.set(first, p.adds ? load("v128.load", place) : constant("v128", 0));
    code.set(second, p.adds ? load("v128.load", place, 16) : constant("v128", 0));
    if (p.adds) code.set(place, w("i32.add", place, p.outRow));
  }
  const [first, second, row] = [code.local("v128"), code.local("v128"), code.local("v128")];
  const leftAt = (r: number, k: number): Value =>
    "base" in left
      ? load("v128.load32_splat", left.base, r * left.rowBytes)
      : load("v128.load32_splat", left[r]!, numberBytes * k);
  const add = (k: number): void => {
    code.set(first, load("v128.load", right, panelBytes * k));
    code.set(second, load("v128.load", right, panelBytes * k + 16));
    sums.forEach(([a, b], r) => {
      code.set(row, leftAt(r, k));
      code.set(a, step(code, row, first, a));
      code.set(b, step(code, row, second, b));
    });
  };
  const moves = "base" in left ? [left.base] : left;
  const advance = (leftBy: Operand, rightBy: Operand): void => {
    for (const move of moves) code.set(move, w("i32.add", move, leftBy));
    code.set(right, w("i32.add", right, rightBy));
  };
  if (atOnce > 1 && !("base" in left)) {
    const [moving, end] = p.until;
    const last = code.local("i32", w("i32.sub", end, (atOnce - 1) * panelBytes));
    code.if(w("i32.eq", p.leftStep, numberBytes), () =>
      code.while(
        () => w("i32.lt_u", moving, last),
        () => {
          for (let k = 0; k < atOnce; k++) add(k);
          advance(numberBytes * atOnce, panelBytes * atOnce);
        },
      ),
    );
  }
  code.while(
    () => w("i32.lt_u", ...p.until),
    () => {
      add(0);
      advance(p.leftStep, p.rightStep);
    },
  );
  for (const [a, b] of sums) {
    code.store("v128.store", out, get(a));
    code.store("v128.store", out, get(b), 16);
    code.set(out, w("i32.add", out, p.outRow));
  }
}

export interface RowProduct {
  /** Address of the row; it moves on as it is read. */
  readonly left: Local;
  readonly leftStep: Operand;
  /** Address of each panel of eight columns; they move on as they are read. */
  readonly right: readonly Local[];
  readonly rightStep: Operand;
  /** As of a block. */
  readonly until: Product["until"];
  /** Where the sums go, panel after panel. */
  readonly out: Local;
  readonly adds: boolean;
}

/** The same for one row and several panels: as many sums as a block of rows, none in vain. */
export function rowProduct(code: Code, { step }: Block, p: RowProduct): void {
  const places = p.right.flatMap((panel) => [0, 16].map((offset) => ({ panel, offset })));
  const sums = places.map((_, k) =>
    code.local("v128", p.adds ? load("v128.load", p.out, 16 * k) : constant("v128", 0)),
  );
  const [row, column] = [code.local("v128"), code.local("v128")];
  code.while(
    () => w("i32.lt_u", ...p.until),
    () => {
      code.set(row, load("v128.load32_splat", p.left));
      places.forEach(({ panel, offset }, k) => {
        code.set(column, load("v128.load", panel, offset));
        code.set(sums[k]!, step(code, row, column, sums[k]!));
      });
      code.set(p.left, w("i32.add", p.left, p.leftStep));
      for (const panel of p.right) code.set(panel, w("i32.add", panel, p.rightStep));
    },
  );
  sums.forEach((sum, k) => {
    code.store("v128.store", p.out, get(sum), 16 * k);
  });
}

/** Panels that a row passes at once, and those that are left one by one. */
export function inPanels(
  code: Code,
  from: Local,
  to: Local,
  body: (first: Local, panels: number) => void,
): void {
  const first = code.local("i32", from);
  const whole = code.local("i32", w("i32.sub", to, panelsAtOnce - 1));
  code.range(first, first, whole, panelsAtOnce, () => body(first, panelsAtOnce));
  code.range(first, first, to, 1, () => body(first, 1));
}

/** Rows in blocks, but for the last where it would be alone among these. */
export function loneRow(code: Code, [large, small]: readonly Block[], rows: Local): Local {
  if (large === undefined || small === undefined) return code.local("i32", 0);
  return code.local("i32", w("i32.eq", w("i32.rem_u", rows, large.rows), 1));
}
