/**
 * Gradient of a fixed point: back through every iteration, or at the point that it reached.
 *
 * Unrolled, the states before each iteration are kept (`history`) and a second fixed point walks
 * them from the last to the first. Implicit, λ = g + (∂f/∂z)ᵀ λ is itself iterated, and the
 * gradient by the start is 0.
 */
import { EdgewiseError } from "../errors/edgewiseError.ts";
import {
  binary,
  type Expr,
  expr,
  index,
  load,
  multiply,
  roundoff,
  subtract,
  unary,
} from "./expr.ts";
import { at, map } from "./fold.ts";
import { defines, type FixedPoint, type Step, stateShape } from "./program.ts";
import { captured, renamed } from "./reads.ts";
import type { Tape } from "./tape.ts";

/** Keeps every state of the fixed points that are differentiated through their iterations. */
export function withHistory(step: Step): Step {
  if (step.kind !== "fixedPoint") return step;
  const blocks = step.blocks.map((block) => ({ ...block, steps: block.steps.map(withHistory) }));
  if (step.gradient === "implicit") return { ...step, blocks };
  const history = Object.fromEntries(step.state.map(({ name }) => [name, `${name}…`]));
  return { ...step, blocks, history };
}

/** Adds the steps that carry cotangents of a fixed point's results to what it started from and read. */
export function fixedPointGradient(
  step: FixedPoint,
  cotangents: ReadonlyMap<string, string>,
  outer: Tape,
): void {
  if (step.gradient === "unrolled") unrolled(step, cotangents, outer);
  else implicit(step, cotangents, outer);
}

/** One iteration as straight steps: where each state is read from, and where its next value is. */
interface Body {
  readonly steps: readonly Step[];
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly renamed: ReadonlyMap<string, string>;
}

function bodyOf(step: FixedPoint, before: ReadonlyMap<string, string>, suffix: string): Body {
  const own = step.blocks.flatMap(({ steps }) => steps).flatMap((inner) => defines(inner));
  const locals = new Map(
    [...own.map(({ name }) => name), step.iteration].map((name) => [name, `${name}${suffix}`]),
  );
  const current = new Map(before);
  const steps: Step[] = [];
  for (const block of step.blocks) {
    const names = new Map([...locals, ...current]);
    steps.push(...block.steps.map((inner) => renamed(inner, names)));
    for (const [state, tensor] of Object.entries(block.update)) {
      current.set(state, names.get(tensor) ?? tensor);
    }
  }
  return { steps, before, after: current, renamed: locals };
}

function unrolled(step: FixedPoint, cotangents: ReadonlyMap<string, string>, outer: Tape): void {
  const states = step.state.map(({ name }) => name);
  const suffix = outer.name("↺");
  const body = bodyOf(step, new Map(states.map((name) => [name, `${name}${suffix}`])), suffix);
  const t = outer.name("t");
  const last = subtract(subtract(load(step.iterations), 1), load(t));
  const tape = innerTape(step, body, outer);
  const reread = states.map((name) => {
    const over = tape.axesOf(body.before.get(name) as string);
    return map(
      body.before.get(name) as string,
      over,
      load(step.history[name] as string, [last, ...over.map(index)]),
    );
  });
  for (const trace of step.traces) {
    const cotangent = cotangents.get(trace.tensor);
    if (cotangent === undefined) continue;
    const of = body.renamed.get(trace.of) ?? body.before.get(trace.of) ?? trace.of;
    const over = tape.axesOf(of);
    const slice = outer.name(`∂${trace.tensor}`);
    tape.steps.push(map(slice, over, load(cotangent, [...over.map(index), last])));
    tape.contribute(of, slice);
  }
  reread.push(map(body.renamed.get(step.iteration) as string, [], last));
  const carried = carry(states, outer, (name) => cotangents.get(name));
  for (const name of states)
    tape.contribute(body.after.get(name) as string, carried.get(name)?.inside as string);
  tape.backward(body.steps);
  const sums = sumsOf(body, outer, tape);
  const update: Record<string, string> = {};
  for (const name of states) {
    const start = body.before.get(name) as string;
    update[carried.get(name)?.inside as string] = tape.settle(start) ?? tape.zeros(start);
  }
  for (const { inside, next } of sums.values()) update[inside] = next;
  outer.steps.push({
    kind: "fixedPoint",
    name: `back through ${step.name}`,
    state: [
      ...states.map((name) => stateSpec(carried.get(name), outer.cotangentShape(name))),
      ...[...sums].map(([name, sum]) => stateSpec(sum, outer.cotangentShape(name))),
    ],
    blocks: [{ name: "back", steps: [...reread, ...body.steps, ...tape.steps], update }],
    maxIterations: step.iterations,
    iteration: t,
    traces: [],
    history: {},
    iterations: outer.name(`${step.iterations}Back`),
    gradient: "unrolled",
  });
  for (const { name, initial } of step.state)
    outer.contribute(initial, carried.get(name)?.inside as string);
  for (const [name, { inside }] of sums) outer.contribute(name, inside);
}

interface Carried {
  readonly initial: string;
  readonly inside: string;
}

const stateSpec = (
  of: Carried | undefined,
  shape: FixedPoint["state"][number]["shape"],
): FixedPoint["state"][number] => ({
  name: of?.inside as string,
  initial: of?.initial as string,
  shape,
});

/** Cotangents carried backwards, one for each name, from what arrived or from zero. */
function carry(
  names: readonly string[],
  outer: Tape,
  arrived: (name: string) => string | undefined,
): Map<string, Carried> {
  return new Map(
    names.map((name) => [
      name,
      { initial: arrived(name) ?? outer.zeros(name), inside: outer.name(`∂${name}`) },
    ]),
  );
}

function innerTape(step: FixedPoint, body: Body, outer: Tape): Tape {
  const outside = [...captured(body.steps)].map((name) => ({ name, shape: outer.shapeOf(name) }));
  const starts = [...body.before].map(([state, name]) => ({
    name,
    shape: stateShape(step, state),
  }));
  const varying = [
    ...outside.map(({ name }) => name).filter(outer.wanted),
    ...starts.map(({ name }) => name),
  ];
  return outer.inner([...outside, ...starts], body.steps, varying);
}

/** For each outside tensor that an iteration reads: a running sum of its cotangents. */
function sumsOf(body: Body, outer: Tape, tape: Tape): Map<string, Carried & { next: string }> {
  const sums = new Map<string, Carried & { next: string }>();
  const starts = new Set(body.before.values());
  for (const name of captured(body.steps)) {
    if (starts.has(name) || !outer.wanted(name)) continue;
    const cotangent = tape.settle(name);
    if (cotangent === undefined) continue;
    const [carried] = carry([name], outer, () => undefined).values() as MapIterator<Carried>;
    const { initial, inside } = carried as Carried;
    const over = outer.axesOf(name);
    const next = outer.name(`∂${name}`);
    tape.steps.push(
      map(next, over, {
        kind: "binary",
        op: "add",
        left: at(inside, over),
        right: at(cotangent, over),
      }),
    );
    sums.set(name, { initial, inside, next });
  }
  return sums;
}

// λ is computed to rounding, with a cap that only a contraction rate above 0.998 reaches.
const implicitTolerance = multiply(64, roundoff);
const implicitIterations = 20000;

function implicit(step: FixedPoint, cotangents: ReadonlyMap<string, string>, outer: Tape): void {
  if (step.traces.some(({ tensor }) => cotangents.has(tensor)))
    throw new EdgewiseError({
      code: "bad_program",
      where: `gradient of ${step.name}`,
      got: "a cotangent for a trace of its iterations",
      expected: "cotangents of its final state only, since the gradient is implicit",
      fix: "take this gradient unrolled",
    });
  const states = step.state.map(({ name }) => name);
  const carried = carry(states, outer, (name) => cotangents.get(name));
  const lambda = new Map(states.map((name) => [name, carried.get(name)?.inside as string]));
  const inner = pulledBack(step, outer, lambda);
  const update: Record<string, string> = {};
  const active: { name: string; over: ReturnType<Tape["axesOf"]>; moved: Expr }[] = [];
  for (const name of states) {
    const over = outer.axesOf(name);
    const back = inner.tape.settle(inner.body.before.get(name) as string);
    const next = outer.name(`∂${name}`);
    const g = at(carried.get(name)?.initial as string, over);
    const value: Expr =
      back === undefined ? g : { kind: "binary", op: "add", left: g, right: at(back, over) };
    inner.tape.steps.push(map(next, over, value));
    update[lambda.get(name) as string] = next;
    active.push({ name, over, moved: moved(at(next, over), at(lambda.get(name) as string, over)) });
  }
  const still = outer.name("moving");
  inner.tape.steps.push({
    kind: "map",
    over: [],
    results: active.map(({ over, moved }) => ({
      name: still,
      shape: [],
      along: over,
      at: [],
      value: moved,
    })),
  });
  outer.steps.push({
    kind: "fixedPoint",
    name: `adjoint of ${step.name}`,
    state: states.map((name) => stateSpec(carried.get(name), outer.cotangentShape(name))),
    blocks: [{ name: "adjoint", steps: [...inner.body.steps, ...inner.tape.steps], update }],
    maxIterations: implicitIterations,
    iteration: outer.name("t"),
    active: still,
    traces: [],
    history: {},
    iterations: outer.name(`${step.iterations}Back`),
    gradient: "implicit",
  });
  // Once more at the solved λ, for what the iteration reads from outside.
  const final = pulledBack(step, outer, lambda);
  const settled = [...captured(final.body.steps)]
    .filter((name) => !states.includes(name))
    .map((name) => [name, final.tape.settle(name)] as const);
  // Settling adds the steps that sum what arrived: all of them come first.
  outer.steps.push(...final.body.steps, ...final.tape.steps);
  for (const [name, cotangent] of settled)
    if (cotangent !== undefined) outer.contribute(name, cotangent);
}

/** One iteration at the final state, pulled back from cotangents `lambda` of its next state. */
function pulledBack(
  step: FixedPoint,
  outer: Tape,
  lambda: ReadonlyMap<string, string>,
): { body: Body; tape: Tape } {
  const body = bodyOf(step, new Map(step.state.map(({ name }) => [name, name])), outer.name("↺"));
  const iteration = map(body.renamed.get(step.iteration) as string, [], load(step.iterations));
  const tape = innerTape(step, body, outer);
  for (const [name, cotangent] of lambda)
    tape.contribute(body.after.get(name) as string, cotangent);
  tape.backward(body.steps);
  return { body: { ...body, steps: [iteration, ...body.steps] }, tape };
}

/** 1 where a number still moves by more than rounding. */
function moved(next: Expr, before: Expr): Expr {
  const change = unary("abs", subtract(next, before));
  const scale = binary("max", expr(1), unary("abs", before));
  return binary("less", multiply(implicitTolerance, scale), change);
}
