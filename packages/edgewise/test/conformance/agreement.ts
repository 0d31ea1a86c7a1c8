/** One program on every engine, against the reference. */
import { type Answer, EdgewiseError, type Engine, type Inputs, type Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import type { FixedPoint, Program, Step } from "edgewise/ir";
import { expect } from "vitest";
import { the } from "../random.ts";
import type { Tried } from "./engines.ts";
import { shaken, shakenInputs } from "./shaken.ts";
import { roundoff, tolerance } from "./tolerance.ts";

/** A program with inputs, what the reference answers, and how exactly one can answer. */
export interface Expected {
  readonly claim: string;
  readonly program: Program;
  readonly inputs: Inputs;
  readonly answer: Answer;
  /** For each output, how far each row moves when every stored number is shaken. */
  readonly moves: Readonly<Record<string, Float64Array>>;
}

/** A program that the reference was asked for, and what it answered. */
export interface Asked {
  readonly program: Program;
  readonly inputs: Inputs;
  readonly answer: Answer;
}

const mostEdges = ({ counters }: Answer): number =>
  Math.max(0, ...Object.values(counters.folds).map(({ edges }) => edges));

/**
 * A shake and its reverse: where one stops at an end, such as that of an entropy at 0, the other
 * moves. Of many edges one tells: what it does to some rows, the other would do to others. Few edges
 * may cancel wholly, so that the terms of their scores count one by one.
 */
function shakesOf(edges: number): { readonly phases: readonly number[]; readonly isFine: boolean } {
  return { phases: edges < 20_000 ? [1, 2] : [1], isFine: edges < 600 };
}

const oracle = reference();

/** What the reference answers, and how far that moves. */
export function expected(claim: string, { program, inputs, answer }: Asked): Expected {
  const moves = Object.fromEntries(
    Object.entries(answer.outputs).map(([name, { data, shape }]) => [
      name,
      new Float64Array(data.length / rowLength(shape) || 0),
    ]),
  );
  const { phases, isFine } = shakesOf(mostEdges(answer));
  for (const phase of phases) {
    const shake = answered(shakenOf(program, phase, isFine), shakenInputs(inputs, phase));
    for (const [name, { data, shape }] of Object.entries(answer.outputs)) {
      const moved = the(shake.answer.outputs, name).data;
      // Another number of iterations would be another answer: such a case proves nothing.
      expect(moved.length, `${claim}: ${name} is as long when it is shaken`).toBe(data.length);
      const [rows, width] = [the(moves, name), rowLength(shape)];
      for (let k = 0; k < data.length; k++) {
        const by = Math.abs((moved[k] as number) - (data[k] as number));
        const row = Math.floor(k / width);
        if (by > (rows[row] as number)) rows[row] = by;
      }
    }
  }
  return { claim, program, inputs, answer, moves };
}

/** Asks the reference. */
export function answered(program: Program, inputs: Inputs): Asked {
  return { program, inputs, answer: oracle.runSync(loweredBy(oracle, program), inputs) };
}

const artifacts = new WeakMap<object, WeakMap<Program, unknown>>();

/** A program as an engine runs it, lowered once. */
function loweredBy<Artifact>(engine: Engine<Artifact>, program: Program): Artifact {
  const known = artifacts.get(engine) ?? new WeakMap<Program, unknown>();
  artifacts.set(engine, known);
  // What an engine lowered is what it runs.
  const artifact = (known.get(program) as Artifact | undefined) ?? engine.lower(program);
  known.set(program, artifact);
  return artifact;
}

const shakenPrograms = new WeakMap<Program, Map<string, Program>>();

function shakenOf(program: Program, phase: number, isFine: boolean): Program {
  const known = shakenPrograms.get(program) ?? new Map<string, Program>();
  shakenPrograms.set(program, known);
  const key = `${phase} ${isFine}`;
  const made = known.get(key) ?? shaken(program, phase, isFine);
  known.set(key, made);
  return made;
}

const rowLength = (shape: readonly number[]): number => shape.at(-1) ?? 1;

/** Asserts that every engine ran the program and answers what the reference does. */
export async function agrees(tried: readonly Tried[], of: Expected): Promise<void> {
  for (const { name, engine, shared } of tried) {
    const where = `${of.claim}, ${name}`;
    const artifact = loweredBy(engine, of.program);
    const got = await engine.run(artifact, of.inputs);
    compare(where, of, got);
    sameBytes(`${where}, once more`, await engine.run(artifact, of.inputs), got);
    if (shared === undefined) continue;
    const other = await shared.run(loweredBy(shared, of.program), of.inputs);
    sameBytes(`${where}, on two threads`, other, got);
  }
}

/** Asserts that two answers are the same to the last bit. */
export function sameBytes(where: string, got: Answer, wanted: Answer): void {
  for (const [name, { data }] of Object.entries(wanted.outputs)) {
    const [a, b] = [bytesOf(the(got.outputs, name)), bytesOf({ data })];
    if (a.length !== b.length || a.some((byte, k) => byte !== b[k]))
      expect.fail(`${where}: other bytes in ${name}`);
  }
  expect(got.counters, where).toEqual(wanted.counters);
}

export function bytesOf({ data }: Pick<Tensor, "data">): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Asserts that an answer is the expected one; answers the largest error as a part of its bound. */
export function compare(where: string, of: Expected, { outputs, counters }: Answer): number {
  let worst = 0;
  const wanted = of.answer;
  expect(Object.keys(outputs).sort(), where).toEqual(Object.keys(wanted.outputs).sort());
  for (const [name, { data, shape }] of Object.entries(wanted.outputs)) {
    const got = the(outputs, name);
    // Numbers in single precision: nothing else than this engine made them.
    expect(got.data, where).toBeInstanceOf(Float32Array);
    expect(got.shape, `${where}: shape of ${name}`).toEqual([...shape]);
    const bounds = boundsOf(of, name);
    const width = rowLength(shape);
    for (let k = 0; k < data.length; k++) {
      // What single precision cannot hold is infinite in it.
      const [x, y] = [inRange(data[k] as number), got.data[k] as number];
      const bound = bounds[Math.floor(k / width)] as number;
      if (x === y || Object.is(x, y)) continue;
      worst = Math.max(worst, Math.abs(x - y) / bound);
      if (Math.abs(x - y) <= bound) continue;
      expect.fail(`${where}: ${y} in ${name} at element ${k}, expected ${x} ± ${bound}`);
    }
  }
  const counted = countsOf(of.program);
  expect(counted(counters), where).toEqual(counted(wanted.counters));
  return worst;
}

const inRange = (x: number): number => (Number.isFinite(Math.fround(x)) ? x : Math.fround(x));

/** Tolerance of each row of an output. */
function boundsOf({ answer, inputs, moves }: Expected, name: string): number[] {
  const { data, shape } = the(answer.outputs, name);
  const width = rowLength(shape);
  const moved = the(moves, name);
  const sizes = Array.from(moved, (_, row) => largest(data, row * width, (row + 1) * width));
  const relative = Array.from(moved, (by, row) => ratio(by, sizes[row] as number));
  const [usual, common] = [median(relative), median(moved)];
  const longest = Math.max(1, ...Object.values(inputs).flatMap((tensor) => tensor.shape));
  const terms = Math.max(longest, mostEdges(answer) / Math.max(1, data.length));
  const reach = Math.max(
    1,
    ...Object.values(inputs).map((of) => largest(of.data, 0, of.data.length)),
  );
  return sizes.map((size, row) => {
    // A shake that happens to leave a row in place says less than what it does to others.
    const by = Math.max(moved[row] as number, usual * size, common);
    return tolerance({ dtype: "float32", terms, scale: size + by / roundoff.float32, reach });
  });
}

const ratio = (by: number, size: number): number => (size > 0 ? by / size : 0);

function largest(data: ArrayLike<number>, from: number, to: number): number {
  let most = 0;
  for (let k = from; k < to; k++) {
    const size = Math.abs(data[k] as number);
    if (size > most && Number.isFinite(size)) most = size;
  }
  return most;
}

/** Of those that are not 0. */
function median(of: ArrayLike<number>): number {
  const some = Float64Array.from(of)
    .filter((x) => x > 0)
    .sort();
  return some[Math.floor(some.length / 2)] ?? 0;
}

/**
 * What every engine counts alike: edges and empty rows of the normalising folds (engines may take
 * weighted folds together), iterations, and whether they reached what they were to reach. An
 * iteration that ends at the rounding of its numbers ends sooner where that is coarser.
 */
function countsOf(program: Program): (of: Answer["counters"]) => Answer["counters"] {
  const folds = new Set(program.steps.flatMap(evidences));
  const rounded = new Set(
    program.steps.flatMap((step) =>
      step.kind === "fixedPoint" && endsAtRounding(step) ? [step.name] : [],
    ),
  );
  return ({ folds: all, iterations, converged }) => ({
    folds: Object.fromEntries(Object.entries(all).filter(([name]) => folds.has(name))),
    iterations: Object.fromEntries(
      Object.entries(iterations).map(([name, n]) => [name, rounded.has(name) ? 1 : n]),
    ),
    converged,
  });
}

function evidences(step: Step): string[] {
  if (step.kind === "normalise") return [step.logEvidence.name];
  if (step.kind !== "fixedPoint" || endsAtRounding(step)) return [];
  return step.blocks.flatMap(({ steps }) => steps.flatMap(evidences));
}

const endsAtRounding = (step: FixedPoint): boolean =>
  JSON.stringify(step.blocks).includes('"roundoff"');

/** An engine that hands everything on, and keeps what it was asked. */
export interface Recorder {
  readonly engine: Engine;
  readonly asked: Asked[];
}

/** The reference with a memory: `prepare` binds a model's inputs, and they are kept. */
export function recorder(): Recorder {
  const asked: Asked[] = [];
  const runSync = (program: Program, inputs: Inputs): Answer => {
    const kept = answered(program, inputs);
    asked.push(kept);
    return kept.answer;
  };
  const engine: Engine<Program> = {
    name: oracle.name,
    supports: () => [],
    lower: (program) => program,
    run: async (program, inputs) => runSync(program, inputs),
    runSync,
    dispose: () => {},
  };
  // `prepare` runs what this engine lowered, and nothing else.
  return { engine: engine as Engine, asked };
}

/** The error that a call ends in, if it is one of ours. */
export function refusal(run: () => unknown): EdgewiseError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof EdgewiseError) return error;
    throw error;
  }
  return undefined;
}
