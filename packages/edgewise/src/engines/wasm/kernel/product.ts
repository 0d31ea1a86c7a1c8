/**
 * The inner product of every kernel: a block of a few rows by eight columns, held in registers.
 *
 * Registers decide, then order. Compilers behave as if they had fifteen vector registers: six rows
 * by eight columns take twelve sums, two columns and one row, and everything stays in registers;
 * one value more and it spills, at half the speed. So a row is loaded where it is used, and with
 * separate multiply and add, whose product needs a register, there are four rows.
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
} from "../assembler/code.ts";

export const panel = 8;

export interface Block {
  readonly rows: number;
  /** Multiply and add in one instruction, where the runtime has it. */
  readonly fused: boolean;
}

export const fusedBlock: Block = { rows: 6, fused: true };
export const plainBlock: Block = { rows: 4, fused: false };

/** a · b + c. */
export function multiplyAdd(fused: boolean, a: Operand, b: Operand, c: Operand): Value {
  return fused ? w("f32x4.relaxed_madd", a, b, c) : w("f32x4.add", c, w("f32x4.mul", a, b));
}

export interface Product {
  /** Address of the left operand; bytes from row to row, and from step to step. */
  readonly left: Operand;
  readonly leftRow: number;
  readonly leftStep: number;
  /** Address of eight columns, and bytes from step to step. */
  readonly right: Operand;
  readonly rightStep: number;
  readonly steps: Operand;
  /** Where the sums go, and bytes from row to row. */
  readonly out: Operand;
  readonly outRow: Operand;
  /** Whether the sums are added to what is there. */
  readonly adds: boolean;
  /** What a step adds to a sum: by default the product of row and column. */
  readonly combine?: (row: Value, column: Value, sum: Value) => Value;
}

/** out[r][c] = Σ_k left[k][r] · right[k][c] for the rows of a block and eight columns. */
export function product(code: Code, block: Block, p: Product): void {
  const { rows, fused } = block;
  const combine = p.combine ?? ((row, column, sum) => multiplyAdd(fused, row, column, sum));
  const [left, right] = [code.local("i32", p.left), code.local("i32", p.right)];
  const end = code.local("i32", w("i32.add", right, w("i32.mul", p.steps, p.rightStep)));
  const out = code.local("i32", p.out);
  const places = [out];
  for (let r = 1; r < rows; r++)
    places.push(code.local("i32", w("i32.add", places[r - 1]!, p.outRow)));
  const sums: [Local, Local][] = places.map((place) => [
    code.local("v128", p.adds ? load("v128.load", place) : constant("v128", 0)),
    code.local("v128", p.adds ? load("v128.load", place, 16) : constant("v128", 0)),
  ]);
  const [first, second, row] = [code.local("v128"), code.local("v128"), code.local("v128")];
  code.while(
    () => w("i32.lt_u", right, end),
    () => {
      code.set(first, load("v128.load", right));
      code.set(second, load("v128.load", right, 16));
      sums.forEach(([a, b], r) => {
        code.set(row, load("v128.load32_splat", left, r * p.leftRow));
        code.set(a, combine(get(row), get(first), get(a)));
        code.set(b, combine(get(row), get(second), get(b)));
      });
      code.set(left, w("i32.add", left, p.leftStep));
      code.set(right, w("i32.add", right, p.rightStep));
    },
  );
  sums.forEach(([a, b], r) => {
    code.store("v128.store", places[r]!, a);
    code.store("v128.store", places[r]!, b, 16);
  });
}
