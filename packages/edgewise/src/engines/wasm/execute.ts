/** One call, as it was planned: copy in, run kernels, copy out. */
import { countOf, type Tensor } from "../../array/tensor.ts";
import type { Program } from "../../ir/program.ts";
import type { RoutineArray, RoutineReport, RoutineRun } from "../../ir/routine/routine.ts";
import { routineRuns } from "../../ir/routine/run/index.ts";
import type { Answer, Inputs } from "../engine.ts";
import { diverged, notFinite, outOfRange, routineNotFinite } from "../shared/failures.ts";
import { refusalOfVanished } from "../shared/vanished.ts";
import type { PlannedCall } from "./calls.ts";
import { failures, report } from "./kernel/frame.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { checkLists } from "./lists.ts";
import type { Address, Memory } from "./memory.ts";
import { checkedWrite, copyTo, numbers, type Placed, taken, write } from "./placed.ts";
import type { KernelCall, PlannedFixedPoint, PlannedRoutine, Segment } from "./plan.ts";

/** Runs the tasks of a kernel, on one thread or more; gives way while it waits for others. */
export interface Runner {
  run(call: KernelCall, told: Told | undefined): Iterable<void>;
}

/** Told how many parts of the present scope are done, a whole number and a share. */
export type Told = (parts: number) => void;

interface Tally {
  readonly folds: Record<string, { edges: number; emptyRows: number }>;
  readonly iterations: Record<string, number>;
  readonly converged: Record<string, boolean>;
}

export class Execution {
  private readonly memory: Memory;
  private readonly runner: Runner;
  private readonly tally: Tally = { folds: {}, iterations: {}, converged: {} };

  constructor(memory: Memory, runner: Runner) {
    this.memory = memory;
    this.runner = runner;
  }

  *run(
    { inputs: specs, steps, outputs, name }: Program,
    { inputs: placed, lists, first, empty }: PlannedCall,
    inputs: Inputs,
    onProgress: ((share: number) => void) | undefined,
  ): Generator<void, Answer> {
    const { memory, tally } = this;
    if (first === undefined) return { outputs: zeros(empty), counters: tally };
    checkLists(lists, inputs);
    this.reach(first, name);
    for (let k = 0; k < specs.length; k++) {
      const to = placed[k];
      const { name: input } = specs[k]!;
      if (to !== undefined) checkedWrite(memory, to, input, inputs[input]!.data);
    }
    const told = onProgress && ((parts: number): void => onProgress(parts / steps.length));
    const { finals } = yield* this.scope(first, told);
    const answer: Record<string, Tensor> = {};
    let k = 0;
    for (const output in outputs) answer[output] = taken(memory, finals[k++]!);
    return { outputs: answer, counters: tally };
  }

  /** Runs a scope's segments, and gives back the last. */
  private *scope(first: Segment, told: Told | undefined): Generator<void, Segment> {
    const { memory } = this;
    let segment = first;
    for (;;) {
      this.reach(segment, "the next steps");
      memory.wholes.set(segment.params, segment.paramsAt / 4);
      for (const operation of segment.operations)
        switch (operation.kind) {
          case "kernel":
            if (operation.threads > 1 || told !== undefined)
              yield* this.runner.run(this.ready(operation), told);
            else
              this.ready(operation).call(operation.params, 0, operation.tasks, operation.scratch);
            this.collect(operation);
            break;
          case "clear":
            memory.clear(operation.from, operation.to - operation.from);
            break;
          case "copy":
            copyTo(memory, operation.from, operation.to);
            break;
          default:
            operation satisfies never;
        }
      const { end } = segment;
      if (end === undefined) return segment;
      segment =
        end.kind === "routine" ? this.routine(end, told) : yield* this.fixedPoint(end, told);
    }
  }

  private reach({ reach, largest }: Segment, what: string): void {
    this.memory.reach(reach, what, largest);
  }

  /** A kernel whose threads have not counted anything yet. */
  private ready(call: KernelCall): KernelCall {
    const { doubles, wholes } = this.memory;
    for (let t = 0; t < call.threads; t++) {
      const base = call.scratch + t * call.scratchBytes;
      for (const at of [report.error, report.vanished, report.otherVanished])
        wholes[(base + at) / 4] = 0;
      for (const at of [report.edges, report.emptyRows, report.otherEdges, report.otherEmptyRows])
        doubles[(base + at) / 8] = 0;
    }
    return call;
  }

  /** What the threads counted, and what they found wrong. */
  private collect(call: KernelCall): void {
    const { wholes } = this.memory;
    const { counts, other } = call.kernel;
    for (let t = 0; t < call.threads; t++) {
      const base = call.scratch + t * call.scratchBytes;
      // What another fold begins with is told first: its own failure follows from that.
      if (other !== undefined && wholes[(base + report.otherVanished) / 4] !== 0)
        this.refuseVanished(call, other);
      if (wholes[(base + report.error) / 4] !== 0) this.refuse(call, base);
      if (wholes[(base + report.vanished) / 4] !== 0) this.refuseVanished(call, call.kernel);
      if (counts === undefined) continue;
      this.count(counts, base + report.edges, base + report.emptyRows);
      if (other === undefined) continue;
      this.count(other.counts, base + report.otherEdges, base + report.otherEmptyRows);
    }
  }

  private count(fold: string, edges: Address, emptyRows: Address): void {
    const { doubles } = this.memory;
    const count = this.tally.folds[fold] ?? { edges: 0, emptyRows: 0 };
    this.tally.folds[fold] = count;
    count.edges += doubles[edges / 8]!;
    count.emptyRows += doubles[emptyRows / 8]!;
  }

  private refuse({ kernel, checkedShapes }: KernelCall, base: Address): void {
    const { doubles, wholes } = this.memory;
    const detail = doubles[(base + report.detail) / 8]!;
    const failure = wholes[(base + report.error) / 4];
    if (failure === failures.outOfRange) {
      const load = wholes[(base + report.detail + 8) / 4]!;
      const dimension = wholes[(base + report.detail + 12) / 4]!;
      throw outOfRange(kernel.checkedLoads[load]!, detail, dimension, checkedShapes[load]!);
    }
    const { logWeight } = failure === failures.otherNotFinite ? kernel.other! : kernel;
    if (logWeight !== undefined) throw notFinite(logWeight, detail);
  }

  private refuseVanished(
    { weighed }: KernelCall,
    { logWeight, condition }: Pick<Kernel, "logWeight" | "condition">,
  ): void {
    const refusal =
      logWeight &&
      refusalOfVanished(logWeight, condition, (tensor, value) =>
        numbers(this.memory, weighed.get(tensor)!).includes(value),
      );
    if (refusal !== undefined) throw refusal;
  }

  /** Runs a routine, and puts its results where the next segment wants them. */
  private routine({ step, part, given, next }: PlannedRoutine, told: Told | undefined): Segment {
    const { memory, tally } = this;
    // The rules of `ir/spec.ts` let only known routines through.
    const compute = routineRuns[step.routine] as RoutineRun;
    const inputs: Record<string, RoutineArray> = {};
    for (const { role, from } of given) inputs[role] = taken(memory, from);
    const done = ({ iterations, converged }: RoutineReport): void => {
      tally.iterations[step.routine] = iterations;
      tally.converged[step.routine] = converged;
    };
    const progress = (share: number): void => told?.(part + share);
    const made = compute(inputs, step.options, { outputs: step.outputs, report: done, progress });
    for (const role of Object.keys(step.outputs))
      if (made[role]?.data.some(Number.isNaN)) throw routineNotFinite(step.routine, role);
    const segment = next(made);
    this.reach(segment, `results of ${step.routine}`);
    for (const { role, to } of segment.arrivals) write(memory, to, made[role]!.data);
    return segment;
  }

  /** Repeats a body on states that stay where they are, and gives back what comes after. */
  private *fixedPoint(
    planned: PlannedFixedPoint,
    told: Told | undefined,
  ): Generator<void, Segment> {
    const { memory, tally } = this;
    const { step, part, parts, recordBytes } = planned;
    const cap = typeof planned.cap === "number" ? planned.cap : numbers(memory, planned.cap)[0]!;
    let [count, moving] = [0, true];
    const below =
      told && ((inner: number): void => told(part + Math.min(1, (count + inner / parts) / cap)));
    for (; moving && count < cap; count++) {
      if (count === planned.capacity && recordBytes > 0) planned.capacity *= 2;
      const body = planned.body(planned.capacity);
      this.reach(body, step.name);
      memory.floats[planned.iteration / 4] = count;
      const record = planned.records + count * recordBytes;
      for (const { from, at } of planned.histories) copyTo(memory, from, record + at);
      let last: Segment;
      try {
        last = yield* this.scope(body, below);
      } catch (error) {
        throw diverged(step, count, this.firstTrace(planned, count), error);
      }
      planned.traces.forEach(({ at }, k) => {
        copyTo(memory, last.finals[k]!, record + at);
      });
      if (step.active !== undefined) moving = this.isAny(last.finals.at(-1)!);
    }
    if (step.active !== undefined) tally.converged[step.name] = !moving;
    tally.iterations[step.name] = (tally.iterations[step.name] ?? 0) + count;
    const after = planned.next(count, planned.capacity);
    this.reach(after, `what follows ${step.name}`);
    memory.floats[planned.iterations / 4] = count;
    return after;
  }

  /** What the first trace kept of the iterations so far. */
  private firstTrace(
    { traces, records, recordBytes }: PlannedFixedPoint,
    count: number,
  ): Float32Array[] {
    const [trace] = traces;
    if (trace === undefined) return [];
    return Array.from({ length: count }, (_, t) => {
      const at = (records + t * recordBytes + trace.at) / 4;
      return this.memory.floats.slice(at, at + trace.count);
    });
  }

  private isAny(active: Placed): boolean {
    return numbers(this.memory, active).some((value) => value !== 0);
  }
}

function zeros(shapes: PlannedCall["empty"]): Answer["outputs"] {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      return [name, { data: new Float32Array(countOf(shape)), shape }] as const;
    }),
  );
}
