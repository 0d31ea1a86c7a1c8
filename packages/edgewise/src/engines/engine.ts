import type { Tensor } from "../array/tensor.ts";
import type { Program } from "../ir/program.ts";

/** Why an engine cannot run a program: the step that it lacks, and the reason. */
export interface Unsupported {
  readonly step: string;
  readonly reason: string;
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
}

/** Lowering that also runs. Sizes are parameters of a run, never of an artifact. */
export interface Engine<Artifact = unknown> extends Lowering<Artifact> {
  run(artifact: Artifact, inputs: Inputs, options?: RunOptions): Promise<Answer>;
  /** Present when the engine can answer at once. */
  runSync?(artifact: Artifact, inputs: Inputs, options?: RunOptions): Answer;
  dispose(): void;
}
