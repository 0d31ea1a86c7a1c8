/** Maps that compute each number of a result from numbers at the same place: four at once. */
import type { NodeMap, Result } from "../../../../ir/program.ts";
import { constant, get, type Local, select, type Value, w } from "../../assembler/code.ts";
import type { Bindings } from "../frame.ts";
import { type Kernel, type Writer, writer } from "../kernel.ts";
import { Body, partsOf } from "./body.ts";
import { dimensionOf, enter, Levels } from "./levels.ts";
import { isPlain, isWhole, loopsOf, type MapOptions, type MapPart } from "./part.ts";

/** Numbers of a task, about. */
const numbersOfTask = 8192;

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
  const parts = partsOf(result.value);
  if (last === undefined || !parts?.loads.every((e) => isPlain(e, options))) return undefined;
  const out = { tensor: result.name, at: result.at };
  const levels = new Levels("loop", loops.placed, [...parts.loads, out]);
  const moves = parts.loads.map((e) => dimensionOf(e, last) >= 0);
  const made = writer(name, options.storage);
  const body = new Body(made, result.value, parts, { moves, fused: options.fused });
  const tensors = [...parts.loads, out].map(({ tensor }) => tensor);
  write(made, { body, levels, tensors, moves: [...moves, true] });
  const kernel: Kernel = {
    ...{ code: made.code, slots: made.frame.slots, scratches: made.frame.scratches },
    ...{ checkedLoads: [], owned: [], defines: [result], counts: undefined, logWeight: undefined },
    overwrites: new Set([result.name]),
    tasks: (b) => blocks(levels, b) * Math.ceil(levels.outside(b) / rowsOfTask(levels, b)),
    work: (b) => levels.points(b) / 8,
  };
  const applies = (b: Bindings): boolean => {
    const { extent, strides } = levels.innermost(b);
    const isInStep = [...moves, true].every((is, k) => strides[k] === (is ? 4 : 0));
    return (extent <= 1 || isInStep) && isWhole(result, loops, b);
  };
  return { kernel, applies };
}

const blocks = (levels: Levels, b: Bindings): number =>
  Math.max(1, Math.ceil(levels.innermost(b).extent / numbersOfTask));
const rowsOfTask = (levels: Levels, b: Bindings): number =>
  Math.max(1, Math.floor(numbersOfTask / Math.max(1, levels.innermost(b).extent)));

interface Plan {
  readonly body: Body;
  readonly levels: Levels;
  /** What is read, then the result; and whether it moves with the innermost loop. */
  readonly tensors: readonly string[];
  readonly moves: readonly boolean[];
}

function write(made: Writer, plan: Plan): void {
  const { code, frame } = made;
  const { levels } = plan;
  const blocksOfRow = frame.computed("blocks", (b) => blocks(levels, b));
  const rowsAtOnce = frame.computed("rows of a task", (b) => rowsOfTask(levels, b));
  const rows = frame.computed("rows", (b) => levels.outside(b));
  const extent = levels.extent(frame, levels.depth - 1);
  const [task, row, first] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const [end, length, out] = [code.local("i32"), code.local("i32"), code.local("i32")];
  code.range(task, code.params[1]!, code.params[2]!, 1, () => {
    code.set(row, w("i32.mul", w("i32.div_u", task, blocksOfRow), rowsAtOnce));
    code.set(end, w("i32.add", row, rowsAtOnce));
    code.set(end, select(w("i32.gt_s", end, rows), get(rows), get(end)));
    code.set(first, w("i32.mul", w("i32.rem_u", task, blocksOfRow), numbersOfTask));
    code.set(length, w("i32.sub", extent, first));
    const isLong = w("i32.gt_s", length, numbersOfTask);
    code.set(length, select(isLong, constant("i32", numbersOfTask), get(length)));
    code.range(row, row, end, 1, () => {
      begin(made, plan, { out, row, first });
      plan.body.settle();
      line(made, plan.body, out, length);
    });
  });
}

/** Sets where a row begins in every tensor. */
function begin(
  { code, frame }: Writer,
  { body, levels, tensors, moves }: Plan,
  { out, row, first }: { readonly out: Local; readonly row: Local; readonly first: Local },
): void {
  const places = [...body.places, out];
  const bytes = code.local("i32", w("i32.shl", first, 2));
  tensors.forEach((tensor, k) => {
    const start = get(frame.address(tensor));
    code.set(places[k]!, moves[k] ? w("i32.add", start, bytes) : start);
  });
  enter({ code, frame }, levels, code.local("i32", row), places, 1);
}

function line({ code }: Writer, body: Body, to: Local, length: Local): void {
  const [at, rest] = [code.local("i32"), code.local("i32", w("i32.and", length, 3))];
  const whole = code.local("i32", w("i32.shl", w("i32.sub", length, rest), 2));
  const out = (): Value => w("i32.add", to, at);
  code.range(at, 0, whole, 16, () => code.store("v128.store", out(), body.at(at)));
  code.if(rest, () => {
    // Behind the last number there is room for a vector to read, but others may write there.
    const value = code.local("v128", body.at(at));
    code.storeLane(out(), value, 0);
    for (const lane of [1, 2])
      code.if(w("i32.gt_s", rest, lane), () => code.storeLane(out(), value, lane, 4 * lane));
  });
}
