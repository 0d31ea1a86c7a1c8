/** What a loop over vectors computes: an expression of numbers that lie side by side, and of others. */
import { type Expr, type LoadExpr, operands as operandsOf } from "../../../../ir/expr.ts";
import { type Code, get, type Local, load, type Value, w } from "../../assembler/code.ts";
import type { Writer } from "../kernel.ts";
import { VectorMath } from "../tile/math.ts";
import { Vectors } from "../tile/vectors.ts";

/** Operations that err by a unit in the last place of single precision or two. */
const vectorOps: ReadonlySet<string> = new Set([
  ...["negate", "exp", "log", "sqrt", "tanh", "abs", "sign", "floor", "not", "held"],
  ...["add", "subtract", "multiply", "divide", "min", "max"],
  ...["less", "lessEqual", "equal", "and", "or"],
]);

export interface Parts {
  /** Loads, each once. */
  readonly loads: readonly LoadExpr[];
  /** Parts that no loop moves. */
  readonly constants: readonly Expr[];
}

/** What an expression is made of; nothing where vectors cannot do it. */
export function partsOf(value: Expr): Parts | undefined {
  const loads = new Map<string, LoadExpr>();
  const constants: Expr[] = [];
  const seen = new Map<Expr, boolean>();
  let isVector = true;
  /** Whether no loop moves an expression. */
  const visit = (e: Expr): boolean => {
    const known = seen.get(e);
    if (known !== undefined) return known;
    const isFixed = look(e);
    seen.set(e, isFixed);
    return isFixed;
  };
  const look = (e: Expr): boolean => {
    if (e.kind === "load") loads.set(keyOf(e), e);
    if (e.kind === "index" || e.kind === "reduce") isVector = false;
    if (e.kind === "load" || e.kind === "index" || e.kind === "reduce") return false;
    const parts = operandsOf(e);
    const areFixed = parts.map(visit);
    if (areFixed.every((is) => is)) return true;
    if ((e.kind === "unary" || e.kind === "binary") && !vectorOps.has(e.op)) isVector = false;
    constants.push(...parts.filter((o, k) => areFixed[k] && o.kind !== "number"));
    return false;
  };
  const isFixed = visit(value);
  return isVector && !isFixed ? { loads: [...loads.values()], constants } : undefined;
}

const keyOf = ({ tensor, at }: LoadExpr): string => JSON.stringify([tensor, at]);

export class Body {
  /** Where each load is; those that do not move with the vectors are numbers of their own. */
  readonly places: readonly Local[];
  private readonly code: Code;
  private readonly value: Expr;
  private readonly keys: readonly string[];
  private readonly moves: readonly boolean[];
  private readonly numbers: readonly Local[];
  private readonly constants: ReadonlyMap<Expr, Local>;
  private readonly math: VectorMath;

  /** Constants are computed here: before all loops. */
  constructor(
    { code, scalars }: Writer,
    value: Expr,
    { loads, constants }: Parts,
    { moves, fused }: { readonly moves: readonly boolean[]; readonly fused: boolean },
  ) {
    this.code = code;
    this.value = value;
    this.keys = loads.map(keyOf);
    this.moves = moves;
    this.places = loads.map(() => code.local("i32"));
    this.numbers = loads.map(() => code.local("v128"));
    this.math = new VectorMath(code, fused);
    this.constants = new Map(
      constants.map((e) => [
        e,
        code.local("v128", w("f32x4.splat", w("f32.demote_f64", scalars.value(e)))),
      ]),
    );
  }

  /** Takes the numbers of what does not move, once places are set. */
  settle(): void {
    this.places.forEach((place, k) => {
      if (!this.moves[k]) this.code.set(this.numbers[k]!, load("v128.load32_splat", place));
    });
  }

  /** Four values, so many bytes behind the places of what moves. */
  at(bytes: Local): Value {
    const of = (e: Expr): Value | undefined => {
      const fixed = this.constants.get(e);
      if (fixed !== undefined) return get(fixed);
      if (e.kind !== "load") return undefined;
      const k = this.keys.indexOf(keyOf(e));
      return this.moves[k]
        ? load("v128.load", w("i32.add", this.places[k]!, bytes))
        : get(this.numbers[k]!);
    };
    const edgeLoad = (): never => {
      throw new Error("every load is a source");
    };
    const sources = { of, reciprocal: () => undefined, edgeLoad };
    return new Vectors(this.code, this.math, sources).value(this.value);
  }
}
