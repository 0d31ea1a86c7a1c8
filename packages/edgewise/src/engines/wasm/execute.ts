/** One run of a lowered program in the engine's memory. */
import { countOf, stridesOf, type Tensor } from "../../array/tensor.ts";
import { defines, type FixedPoint, type RoutineStep, type TensorSpec } from "../../ir/program.ts";
import type { RoutineReport, RoutineRun } from "../../ir/routine/routine.ts";
import { routineRuns } from "../../ir/routine/run/index.ts";
import type { Answer, Inputs, RunOptions } from "../engine.ts";
import { bindInputs, Environment } from "../shared/bindings.ts";
import { diverged, notFinite, outOfRange, routineNotFinite } from "../shared/failures.ts";
import { type Bindings, failures, report, type Slot, type Storage } from "./kernel/frame.ts";
import type { Kernel, Variant } from "./kernel/kernel.ts";
import type { LoweredProgram, LoweredStep } from "./lower.ts";
import type { Address, Memory } from "./memory.ts";

/** Tensor in the engine's memory; strides are in bytes. */
export interface Placed {
  readonly address: Address;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly storage: Storage;
}

/** Calls a kernel for a range of tasks. */
export interface Runner {
  readonly threads: number;
  /** Told which kernels are about to run. */
  prepare(kernels: readonly Kernel[]): void;
  /** Runs tasks; each thread's working memory follows the other's, `scratchBytes` apart. */
  run(kernel: Kernel, params: Address, tasks: number, scratch: Address, scratchBytes: number): void;
}

interface Tally {
  readonly folds: Record<string, { edges: number; emptyRows: number }>;
  readonly iterations: Record<string, number>;
  readonly converged: Record<string, boolean>;
  report?: ((share: number) => void) | undefined;
}

export class Execution {
  private readonly memory: Memory;
  private readonly runner: Runner;
  private readonly tally: Tally = { folds: {}, iterations: {}, converged: {} };

  constructor(memory: Memory, runner: Runner) {
    this.memory = memory;
    this.runner = runner;
  }

  run(
    { program, steps, lists }: LoweredProgram,
    inputs: Inputs,
    { onProgress }: RunOptions,
  ): Answer {
    const start = this.memory.top;
    try {
      const environment = bindInputs(program.inputs, inputs, program.name, (tensor, name) =>
        this.put(tensor, lists.has(name) ? "i32" : "f32", name),
      );
      if (hasNobody(program.inputs, environment)) return this.nothing(program, environment);
      for (const [k, step] of steps.entries()) {
        this.tally.report = onProgress && ((share) => onProgress((k + share) / steps.length));
        this.step(step, environment);
      }
      const outputs = Object.entries(program.outputs).map(
        ([name, tensor]) => [name, this.take(environment.get(tensor))] as const,
      );
      return { outputs: Object.fromEntries(outputs), counters: this.tally };
    } finally {
      this.memory.top = start;
    }
  }

  private nothing(
    { steps, inputs, outputs }: LoweredProgram["program"],
    environment: Environment<Placed>,
  ): Answer {
    const specs = new Map(
      [...inputs, ...steps.flatMap(defines)].map((spec) => [spec.name, spec] as const),
    );
    for (const step of steps)
      if (step.kind === "fixedPoint") environment.setSize(`${step.iterations}#`, 0);
    const zeros = Object.entries(outputs).map(([name, tensor]) => {
      const shape = (specs.get(tensor)?.shape ?? []).map((extent) => environment.size(extent));
      return [name, { data: new Float32Array(countOf(shape)), shape }] as const;
    });
    return {
      outputs: Object.fromEntries(zeros),
      counters: { folds: {}, iterations: {}, converged: {} },
    };
  }

  private step(lowered: LoweredStep, environment: Environment<Placed>): void {
    switch (lowered.kind) {
      case "kernels":
        this.variant(lowered, environment);
        break;
      case "fixedPoint":
        this.fixedPoint(lowered, environment);
        break;
      case "routine":
        this.routine(lowered.step, environment);
        break;
      default:
        lowered satisfies never;
    }
  }

  private variant(
    { step, variants }: Extract<LoweredStep, { kind: "kernels" }>,
    environment: Environment<Placed>,
  ): void {
    const { memory } = this;
    const bindings = bindingsOf(environment);
    // The plain variant always applies.
    const { kernels, temporaries } = variants.find((one) => one.applies(bindings)) as Variant;
    this.runner.prepare(kernels);
    const whole = new Set(kernels.flatMap(({ overwrites }) => [...overwrites]));
    for (const spec of defines(step)) this.allocate(spec, environment, !whole.has(spec.name));
    const start = memory.top;
    const addresses = new Map<string, Address>();
    for (const { name, bytes, zeroed } of temporaries) {
      const size = bytes(bindings);
      const address = memory.allocate(size, "working memory");
      if (zeroed) memory.bytes.fill(0, address, address + size);
      addresses.set(name, address);
    }
    for (const kernel of kernels) this.call(kernel, environment, bindings, addresses);
    memory.top = start;
  }

  private call(
    kernel: Kernel,
    environment: Environment<Placed>,
    bindings: Bindings,
    temporaries: ReadonlyMap<string, Address>,
  ): void {
    const { memory } = this;
    const start = memory.top;
    const offsets = new Map(temporaries);
    let scratchBytes: number = report.bytes;
    for (const { name, bytes } of kernel.scratches) {
      offsets.set(name, scratchBytes);
      scratchBytes += Math.ceil((bytes(bindings) + 64) / 64) * 64;
    }
    const params = memory.allocate(4 * kernel.slots.length, "parameters");
    const threads = this.runner.threads;
    const scratch = memory.allocate(threads * scratchBytes, "working memory");
    kernel.slots.forEach((slot, k) => {
      memory.wholes[params / 4 + k] = slotValue(slot, environment, bindings, offsets);
    });
    for (let t = 0; t < threads; t++)
      memory.bytes.fill(0, scratch + t * scratchBytes, scratch + t * scratchBytes + report.bytes);
    const tasks = kernel.tasks(bindings);
    if (tasks > 0) this.runner.run(kernel, params, tasks, scratch, scratchBytes);
    for (let t = 0; t < threads; t++) this.collect(kernel, scratch + t * scratchBytes, environment);
    memory.top = start;
  }

  /** What a thread counted, and what it found wrong. */
  private collect(kernel: Kernel, base: Address, environment: Environment<Placed>): void {
    const { doubles, wholes } = this.memory;
    const failure = wholes[(base + report.error) / 4];
    const detail = doubles[(base + report.detail) / 8]!;
    if (failure === failures.notFinite && kernel.logWeight !== undefined)
      throw notFinite(kernel.logWeight, detail);
    if (failure === failures.outOfRange) {
      const load = kernel.checkedLoads[wholes[(base + report.detail + 8) / 4]!]!;
      const dimension = wholes[(base + report.detail + 12) / 4]!;
      throw outOfRange(load, detail, dimension, environment.get(load.tensor).shape);
    }
    if (kernel.counts === undefined) return;
    const count = this.tally.folds[kernel.counts] ?? { edges: 0, emptyRows: 0 };
    count.edges += doubles[(base + report.edges) / 8]!;
    count.emptyRows += doubles[(base + report.emptyRows) / 8]!;
    this.tally.folds[kernel.counts] = count;
  }

  private routine(step: RoutineStep, environment: Environment<Placed>): void {
    // The rules of `ir/spec.ts` let only known routines through.
    const compute = routineRuns[step.routine] as RoutineRun;
    const given = Object.entries(step.inputs).map(
      ([role, name]) => [role, this.take(environment.get(name))] as const,
    );
    const done = ({ iterations, converged }: RoutineReport): void => {
      this.tally.iterations[step.routine] = iterations;
      this.tally.converged[step.routine] = converged;
    };
    const progress = (share: number): void => this.tally.report?.(share);
    const context = { outputs: step.outputs, report: done, progress };
    const made = compute(Object.fromEntries(given), step.options, context);
    for (const [role, { name }] of Object.entries(step.outputs)) {
      const array = made[role];
      if (array === undefined) continue;
      if (array.data.some(Number.isNaN)) throw routineNotFinite(step.routine, role);
      environment.set(name, this.put(array, "f32", name));
    }
  }

  private fixedPoint(
    { step, blocks }: Extract<LoweredStep, { kind: "fixedPoint" }>,
    outer: Environment<Placed>,
  ): void {
    const { memory, tally } = this;
    const environment = new Environment<Placed>(outer);
    const cap =
      typeof step.maxIterations === "number"
        ? step.maxIterations
        : this.take(outer.get(step.maxIterations)).data[0]!;
    for (const { name, initial } of step.state)
      environment.set(name, this.copy(outer.get(initial), name));
    const iteration = this.zeros([], step.iteration);
    environment.set(step.iteration, iteration);
    const traces = step.traces.map(({ of }) => ({ of, kept: [] as Tensor[] }));
    const histories = Object.entries(step.history).map(([state, name]) => ({
      state,
      name,
      kept: [] as Tensor[],
    }));
    const { report: told } = tally;
    const parts = blocks.reduce((sum, block) => sum + block.steps.length, 0);
    const start = memory.top;
    let [count, moving] = [0, true];
    for (; moving && count < cap; count++) {
      memory.top = start;
      memory.floats[iteration.address / 4] = count;
      for (const { state, kept } of histories) kept.push(this.take(environment.get(state)));
      let done = 0;
      for (const block of blocks) {
        try {
          for (const inner of block.steps) {
            const before = count + done++ / parts;
            tally.report = told && ((share) => told((before + share / parts) / cap));
            this.step(inner, environment);
          }
        } catch (error) {
          throw diverged(step, count, traces[0]?.kept.map(({ data }) => data) ?? [], error);
        }
        this.update(block.update, environment);
      }
      for (const { of, kept } of traces) kept.push(this.take(environment.get(of)));
      if (step.active !== undefined)
        moving = this.take(environment.get(step.active)).data.some((value) => value !== 0);
    }
    memory.top = start;
    tally.report = told;
    if (step.active !== undefined) tally.converged[step.name] = !moving;
    tally.iterations[step.name] = (tally.iterations[step.name] ?? 0) + count;
    this.leave(step, count, { traces, histories }, environment, outer);
  }

  /** All updates of a block are taken together: new values are read before any is written. */
  private update(
    update: readonly (readonly [state: string, tensor: string])[],
    environment: Environment<Placed>,
  ): void {
    const taken = update.map(
      ([state, tensor]) => [state, this.take(environment.get(tensor))] as const,
    );
    for (const [state, { data }] of taken)
      this.memory.floats.set(data, environment.get(state).address / 4);
  }

  private leave(
    step: FixedPoint,
    count: number,
    {
      traces,
      histories,
    }: {
      traces: readonly { kept: Tensor[] }[];
      histories: readonly { state: string; name: string; kept: Tensor[] }[];
    },
    environment: Environment<Placed>,
    outer: Environment<Placed>,
  ): void {
    for (const { name } of step.state) outer.set(name, environment.get(name));
    outer.setSize(`${step.iterations}#`, count);
    outer.settle(`${step.iterations}#`);
    const counted = { data: Float32Array.of(count), shape: [] };
    outer.set(step.iterations, this.put(counted, "f32", step.iterations));
    step.traces.forEach(({ tensor, shape }, k) => {
      const extents = shape.map((extent) => outer.size(extent));
      outer.set(tensor, this.put(stackedLast(traces[k]!.kept, extents), "f32", tensor));
    });
    for (const { state, name, kept } of histories)
      outer.set(name, this.put(stackedFirst(kept, environment.get(state).shape), "f32", name));
  }

  private allocate(spec: TensorSpec, environment: Environment<Placed>, zeroed: boolean): void {
    const shape = spec.shape.map((extent) => environment.size(extent));
    const made = zeroed
      ? this.zeros(shape, spec.name)
      : placed(this.memory.allocate(4 * countOf(shape), spec.name), shape, "f32");
    environment.set(spec.name, made);
  }

  private zeros(shape: readonly number[], name: string): Placed {
    const count = countOf(shape);
    const address = this.memory.allocate(4 * count, name);
    this.memory.floats.fill(0, address / 4, address / 4 + count);
    return placed(address, shape, "f32");
  }

  private put({ data, shape }: Tensor, storage: Storage, name: string): Placed {
    const address = this.memory.allocate(4 * data.length, name);
    if (storage === "i32") this.memory.wholes.set(data, address / 4);
    else this.memory.floats.set(data, address / 4);
    return placed(address, shape, storage);
  }

  private copy({ address, shape, storage }: Placed, name: string): Placed {
    const bytes = 4 * countOf(shape);
    const to = this.memory.allocate(bytes, name);
    this.memory.bytes.copyWithin(to, address, address + bytes);
    return placed(to, shape, storage);
  }

  private take({ address, shape, storage }: Placed): Tensor {
    const from = storage === "i32" ? this.memory.wholes : this.memory.floats;
    // `slice` of shared memory would answer shared memory.
    const data =
      storage === "i32" ? new Int32Array(countOf(shape)) : new Float32Array(countOf(shape));
    data.set(from.subarray(address / 4, address / 4 + data.length));
    return { data, shape };
  }
}

const placed = (address: Address, shape: readonly number[], storage: Storage): Placed => ({
  address,
  shape,
  strides: stridesOf(shape).map((stride) => 4 * stride),
  storage,
});

const bindingsOf = (environment: Environment<Placed>): Bindings => ({
  extent: (size) => environment.size(size),
  shape: (tensor) => environment.get(tensor).shape,
  strides: (tensor) => environment.get(tensor).strides,
});

function slotValue(
  slot: Slot,
  environment: Environment<Placed>,
  bindings: Bindings,
  offsets: ReadonlyMap<string, number>,
): number {
  switch (slot.kind) {
    case "address":
      return environment.get(slot.tensor).address;
    case "stride":
      return environment.get(slot.tensor).strides[slot.dimension]!;
    case "dimension":
      return environment.get(slot.tensor).shape[slot.dimension]!;
    case "extent":
      return environment.size(slot.size);
    case "scratch":
    case "temporary":
      return offsets.get(slot.name)!;
    case "computed":
      return slot.of(bindings);
    default:
      return slot satisfies never;
  }
}

/** Whether batch or heads are 0: then nothing happens, however long the claimed sequences. */
function hasNobody(inputs: readonly TensorSpec[], environment: Environment<Placed>): boolean {
  const symbols = new Set(inputs.flatMap(({ shape }) => shape));
  return ["B", "H"].some((symbol) => symbols.has(symbol) && environment.size(symbol) === 0);
}

function stackedFirst(kept: readonly Tensor[], shape: readonly number[]): Tensor {
  const length = countOf(shape);
  const data = new Float32Array(kept.length * length);
  kept.forEach((of, t) => {
    data.set(of.data, t * length);
  });
  return { data, shape: [kept.length, ...shape] };
}

function stackedLast(kept: readonly Tensor[], shape: readonly number[]): Tensor {
  const length = countOf(shape);
  const data = new Float32Array(kept.length * length);
  kept.forEach((of, t) => {
    for (let k = 0; k < length; k++) data[k * kept.length + t] = of.data[k]!;
  });
  return { data, shape: [...shape, kept.length] };
}
