/**
 * Maps that sum over nodes or features what vectors can compute: along features, a number for each
 * node; or over nodes, a line of features.
 *
 * Sums are of some terms in single precision, then of these sums: an error grows with the former
 * number, and more slowly with the latter.
 */
import type { Axis, Expr } from "../../../../ir/expr.ts";
import type { NodeMap, Result } from "../../../../ir/program.ts";
import {
  type Code,
  constant,
  get,
  ints,
  type Local,
  load,
  select,
  w,
} from "../../assembler/code.ts";
import type { Bindings } from "../frame.ts";
import { type Kernel, type Writer, writer } from "../kernel.ts";
import { moveLine, sumOfLanes } from "../tile/lines.ts";
import { Body, type Parts, partsOf } from "./body.ts";
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

/** Terms that are summed before their sum is added to those before: features, and nodes. */
const featuresAtOnce = 1024;
const nodesAtOnce = 64;
/** Features of a task that sums over nodes, and terms of one that sums over features, about. */
const lineOfTask = 2048;
const termsOfTask = 8192;

/** A result of a map as a sum of vectors; nothing where it is no such map. */
export function vectorSum(
  name: string,
  step: NodeMap,
  result: Result,
  options: MapOptions,
): MapPart | undefined {
  const loops = loopsOf(step, result);
  const sum = sumOf(result.value);
  if (loops === undefined) return undefined;
  const terms = [...loops.all.filter((axis) => !loops.placed.includes(axis)), ...sum.axes];
  const parts = partsOf(sum.of);
  if (terms.length === 0 || !parts?.loads.every((e) => isPlain(e, options))) return undefined;
  const last = lastOf(parts);
  const line = loops.placed.at(-1);
  const along = terms.find((axis) => axis.name === last);
  if (last === undefined || (line?.name !== last && along === undefined)) return undefined;
  const made = writer(name, options.storage);
  const plan = { made, result, loops, terms, sum, parts, fused: options.fused };
  if (along === undefined) return lines(plan, line as Axis);
  return rows({ ...plan, terms: [...terms.filter((axis) => axis !== along), along] }, along);
}

interface Sum {
  readonly axes: readonly Axis[];
  readonly of: Expr;
  readonly scale: Scale;
}

/** A value as a sum, scaled. */
function sumOf(value: Expr): Sum {
  const axes: Axis[] = [];
  const scale: { e: Expr; divides: boolean }[] = [];
  let of = value;
  for (;;) {
    if (of.kind === "reduce" && of.op === "sum") {
      axes.push(of.axis);
      of = of.of;
    } else if (of.kind === "unary" && of.op === "negate") {
      scale.push({ e: { kind: "number", value: -1 }, divides: false });
      of = of.of;
    } else if (of.kind === "binary" && of.op === "multiply" && isFixed(of.left)) {
      scale.push({ e: of.left, divides: false });
      of = of.right;
    } else if (of.kind === "binary" && /multiply|divide/.test(of.op) && isFixed(of.right)) {
      scale.push({ e: of.right, divides: of.op === "divide" });
      of = of.left;
    } else return { axes, of, scale };
  }
}

/** The last dimension of a load, if those that have it have it there: along it go the vectors. */
function lastOf({ loads }: Parts): string | undefined {
  const ends = loads.flatMap(({ at }) => {
    const end = at.at(-1);
    return end?.kind === "index" ? [end.axis] : [];
  });
  const isLast = (name: string): boolean =>
    loads.every(({ at }) => at.slice(0, -1).every((e) => e.kind !== "index" || e.axis !== name));
  return ends.find(isLast);
}

interface Plan {
  readonly made: Writer;
  readonly result: Result;
  readonly loops: Loops;
  readonly terms: readonly Axis[];
  readonly sum: Sum;
  readonly parts: Parts;
  readonly fused: boolean;
}

/** What both forms have in common. */
interface Made {
  readonly placed: Levels;
  readonly terms: Levels;
  readonly moves: readonly boolean[];
  readonly body: Body;
  readonly scale: Local;
  readonly out: Local;
}

function madeOf({ made, result, loops, terms, sum, parts, fused }: Plan, along: Axis): Made {
  const out: Operand = { tensor: result.name, at: result.at };
  const moves = parts.loads.map((e) => dimensionOf(e, along) >= 0);
  return {
    placed: new Levels("place", loops.placed, [...parts.loads, out]),
    terms: new Levels("term", terms, parts.loads),
    moves,
    body: new Body(made, sum.of, parts, { moves, fused }),
    scale: made.code.local("f32", scaleOf(made, sum.scale)),
    out: made.code.local("i32"),
  };
}

function kernelOf({ made, result }: Plan, tasks: Kernel["tasks"], work: Kernel["work"]): Kernel {
  return {
    ...{ code: made.code, slots: made.frame.slots, scratches: made.frame.scratches },
    ...{ checkedLoads: [], owned: [], defines: [result], counts: undefined, logWeight: undefined },
    ...{ overwrites: new Set([result.name]), tasks, work },
  };
}

function isInStep(levels: Levels, moves: readonly boolean[], b: Bindings): boolean {
  const { extent, strides } = levels.innermost(b);
  return extent <= 1 || moves.every((is, k) => strides[k] === (is ? 4 : 0));
}

/** Sets every tensor to its first number. */
function rewind({ made, result, parts }: Plan, places: readonly Local[], out: Local): void {
  const { code, frame } = made;
  parts.loads.forEach(({ tensor }, k) => {
    code.set(places[k]!, frame.address(tensor));
  });
  code.set(out, frame.address(result.name));
}

/** Visits the points of levels but the innermost, with the places moved there and back. */
function each(
  made: Writer,
  levels: Levels,
  places: readonly Local[],
  visit: () => void,
  level = 0,
): void {
  if (level >= levels.depth - 1) {
    visit();
    return;
  }
  const { code, frame } = made;
  const starts = places.map((place) => code.local("i32", place));
  const k = code.local("i32");
  code.range(k, 0, levels.extent(frame, level), 1, () => {
    places.forEach((place, o) => {
      const moved = w("i32.mul", k, levels.stride(frame, level, o));
      code.set(place, w("i32.add", starts[o]!, moved));
    });
    each(made, levels, places, visit, level + 1);
  });
  places.forEach((place, o) => {
    code.set(place, starts[o]!);
  });
}

/** One number for each place: vectors go along the last of the terms. */
function rows(plan: Plan, along: Axis): MapPart {
  const { made, loops, result } = plan;
  const { code, frame } = made;
  const { placed, terms, moves, body, scale, out } = madeOf(plan, along);
  const rowsOfTask = (b: Bindings): number =>
    Math.max(1, Math.floor(termsOfTask / Math.max(1, terms.points(b))));
  const atOnce = frame.computed("rows of a task", rowsOfTask);
  const count = frame.computed("rows", (b) => placed.points(b));
  const [task, row, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const total = code.local("f64");
  const extent = terms.extent(frame, terms.depth - 1);
  code.range(task, code.params[1]!, code.params[2]!, 1, () => {
    code.set(row, w("i32.mul", task, atOnce));
    code.set(end, w("i32.add", row, atOnce));
    code.set(end, select(w("i32.gt_s", end, count), get(count), get(end)));
    code.range(row, row, end, 1, () => {
      rewind(plan, body.places, out);
      enter(made, placed, code.local("i32", row), [...body.places, out], 0);
      code.set(total, 0);
      each(made, terms, body.places, () => {
        body.settle();
        addRow(code, body, extent, total);
      });
      const scaled = w("f64.mul", total, w("f64.promote_f32", scale));
      code.store("f32.store", out, w("f32.demote_f64", scaled));
    });
  });
  const kernel = kernelOf(
    plan,
    (b) => Math.ceil(placed.points(b) / rowsOfTask(b)),
    (b) => (placed.points(b) * terms.points(b)) / 8,
  );
  return { kernel, applies: (b) => isInStep(terms, moves, b) && isWhole(result, loops, b) };
}

function addRow(code: Code, body: Body, extent: Local, total: Local): void {
  const [at, end, sum] = [code.local("i32", 0), code.local("i32"), code.local("v128")];
  const last = code.local("i32", w("i32.shl", extent, 2));
  const whole = code.local("i32", w("i32.and", last, -16));
  code.while(
    () => w("i32.lt_s", at, whole),
    () => {
      code.set(end, w("i32.add", at, 4 * featuresAtOnce));
      code.set(end, select(w("i32.gt_s", end, whole), get(whole), get(end)));
      code.set(sum, 0);
      code.range(at, at, end, 16, () => code.set(sum, w("f32x4.add", sum, body.at(at))));
      code.set(total, w("f64.add", total, sumOfLanes(sum)));
    },
  );
  code.if(w("i32.lt_s", at, last), () => {
    // Behind the last number there is room for a vector, whose numbers are left out.
    const rest = w("i32x4.splat", w("i32.shr_u", w("i32.sub", last, at), 2));
    const exists = code.local("v128", w("i32x4.lt_s", ints(0, 1, 2, 3), rest));
    code.set(sum, w("v128.and", body.at(at), exists));
    code.set(total, w("f64.add", total, sumOfLanes(sum)));
  });
}

/** A line of numbers for each place but the last axis, along which vectors go. */
function lines(plan: Plan, along: Axis): MapPart {
  const { made, loops, result } = plan;
  const { code, frame } = made;
  const { placed, terms, moves, body, scale, out } = madeOf(plan, along);
  const blocks = (b: Bindings): number =>
    Math.max(1, Math.ceil(placed.innermost(b).extent / lineOfTask));
  const blocksOfLine = frame.computed("blocks", blocks);
  const extent = placed.extent(frame, placed.depth - 1);
  const factor = code.local("v128", w("f32x4.splat", scale));
  const [task, rest, length] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const places = [...body.places, out];
  code.range(task, code.params[1]!, code.params[2]!, 1, () => {
    code.set(rest, task);
    const first = code.local("i32", w("i32.mul", digit(code, rest, blocksOfLine), lineOfTask));
    rewind(plan, body.places, out);
    enter(made, placed, rest, places, 1);
    places.forEach((place, k) => {
      if (moves[k] ?? true) code.set(place, w("i32.add", place, w("i32.shl", first, 2)));
    });
    code.set(length, w("i32.sub", extent, first));
    const isLong = w("i32.gt_s", length, lineOfTask);
    code.set(length, select(isLong, constant("i32", lineOfTask), get(length)));
    const total = addLines(made, body, terms, length);
    moveLine(code, { to: get(out), from: get(total), features: get(length), factor, adds: false });
  });
  const kernel = kernelOf(
    plan,
    (b) => blocks(b) * placed.outside(b),
    (b) => (placed.points(b) * terms.points(b)) / 8,
  );
  const applies = (b: Bindings): boolean =>
    isInStep(placed, [...moves, true], b) && isWhole(result, loops, b);
  return { kernel, applies };
}

/** Adds up all terms of a line in working memory. */
function addLines(made: Writer, body: Body, terms: Levels, length: Local): Local {
  const { code, frame } = made;
  const room = (): number => 4 * (lineOfTask + 16);
  const [total, part] = [frame.scratch("total", room), frame.scratch("part", room)];
  const bytes = code.local("i32", w("i32.shl", length, 2));
  const level = terms.depth - 1;
  const extent = terms.extent(frame, level);
  const [k, end, at, to] = [0, 1, 2, 3].map(() => code.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
  ];
  code.run("memory.fill", total, 0, bytes);
  each(made, terms, body.places, () => {
    const starts = body.places.map((place) => code.local("i32", place));
    code.set(k, 0);
    code.while(
      () => w("i32.lt_s", k, extent),
      () => {
        code.set(end, w("i32.add", k, nodesAtOnce));
        code.set(end, select(w("i32.gt_s", end, extent), get(extent), get(end)));
        // The last vector may go beyond the line, for which there is room.
        code.run("memory.fill", part, 0, w("i32.add", bytes, 16));
        code.range(k, k, end, 1, () => {
          body.settle();
          code.range(at, 0, bytes, 16, () => {
            code.set(to, w("i32.add", part, at));
            code.store("v128.store", to, w("f32x4.add", load("v128.load", to), body.at(at)));
          });
          body.places.forEach((place, o) => {
            code.set(place, w("i32.add", place, terms.stride(frame, level, o)));
          });
        });
        moveLine(code, { to: get(total), from: get(part), features: get(length), adds: true });
      },
    );
    body.places.forEach((place, o) => {
      code.set(place, starts[o]!);
    });
  });
  return total;
}
