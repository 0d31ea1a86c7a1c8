/**
 * The WebAssembly engine: single precision, kernels generated for the structure of each program,
 * vector instructions throughout. Lengths are parameters of a call, never of a kernel.
 */
import type { Program } from "../../ir/program.ts";
import type { Answer, Engine, Inputs, RunOptions, StepLowering } from "../engine.ts";
import { Calls } from "./calls.ts";
import { describe, show } from "./describe.ts";
import { Execution, type Runner, type Told } from "./execute.ts";
import { calledFunctions } from "./kernel/functions.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { firstKernels, type LoweredProgram, lower, moduleOf } from "./lower.ts";
import { Memory } from "./memory.ts";
import type { KernelCall } from "./plan.ts";
import { type Call, runtime } from "./runtime.ts";

/** A program as the engine keeps it: its kernels, and plans of its calls so far. */
export interface WasmArtifact {
  readonly lowered: LoweredProgram;
  readonly calls: Calls;
}

export interface WasmOptions {
  /** Threads that share the work of large calls; 1 by default. */
  readonly threads?: number;
  /** Fused multiply and add: where the runtime has it, by default. */
  readonly relaxedSimd?: boolean;
}

/** Engine in single precision that runs kernels of WebAssembly. */
export async function wasm(options: WasmOptions = {}): Promise<WasmEngine> {
  return new WasmEngine(options);
}

export class WasmEngine implements Engine<WasmArtifact> {
  readonly name = "wasm";
  private readonly memory: Memory = new Memory(false);
  private readonly relaxedSimd: boolean;

  constructor({ relaxedSimd = true }: WasmOptions) {
    this.relaxedSimd = relaxedSimd;
  }

  supports(): [] {
    return [];
  }

  lower(program: Program): WasmArtifact {
    const lowered = lower(program, { relaxedSimd: this.relaxedSimd });
    const known = new Map<Kernel, Call>();
    this.compile(firstKernels(lowered.body), known);
    const compiled = (kernels: readonly Kernel[]): Call[] => {
      if (kernels.some((kernel) => !known.has(kernel))) this.compile(kernels, known);
      return kernels.map((kernel) => known.get(kernel)!);
    };
    return { lowered, calls: new Calls(lowered, { threads: 1, compiled }) };
  }

  private compile(kernels: readonly Kernel[], into: Map<Kernel, Call>): void {
    const module = new runtime.Module(
      moduleOf(kernels, { shared: false, fused: this.relaxedSimd }),
    );
    const env = { memory: this.memory.memory, ...calledFunctions };
    const { exports } = new runtime.Instance(module, { env });
    for (const kernel of kernels) into.set(kernel, exports[kernel.code.name]!);
  }

  async run(artifact: WasmArtifact, inputs: Inputs, options?: RunOptions): Promise<Answer> {
    return this.runSync(artifact, inputs, options);
  }

  runSync(
    { lowered, calls }: WasmArtifact,
    inputs: Inputs,
    { onProgress }: RunOptions = {},
  ): Answer {
    const runner: Runner = { run: alone };
    const plan = calls.planFor(inputs);
    const running = new Execution(this.memory, runner).run(
      lowered.program,
      plan,
      inputs,
      onProgress,
    );
    for (;;) {
      const { done, value } = running.next();
      if (done) return value;
    }
  }

  describe(program: Program): readonly StepLowering[] {
    return describe(lower(program, { relaxedSimd: this.relaxedSimd }));
  }

  show(program: Program): string {
    return showKernels(program, { relaxedSimd: this.relaxedSimd });
  }

  dispose(): void {}
}

/** Tasks in pieces, on this thread alone. */
function alone({ call, part, params, tasks, scratch }: KernelCall, told: Told | undefined): [] {
  const piece = told === undefined ? tasks : Math.ceil(tasks / piecesTold);
  for (let from = 0; from < tasks; from += piece) {
    call(params, from, Math.min(tasks, from + piece), scratch);
    told?.(part + Math.min(1, (from + piece) / tasks));
  }
  return [];
}

/** How often a kernel tells how far it is. */
const piecesTold = 16;

/** The kernels of a program in the text format of WebAssembly, each under the step that it runs. */
export function showKernels(program: Program, { relaxedSimd = true }: WasmOptions = {}): string {
  return show(lower(program, { relaxedSimd }));
}
