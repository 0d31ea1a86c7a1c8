import type { Tensor } from "../array/tensor.ts";
import type { Program } from "../ir/program.ts";

/** Why an engine cannot run a program: the step that it lacks, and the reason. */
export interface Unsupported {
  readonly step: string;
  readonly reason: string;
}

/** How an engine lowers one step, in words. */
export interface StepLowering {
  readonly step: string;
  /** What it becomes: a tile kernel, plain loops, a routine as it stands. */
  readonly lowered: string;
  /** Why it becomes no faster thing, where there is one. */
  readonly reason?: string;
}

/** What the algorithm did, counted where it happened. */
export interface Counters {
  /** Of each normalising fold, by the name of its log evidence: edges visited, owners without any. */
  readonly folds: Readonly<Record<string, { readonly edges: number; readonly emptyRows: number }>>;
  /** Iterations of each fixed point and each iterative routine, by name. */
  readonly iterations: Readonly<Record<string, number>>;
  /** Whether each fixed point with a tolerance, and each iterative routine, reached it, by name. */
  readonly converged: Readonly<Record<string, boolean>>;
}

export interface Answer {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly counters: Counters;
}

export interface RunOptions {
  /** Told now and then which share of the steps is done, 0 … 1, on the thread that works. */
  readonly onProgress?: (share: number) => void;
}

export type Inputs = Readonly<Record<string, Tensor>>;

/** Turns a program into something that can be run or read; runs nothing itself. */
export interface Lowering<Artifact> {
  readonly name: string;
  /** Reasons why it cannot lower the program; empty when it can. */
  supports(program: Program): readonly Unsupported[];
  lower(program: Program): Artifact;
  /** How each step is lowered, those of a fixed point behind it. */
  describe?(program: Program): readonly StepLowering[];
  /** What is generated for a program, as text; present where something is. */
  show?(program: Program): string;
}

/** Lowering that also runs. Sizes are parameters of a run, never of an artifact. */
export interface Engine<Artifact = unknown> extends Lowering<Artifact> {
  /** Threads that share the work of a call; 1 when left out. */
  readonly threads?: number;
  run(artifact: Artifact, inputs: Inputs, options?: RunOptions): Promise<Answer>;
  /** Present when the engine can answer at once. */
  runSync?(artifact: Artifact, inputs: Inputs, options?: RunOptions): Answer;
  /** Whether all numbers are finite; present when the engine tells faster than a plain loop. */
  allFinite?(data: Float32Array): boolean;
  dispose(): void;
}
