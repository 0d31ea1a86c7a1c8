/** Maps that compute each number of a result from numbers at the same place: four at once. */
import { type Expr, type LoadExpr, operands as operandsOf } from "../../../../ir/expr.ts";
import type { NodeMap, Result } from "../../../../ir/program.ts";
import {
  type Code,
  constant,
  get,
  type Local,
  load,
  select,
  type Value,
  w,
} from "../../assembler/code.ts";
import type { Bindings } from "../frame.ts";
import { type Kernel, type Writer, writer } from "../kernel.ts";
import { VectorMath } from "../tile/math.ts";
import { Vectors } from "../tile/vectors.ts";
import { dimensionOf, Levels, type Operand } from "./levels.ts";
import { isPlain, isWhole, loopsOf, type MapOptions, type MapPart } from "./part.ts";

/** Numbers of a task, about. */
const numbersOfTask = 8192;

/** Operations that err by a unit in the last place of single precision or two. */
const vectorOps: ReadonlySet<string> = new Set([
  ...["negate", "exp", "log", "sqrt", "tanh", "abs", "sign", "floor", "not", "held"],
  ...["add", "subtract", "multiply", "divide", "min", "max"],
  ...["less", "lessEqual", "equal", "and", "or"],
]);

/** A result of a map as a loop over vectors; nothing where it is no such map. */
export function elementwise(
  name: string,
  step: NodeMap,
  result: Result,
  options: MapOptions,
): MapPart | undefined {
  const loops = loopsOf(step, result);
  if (loops === undefined || loops.placed.length !== loops.all.length) return undefined;
  const last = loops.placed.at(-1);
  const { loads, constants, isVector } = lookedAt(result.value);
  if (last === undefined || !isVector || !loads.every((e) => isPlain(e, options))) return undefined;
  const operands = [{ tensor: result.name, at: result.at }, ...loads];
  const levels = new Levels("loop", loops.placed, operands);
  const moves = operands.map((operand) => dimensionOf(operand, last) >= 0);
  const made = writer(name, options.storage);
  new Elementwise(made, { result, levels, operands, moves, constants, ...options }).write();
  const kernel: Kernel = {
    ...{ code: made.code, slots: made.frame.slots, scratches: made.frame.scratches },
    ...{ checkedLoads: [], owned: [], defines: [result], counts: undefined, logWeight: undefined },
    overwrites: new Set([result.name]),
    tasks: (b) => blocks(levels, b) * Math.ceil(levels.outside(b) / rowsOfTask(levels, b)),
    work: (b) => levels.points(b) / 8,
  };
  const applies = (b: Bindings): boolean => {
    const { extent, strides } = levels.innermost(b);
    const isInStep = strides.every((stride, k) => stride === (moves[k] ? 4 : 0));
    return (extent <= 1 || isInStep) && isWhole(result, loops, b);
  };
  return { kernel, applies };
}

const blocks = (levels: Levels, b: Bindings): number =>
  Math.max(1, Math.ceil(levels.innermost(b).extent / numbersOfTask));
const rowsOfTask = (levels: Levels, b: Bindings): number =>
  Math.max(1, Math.floor(numbersOfTask / Math.max(1, levels.innermost(b).extent)));

/** What a value is made of: loads, parts that no loop moves, and whether vectors can do the rest. */
function lookedAt(value: Expr): {
  loads: LoadExpr[];
  constants: Expr[];
  isVector: boolean;
} {
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
  if (visit(value)) isVector = false;
  return { loads: [...loads.values()], constants, isVector };
}

const keyOf = ({ tensor, at }: LoadExpr): string => JSON.stringify([tensor, at]);

interface Plan {
  readonly result: Result;
  readonly levels: Levels;
  /** The result first, then what is read. */
  readonly operands: readonly Operand[];
  /** Whether an operand moves with the innermost loop. */
  readonly moves: readonly boolean[];
  readonly constants: readonly Expr[];
  readonly fused: boolean;
}

class Elementwise {
  private readonly made: Writer;
  private readonly code: Code;
  private readonly plan: Plan;
  private readonly math: VectorMath;
  private readonly constants = new Map<Expr, Local>();
  /** Where each operand is in the present row; of those that do not move, their number. */
  private readonly places: readonly Local[];
  private readonly numbers: readonly Local[];

  constructor(made: Writer, plan: Plan) {
    const { code } = made;
    this.made = made;
    this.code = code;
    this.plan = plan;
    this.math = new VectorMath(code, plan.fused);
    this.places = plan.operands.map(() => code.local("i32"));
    this.numbers = plan.operands.map(() => code.local("v128"));
  }

  write(): void {
    const { made, code, plan } = this;
    const { frame, scalars } = made;
    const { levels } = plan;
    for (const e of plan.constants)
      this.constants.set(
        e,
        code.local("v128", w("f32x4.splat", w("f32.demote_f64", scalars.value(e)))),
      );
    const blocksOfRow = frame.computed("blocks", (b) => blocks(levels, b));
    const rowsAtOnce = frame.computed("rows of a task", (b) => rowsOfTask(levels, b));
    const rows = frame.computed("rows", (b) => levels.outside(b));
    const [task, row, first] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const [end, length] = [code.local("i32"), code.local("i32")];
    code.range(task, code.params[1]!, code.params[2]!, 1, () => {
      code.set(row, w("i32.mul", w("i32.div_u", task, blocksOfRow), rowsAtOnce));
      code.set(end, w("i32.add", row, rowsAtOnce));
      code.set(end, select(w("i32.gt_s", end, rows), get(rows), get(end)));
      code.set(first, w("i32.mul", w("i32.rem_u", task, blocksOfRow), numbersOfTask));
      const extent = levels.extent(frame, levels.depth - 1);
      code.set(length, w("i32.sub", extent, first));
      const isLong = w("i32.gt_s", length, numbersOfTask);
      code.set(length, select(isLong, constant("i32", numbersOfTask), get(length)));
      code.range(row, row, end, 1, () => {
        this.enter(row, first);
        this.line(length);
      });
    });
  }

  /** Sets where a row begins in every operand. */
  private enter(row: Local, first: Local): void {
    const { made, code, plan } = this;
    const { frame } = made;
    const { levels, operands, moves } = plan;
    const bytes = code.local("i32", w("i32.shl", first, 2));
    operands.forEach(({ tensor }, k) => {
      const start = get(frame.address(tensor));
      code.set(this.places[k]!, moves[k] ? w("i32.add", start, bytes) : start);
    });
    const [rest, index] = [code.local("i32", row), code.local("i32")];
    for (let level = levels.depth - 2; level >= 0; level--) {
      const extent = levels.extent(frame, level);
      code.set(index, level === 0 ? rest : w("i32.rem_u", rest, extent));
      if (level > 0) code.set(rest, w("i32.div_u", rest, extent));
      this.places.forEach((place, k) => {
        code.set(place, w("i32.add", place, w("i32.mul", index, levels.stride(frame, level, k))));
      });
    }
    this.places.forEach((place, k) => {
      if (!moves[k]) code.set(this.numbers[k]!, load("v128.load32_splat", place));
    });
  }

  private line(length: Local): void {
    const { code } = this;
    const [at, rest] = [code.local("i32"), code.local("i32", w("i32.and", length, 3))];
    const whole = code.local("i32", w("i32.shl", w("i32.sub", length, rest), 2));
    const out = (): Value => w("i32.add", this.places[0]!, at);
    code.range(at, 0, whole, 16, () => code.store("v128.store", out(), this.value(at)));
    code.if(rest, () => {
      // Behind the last number there is room for a vector, and nothing is written there.
      const value = code.local("v128", this.value(at));
      code.storeLane(out(), value, 0);
      for (const lane of [1, 2])
        code.if(w("i32.gt_s", rest, lane), () => code.storeLane(out(), value, lane, 4 * lane));
    });
  }

  private value(at: Local): Value {
    const { code, plan } = this;
    const keys = plan.operands.map((operand) => keyOf(operand as LoadExpr));
    const of = (e: Expr): Value | undefined => {
      const fixed = this.constants.get(e);
      if (fixed !== undefined) return get(fixed);
      if (e.kind !== "load") return undefined;
      const k = keys.indexOf(keyOf(e), 1);
      const isMoving = plan.moves[k];
      return isMoving
        ? load("v128.load", w("i32.add", this.places[k]!, at))
        : get(this.numbers[k]!);
    };
    const edgeLoad = (): never => {
      throw new Error("every load is a source");
    };
    return new Vectors(code, this.math, { of, reciprocal: () => undefined, edgeLoad }).value(
      plan.result.value,
    );
  }
}
