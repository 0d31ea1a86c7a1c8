/**
 * The WebAssembly engine: single precision, kernels generated for the structure of each program,
 * vector instructions throughout. Lengths are parameters of a call, never of a kernel.
 */
import type { Program } from "../../ir/program.ts";
import type { Answer, Engine, Inputs, RunOptions, StepLowering } from "../engine.ts";
import { describe, show } from "./describe.ts";
import { Execution, type Runner } from "./execute.ts";
import { calledFunctions } from "./kernel/functions.ts";
import { type LoweredProgram, lower, moduleOf } from "./lower.ts";
import { Memory } from "./memory.ts";
import { type Call, runtime } from "./runtime.ts";

export interface WasmArtifact {
  readonly lowered: LoweredProgram;
  readonly exports: Readonly<Record<string, Call>>;
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
    const module = new runtime.Module(moduleOf(lowered, false));
    const env = { memory: this.memory.memory, ...calledFunctions };
    const { exports } = new runtime.Instance(module, { env });
    return { lowered, exports };
  }

  async run(artifact: WasmArtifact, inputs: Inputs, options?: RunOptions): Promise<Answer> {
    return this.runSync(artifact, inputs, options);
  }

  runSync({ lowered, exports }: WasmArtifact, inputs: Inputs, options: RunOptions = {}): Answer {
    const runner: Runner = {
      threads: 1,
      run: (kernel, params, tasks, scratch) =>
        exports[kernel.code.name]!(params, 0, tasks, scratch),
    };
    return new Execution(this.memory, runner).run(lowered, inputs, options);
  }

  describe(program: Program): readonly StepLowering[] {
    return describe(lower(program, { relaxedSimd: this.relaxedSimd }));
  }

  show(program: Program): string {
    return showKernels(program, { relaxedSimd: this.relaxedSimd });
  }

  dispose(): void {}
}

/** The kernels of a program in the text format of WebAssembly, each under the step that it runs. */
export function showKernels(program: Program, { relaxedSimd = true }: WasmOptions = {}): string {
  return show(lower(program, { relaxedSimd }));
}
