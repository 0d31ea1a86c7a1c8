/** One result of a map as a kernel of its own. */
import type { Axis, Expr, LoadExpr } from "../../../../ir/expr.ts";
import type { NodeMap, Result } from "../../../../ir/program.ts";
import { constant, type Value, w } from "../../assembler/code.ts";
import type { Bindings, Storage } from "../frame.ts";
import type { Kernel, Writer } from "../kernel.ts";

export interface MapPart {
  readonly kernel: Kernel;
  /** Whether it may run in place of plain loops, which always may. */
  applies(b: Bindings): boolean;
}

export interface MapOptions {
  /** Multiply and add in one instruction. */
  readonly fused: boolean;
  readonly storage: (tensor: string) => Storage;
}

export interface Loops {
  readonly all: readonly Axis[];
  /** Those that say where the result goes, in the order of its dimensions. */
  readonly placed: readonly Axis[];
}

/** The loops of a result that goes to a place of its own for each point of some of them. */
export function loopsOf(step: NodeMap, result: Result): Loops | undefined {
  const all = [...step.over, ...result.along];
  const placed = result.at.flatMap((e) =>
    e.kind === "index" ? all.filter(({ name }) => name === e.axis) : [],
  );
  const isPlaced = placed.length === result.at.length && new Set(placed).size === placed.length;
  return isPlaced ? { all, placed } : undefined;
}

/** Whether a result is as large as its loops: dimensions that broadcast are sums. */
export const isWhole = (result: Result, { placed }: Loops, b: Bindings): boolean =>
  b.shape(result.name).every((extent, k) => extent === b.extent(placed[k]!.size));

/** Whether a load takes numbers at a point of the loops, each dimension by a loop of its own. */
export function isPlain({ at, checked, tensor }: LoadExpr, { storage }: MapOptions): boolean {
  const axes = at.flatMap((e) => (e.kind === "index" ? [e.axis] : []));
  const isIndexed = axes.length === at.length && new Set(axes).size === axes.length;
  return !checked && storage(tensor) === "f32" && isIndexed;
}

/** Whether an expression is of numbers and sizes alone. */
export function isFixed(e: Expr): boolean {
  switch (e.kind) {
    case "number":
    case "size":
      return true;
    case "unary":
      return isFixed(e.of);
    case "binary":
      return isFixed(e.left) && isFixed(e.right);
    default:
      return false;
  }
}

/** What no loop moves: factors, and divisors. */
export type Scale = readonly { readonly e: Expr; readonly divides: boolean }[];

/** Their product, in single precision. */
export function scaleOf({ scalars }: Writer, scale: Scale): Value {
  const product = scale.reduce<Value>(
    (value, { e, divides }) => w(divides ? "f64.div" : "f64.mul", value, scalars.value(e)),
    constant("f64", 1),
  );
  return w("f32.demote_f64", product);
}
