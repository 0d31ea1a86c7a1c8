/**
 * The WebAssembly engine: single precision, kernels generated for the structure of each program,
 * vector instructions throughout. Lengths are parameters of a call, never of a kernel.
 */

import { EdgewiseError } from "../../errors/edgewiseError.ts";
import { checkOptions } from "../../errors/options.ts";
import type { Program } from "../../ir/program.ts";
import type { Answer, Engine, Inputs, RunOptions, StepLowering, Unsupported } from "../engine.ts";
import { engineFeatures, mostThreads, usualThreads } from "../features.ts";
import { Calls } from "./calls.ts";
import { describe, show } from "./describe.ts";
import { Execution } from "./execute.ts";
import { finiteTest } from "./finite.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { firstKernels, type LoweredProgram, lower } from "./lower.ts";
import { Memory } from "./memory.ts";
import { Modules, type Ready } from "./modules.ts";
import { Recent } from "./recent.ts";
import { structureOf } from "./structure.ts";
import { mayWait } from "./threads/mayWait.ts";
import { type Start, starter } from "./threads/start.ts";
import { Team } from "./threads/team.ts";
import { Turn } from "./turn.ts";

/** What an engine makes use of. */
export interface Features {
  /** Multiply and add in one instruction. */
  readonly relaxedSimd: boolean;
  /** Threads that share the work of large calls, the calling one included. */
  readonly threads: number;
  readonly sharedMemory: boolean;
}

/** A program as it is lowered. What it needs of memory is the engine's, and ends with it. */
export interface WasmArtifact {
  readonly lowered: LoweredProgram;
}

export interface WasmOptions {
  /** Threads that share the work of large calls: as many as there are, up to 8, by default. */
  readonly threads?: number;
  /** Fused multiply and add: where the runtime has it, by default. */
  readonly relaxedSimd?: boolean;
}

/** Programs of different structure whose kernels are kept. */
const mostPrograms = 64;

/**
 * Engine in single precision that runs kernels of WebAssembly, large calls on several threads.
 *
 * Threads need memory that is shared: pages have it when they are isolated from others
 * (Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy); elsewhere there is one thread.
 * What the engine makes use of is in its `features`.
 *
 * @throws bad_option
 */
export async function wasm(options: WasmOptions = {}): Promise<WasmEngine> {
  checkOptions(options, ["threads", "relaxedSimd"], "wasm");
  const { threads: asked, relaxedSimd = true } = options;
  if (typeof relaxedSimd !== "boolean") throw notABoolean(relaxedSimd);
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 1 && asked <= mostThreads))
    throw badThreads(asked);
  const here = engineFeatures();
  const threads = here.sharedMemory ? (asked ?? Math.min(usualThreads, here.cores)) : 1;
  const features = {
    relaxedSimd: relaxedSimd && here.relaxedSimd,
    threads,
    sharedMemory: threads > 1,
  };
  return new WasmEngine(features, await starter(), asked !== undefined);
}

/** What an engine works with, once there is a program. */
interface Machine {
  readonly memory: Memory;
  readonly modules: Modules;
  readonly team: Team;
  readonly turn: Turn;
  /** Kernels of programs, and plans of their calls so far. */
  readonly calls: WeakMap<WasmArtifact, Calls>;
  readonly allFinite: (data: Float32Array) => boolean;
}

export class WasmEngine implements Engine<WasmArtifact> {
  readonly name = "wasm";
  readonly features: Features;
  private readonly start: Start;
  private readonly isAsked: boolean;
  private readonly programs = new Recent<string, WasmArtifact>(mostPrograms);
  private machine: Machine | undefined;
  private isDisposed = false;

  constructor(features: Features, start: Start, isAsked: boolean) {
    this.features = features;
    this.start = start;
    this.isAsked = isAsked;
  }

  /** Threads that can share the work: one where others turned out not to start. */
  get threads(): number {
    return this.machine?.team.size ?? this.features.threads;
  }

  /** Modules that were compiled so far. */
  get compiled(): number {
    return this.machine?.modules.compiled ?? 0;
  }

  /** Bytes of the memory that calls work in. */
  get memoryBytes(): number {
    return this.machine?.memory.size ?? 0;
  }

  supports(program: Program): readonly Unsupported[] {
    if (!engineFeatures().simd)
      return [{ step: program.name, reason: "this runtime's WebAssembly has no vectors (SIMD)" }];
    return program.steps.flatMap((step) =>
      step.kind === "routine" && step.options["precision"] === "double"
        ? [
            {
              step: step.routine,
              reason: "what it is given must not be rounded to single precision",
            },
          ]
        : [],
    );
  }

  lower(program: Program): WasmArtifact {
    return this.programs.get(structureOf(program), () => this.lowered(program));
  }

  async run(artifact: WasmArtifact, inputs: Inputs, options: RunOptions = {}): Promise<Answer> {
    if (mayWait) return this.runSync(artifact, inputs, options);
    return this.ready().turn.later(() => this.begin(artifact, inputs, options));
  }

  runSync(artifact: WasmArtifact, inputs: Inputs, options: RunOptions = {}): Answer {
    return this.ready().turn.now(this.begin(artifact, inputs, options));
  }

  allFinite(data: Float32Array): boolean {
    return this.ready().allFinite(data);
  }

  /** Ends the engine's threads and lets its memory go; calls are refused from then on. */
  dispose(): void {
    this.isDisposed = true;
    this.machine?.team.dispose();
    this.machine = undefined;
  }

  private *begin(
    artifact: WasmArtifact,
    inputs: Inputs,
    { onProgress }: RunOptions,
  ): Generator<void, Answer> {
    const { memory, team } = this.ready();
    const { program } = artifact.lowered;
    const plan = this.callsOf(artifact).planFor(inputs);
    return yield* new Execution(memory, team).run(program, plan, inputs, onProgress);
  }

  describe(program: Program): readonly StepLowering[] {
    return describe(lower(program, this.features));
  }

  show(program: Program): string {
    return show(lower(program, this.features));
  }

  private lowered(program: Program): WasmArtifact {
    const artifact = { lowered: lower(program, { relaxedSimd: this.features.relaxedSimd }) };
    this.callsOf(artifact);
    return artifact;
  }

  /** Calls of a program, whose kernels are compiled when it is first asked for. */
  private callsOf(artifact: WasmArtifact): Calls {
    const { modules, calls } = this.ready();
    const before = calls.get(artifact);
    if (before !== undefined) return before;
    const { lowered } = artifact;
    const known = new Map<Kernel, Ready>();
    modules.compile(firstKernels(lowered.body), known);
    const compiled = (kernels: readonly Kernel[]): Ready[] => {
      if (kernels.some((kernel) => !known.has(kernel))) modules.compile(kernels, known);
      return kernels.map((kernel) => known.get(kernel)!);
    };
    const made = new Calls(lowered, { threads: this.features.threads, compiled });
    calls.set(artifact, made);
    return made;
  }

  private ready(): Machine {
    if (this.isDisposed) throw disposed();
    if (this.machine !== undefined) return this.machine;
    const { sharedMemory, threads, relaxedSimd } = this.features;
    const memory = new Memory(sharedMemory);
    const team = new Team(threads, memory, this.start, this.isAsked);
    this.machine = {
      memory,
      modules: new Modules(memory, relaxedSimd),
      team,
      turn: new Turn(team),
      calls: new WeakMap(),
      allFinite: finiteTest(),
    };
    return this.machine;
  }
}

/** The kernels of a program in the text format of WebAssembly, each under the step that it runs. */
export function showKernels(program: Program, { relaxedSimd }: WasmOptions = {}): string {
  return show(lower(program, { relaxedSimd: relaxedSimd ?? engineFeatures().relaxedSimd }));
}

function disposed(): EdgewiseError {
  return new EdgewiseError({
    code: "engine_failed",
    where: "wasm",
    got: "a call after dispose()",
    expected: "an engine that was not disposed of",
    fix: "make another engine with wasm()",
  });
}

function notABoolean(got: unknown): EdgewiseError {
  return new EdgewiseError({
    code: "bad_option",
    where: "wasm",
    got: `relaxedSimd ${JSON.stringify(got)}`,
    expected: "true or false",
    fix: "give relaxedSimd: false for the same bytes on every machine, or leave it out",
  });
}

function badThreads(got: unknown): EdgewiseError {
  return new EdgewiseError({
    code: "bad_option",
    where: "wasm",
    got: `threads ${JSON.stringify(got)}`,
    expected: `a whole number from 1 to ${mostThreads}`,
    fix: "give threads: 2, or leave it out for as many as there are",
  });
}
