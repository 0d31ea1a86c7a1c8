/**
 * Maps that are products of matrices: Σ_k a[.., m, k] · b[.., n, k], wherever the axes stand, and
 * sums over whatever a result's place does not say.
 *
 * A task is a block of rows by a tile of columns, which are packed for some terms at a time; terms
 * are added in one order, however many threads there are.
 *
 * @cost m n k products, and m n ⌈k / 256⌉ numbers moved
 */
import type { Axis, Expr, LoadExpr } from "../../../../ir/expr.ts";
import type { NodeMap, Result } from "../../../../ir/program.ts";
import {
  type Code,
  constant,
  get,
  type Local,
  select,
  type Value,
  w,
} from "../../assembler/code.ts";
import type { Bindings, Frame } from "../frame.ts";
import { type Kernel, type Writer, writer } from "../kernel.ts";
import { panelBytes, panelWidth, rowBytes, tileColumns } from "../tile/geometry.ts";
import { callLibrary } from "../tile/library.ts";
import { moveLine } from "../tile/lines.ts";
import { digit, dimensionOf, enter, Levels, type Operand } from "./levels.ts";
import {
  isFixed,
  isPlain,
  isWhole,
  type Loops,
  loopsOf,
  type MapOptions,
  type MapPart,
  type Scale,
  scaleOf,
} from "./part.ts";

/** Terms of a sum for which columns are packed at once. */
const termsAtOnce = 256;
/** Most rows of a task, fewest of those that threads share, and how many are in the works. */
const mostRows = 192;
const fewestRows = 24;
const rowsAtOnce = 48;
/** Tasks that a product is cut into where threads may share it, and products from which that pays. */
const sharedTasks = 16;
const worthSharing = 2 ** 20;

/** A result of a map as a product of matrices; nothing where it is none. */
export function contraction(
  name: string,
  step: NodeMap,
  result: Result,
  options: MapOptions,
): MapPart | undefined {
  const loops = loopsOf(step, result);
  const factors = factorsOf(result.value);
  if (loops === undefined || factors === undefined) return undefined;
  const { a, b, sums, scale } = factors;
  if (!isPlain(a, options) || !isPlain(b, options)) return undefined;
  const shape = axesOf(loops, sums, [a, b]);
  if (shape === undefined) return undefined;
  const made = writer(name, options.storage);
  const product = new Contraction(made, result, shape, scale);
  product.write();
  const kernel: Kernel = {
    ...{ code: made.code, slots: made.frame.slots, scratches: made.frame.scratches },
    ...{ checkedLoads: [], owned: [], defines: [result], counts: undefined, logWeight: undefined },
    overwrites: new Set([result.name]),
    tasks: (bindings) => product.tasks(bindings),
    work: (bindings) => product.products(bindings) / 32,
  };
  return { kernel, applies: (bindings) => product.applies(bindings, loops) };
}

interface Factors {
  readonly a: LoadExpr;
  readonly b: LoadExpr;
  /** Axes that the value itself sums over. */
  readonly sums: readonly Axis[];
  readonly scale: Scale;
}

/** A value as the product of two loads, summed and scaled. */
function factorsOf(value: Expr): Factors | undefined {
  const loads: LoadExpr[] = [];
  const sums: Axis[] = [];
  const scale: { e: Expr; divides: boolean }[] = [];
  const visit = (e: Expr, divides: boolean): boolean => {
    if (isFixed(e)) return scale.push({ e, divides }) > 0;
    if (divides) return false;
    switch (e.kind) {
      case "load":
        return loads.push(e) <= 2;
      case "unary":
        scale.push({ e: { kind: "number", value: -1 }, divides: false });
        return e.op === "negate" && visit(e.of, false);
      case "binary":
        if (e.op !== "multiply" && e.op !== "divide") return false;
        return visit(e.left, false) && visit(e.right, e.op === "divide");
      case "reduce":
        sums.push(e.axis);
        return e.op === "sum" && visit(e.of, false);
      default:
        return false;
    }
  };
  const [a, b] = visit(value, false) ? loads : [];
  return a === undefined || b === undefined ? undefined : { a, b, sums, scale };
}

/** Rows belong to the left operand and the result, columns to the right one and the result. */
interface Shape {
  readonly left: Operand;
  readonly right: Operand;
  readonly both: readonly Axis[];
  readonly rows: readonly Axis[];
  readonly columns: readonly Axis[];
  readonly terms: readonly Axis[];
}

function axesOf(
  { all, placed }: Loops,
  sums: readonly Axis[],
  loads: readonly [LoadExpr, LoadExpr] | readonly LoadExpr[],
): Shape | undefined {
  const last = placed.at(-1);
  const [a, b] = loads as readonly [LoadExpr, LoadExpr];
  if (last === undefined) return undefined;
  const has = (load: LoadExpr, axis: Axis): boolean => dimensionOf(load, axis) >= 0;
  // Columns lie side by side in the result.
  const [left, right] = has(b, last) ? [a, b] : [b, a];
  if (has(left, last) || !has(right, last)) return undefined;
  const both = placed.filter((axis) => has(left, axis) === has(right, axis));
  const terms = [...all.filter((axis) => !placed.includes(axis)), ...sums];
  if (terms.length === 0 || !terms.every((axis) => has(left, axis) && has(right, axis)))
    return undefined;
  const rows = placed.filter((axis) => has(left, axis) && !has(right, axis));
  const columns = placed.filter((axis) => has(right, axis) && !has(left, axis));
  // Terms that both have lie in the order of the right one, which is packed.
  const inOrder = terms.toSorted((x, y) => dimensionOf(right, x) - dimensionOf(right, y));
  return rows.length === 0 ? undefined : { left, right, both, rows, columns, terms: inOrder };
}

class Contraction {
  private readonly made: Writer;
  private readonly code: Code;
  private readonly frame: Frame;
  private readonly shape: Shape;
  private readonly scale: Scale;
  private readonly result: Result;
  private readonly both: Levels;
  private readonly rows: Levels;
  private readonly columns: Levels;
  private readonly terms: Levels;

  constructor(made: Writer, result: Result, shape: Shape, scale: Scale) {
    const out = { tensor: result.name, at: result.at };
    const { left, right } = shape;
    this.made = made;
    this.code = made.code;
    this.frame = made.frame;
    this.result = result;
    this.shape = shape;
    this.scale = scale;
    this.both = new Levels("both", shape.both, [left, right, out]);
    this.rows = new Levels("row", shape.rows, [left, out]);
    this.columns = new Levels("column", shape.columns, [right, out]);
    this.terms = new Levels("term", shape.terms, [left, right]);
  }

  products(b: Bindings): number {
    return [this.both, this.rows, this.columns, this.terms].reduce(
      (product, levels) => product * levels.points(b),
      1,
    );
  }

  tasks(b: Bindings): number {
    return this.rowBlocks(b) * this.tasksBeside(b);
  }

  /** Tasks for every block of rows. */
  private tasksBeside(b: Bindings): number {
    const { both, rows, columns } = this;
    return both.points(b) * rows.outside(b) * columns.outside(b) * this.columnTiles(b);
  }

  /** Rows of a task: no sum depends on them. */
  private rowsOfTask(b: Bindings): number {
    if (this.products(b) < worthSharing) return mostRows;
    const blocks = Math.max(1, Math.ceil(sharedTasks / Math.max(1, this.tasksBeside(b))));
    const rows = this.rows.innermost(b).extent / blocks;
    return Math.min(mostRows, fewestRows * Math.max(1, Math.ceil(rows / fewestRows)));
  }

  applies(b: Bindings, loops: Loops): boolean {
    const { extent, strides } = this.columns.innermost(b);
    // Few columns leave most of a panel empty; without terms nothing would be written.
    return (
      strides[1] === 4 && extent >= 4 && this.terms.points(b) > 0 && isWhole(this.result, loops, b)
    );
  }

  private rowBlocks(b: Bindings): number {
    return Math.ceil(this.rows.innermost(b).extent / this.rowsOfTask(b));
  }

  private columnTiles(b: Bindings): number {
    return Math.ceil(this.columns.innermost(b).extent / tileColumns);
  }

  write(): void {
    const { code, frame } = this;
    const factor =
      this.scale.length === 0
        ? undefined
        : code.local("v128", w("f32x4.splat", scaleOf(this.made, this.scale)));
    const [task, rest] = [code.local("i32"), code.local("i32")];
    const at: Places = {
      left: code.local("i32"),
      right: code.local("i32"),
      out: code.local("i32"),
      rows: code.local("i32"),
      columns: code.local("i32"),
    };
    code.range(task, code.params[1]!, code.params[2]!, 1, () => {
      code.set(rest, task);
      code.set(at.left, frame.address(this.shape.left.tensor));
      code.set(at.right, frame.address(this.shape.right.tensor));
      code.set(at.out, frame.address(this.result.name));
      const tile = digit(
        code,
        rest,
        frame.computed("tiles", (b) => this.columnTiles(b)),
      );
      const block = digit(
        code,
        rest,
        frame.computed("blocks", (b) => this.rowBlocks(b)),
      );
      enter(this.made, this.columns, rest, [at.right, at.out], 1);
      enter(this.made, this.rows, rest, [at.left, at.out], 1);
      enter(this.made, this.both, rest, [at.left, at.right, at.out], 0);
      const rows = frame.computed("rows of a task", (b) => this.rowsOfTask(b));
      this.cut(at.columns, tile, constant("i32", tileColumns), this.columns, [at.right, at.out]);
      this.cut(at.rows, block, get(rows), this.rows, [at.left, at.out]);
      this.sum(at, factor);
    });
  }

  /** Part of an innermost level: how long it is, and operands at its beginning. */
  private cut(
    length: Local,
    part: Local,
    most: Value,
    levels: Levels,
    places: readonly Local[],
  ): void {
    const { code, frame } = this;
    const level = levels.depth - 1;
    const first = code.local("i32", w("i32.mul", part, most));
    this.setLeast(length, w("i32.sub", levels.extent(frame, level), first), most);
    places.forEach((place, k) => {
      code.set(place, w("i32.add", place, w("i32.mul", first, levels.stride(frame, level, k))));
    });
  }

  private setLeast(to: Local, value: Value, most: Value): void {
    this.code.set(to, value);
    this.code.set(to, select(w("i32.gt_s", to, most), most, get(to)));
  }

  /** Adds up all terms of a block. */
  private sum(at: Places, factor: Local | undefined): void {
    const { code } = this;
    const isFirst = code.local("i32", 1);
    const each = (level: number, left: Local, right: Local): void => {
      const { frame, terms } = this;
      const extent = terms.extent(frame, level);
      const steps = [0, 1].map((k) => terms.stride(frame, level, k)) as [Local, Local];
      const isInner = level === terms.depth - 1;
      const here = [code.local("i32", left), code.local("i32", right)] as const;
      const k = code.local("i32");
      code.range(k, 0, extent, isInner ? termsAtOnce : 1, () => {
        if (isInner) {
          const count = code.local("i32");
          this.setLeast(count, w("i32.sub", extent, k), constant("i32", termsAtOnce));
          this.add(at, { left: here[0], right: here[1], count, steps, isFirst, factor });
        } else each(level + 1, ...here);
        const by = isInner ? termsAtOnce : 1;
        here.forEach((place, o) => {
          code.set(place, w("i32.add", place, w("i32.mul", steps[o]!, by)));
        });
      });
    };
    each(0, at.left, at.right);
  }

  /** Adds some terms to a block. */
  private add(at: Places, { left, right, count, steps, isFirst, factor }: Terms): void {
    const { code, frame, rows } = this;
    const packed = this.pack(at, right, count, steps[1]);
    const panels = w("i32.shr_u", w("i32.add", at.columns, panelWidth - 1), 3);
    const tile = frame.scratch("tile", () => (rowsAtOnce + panelWidth) * rowBytes);
    const starts = frame.scratch("starts", () => 4 * (rowsAtOnce + panelWidth));
    const level = rows.depth - 1;
    const [leftRow, outRow] = [rows.stride(frame, level, 0), rows.stride(frame, level, 1)];
    const [row, some, place, from, out] = [0, 1, 2, 3, 4].map(() => code.local("i32")) as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    code.set(place, left);
    code.set(out, at.out);
    code.range(row, 0, at.rows, rowsAtOnce, () => {
      this.setLeast(some, w("i32.sub", at.rows, row), constant("i32", rowsAtOnce));
      const of = [place, leftRow, steps[0], some, packed, constant("i32", 0), panels] as const;
      callLibrary(code, "products", ...of, count, tile, starts);
      const end = code.local("i32", w("i32.add", tile, w("i32.mul", some, rowBytes)));
      const move = (adds: boolean) => (): void =>
        code.range(from, tile, end, rowBytes, () => {
          const line = { to: get(out), from: get(from), features: get(at.columns), adds };
          moveLine(code, factor === undefined ? line : { ...line, factor });
          code.set(out, w("i32.add", out, outRow));
        });
      code.if(isFirst, move(false), move(true));
      code.set(place, w("i32.add", place, w("i32.mul", leftRow, rowsAtOnce)));
    });
    code.set(isFirst, 0);
  }

  /** Columns as panels, some terms of them. */
  private pack({ columns }: Places, right: Local, count: Local, step: Local): Local {
    const { code, frame } = this;
    const packed = frame.scratch(
      "panels",
      (b) =>
        4 *
        Math.min(termsAtOnce, this.terms.innermost(b).extent) *
        Math.min(tileColumns, this.columns.innermost(b).extent + panelWidth),
    );
    const stride = this.columns.stride(frame, this.columns.depth - 1, 0);
    const none = constant("i32", 0);
    code.if(
      w("i32.eq", stride, 4),
      () => {
        const panels = w("i32.shr_u", w("i32.add", columns, panelWidth - 1), 3);
        const size = w("i32.mul", count, panelBytes);
        callLibrary(code, "lay", right, step, count, panels, size, packed, none);
      },
      () => callLibrary(code, "pack", right, stride, step, columns, count, packed, none),
    );
    return packed;
  }
}

interface Places {
  readonly left: Local;
  readonly right: Local;
  readonly out: Local;
  /** Rows and columns of the block. */
  readonly rows: Local;
  readonly columns: Local;
}

interface Terms {
  readonly left: Local;
  readonly right: Local;
  readonly count: Local;
  readonly steps: readonly [left: Local, right: Local];
  /** Whether nothing was added to the block before. */
  readonly isFirst: Local;
  readonly factor: Local | undefined;
}
