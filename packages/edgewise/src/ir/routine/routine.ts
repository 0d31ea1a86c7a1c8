import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { RoutineStep, Step, TensorSpec } from "../program.ts";
import type { Tape } from "../tape.ts";

/** Dense array of a routine's plain implementation. */
export interface RoutineArray {
  readonly data: Float64Array | Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** What an iterative routine tells about its run. */
export interface RoutineReport {
  readonly iterations: number;
  readonly converged: boolean;
}

/** What a plain implementation knows of its step. */
export interface RoutineContext {
  /** Outputs as the program names them, whose letters a refusal can use. */
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly report: (done: RoutineReport) => void;
  /** Told now and then which share of the work is done, 0 … 1. */
  readonly progress: (share: number) => void;
}

/** Plain implementation of a routine; in `run/`, apart from the gradients, which need no numbers. */
export type RoutineRun = (
  inputs: Readonly<Record<string, RoutineArray>>,
  options: Readonly<Record<string, number | boolean | string>>,
  context: RoutineContext,
) => Record<string, RoutineArray>;

/** A named algorithm that is not a fold: what it takes and gives, and its vector–Jacobian product. */
export interface Routine {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Steps of the gradient, and which step's tensor is the cotangent of which input. */
  gradient(
    step: RoutineStep,
    cotangents: ReadonlyMap<string, string>,
    tape: Tape,
  ): {
    steps: readonly Step[];
    contributions: readonly (readonly [input: string, cotangent: string])[];
  };
}

/** @throws bad_program: the routine of a gradient has none itself */
export function refusesGradient(routine: string): never {
  throw new EdgewiseError({
    code: "bad_program",
    where: `routine ${routine}`,
    got: "a gradient of its gradient",
    expected: "one derivative",
    fix: "take second derivatives by differences of first ones",
  });
}
