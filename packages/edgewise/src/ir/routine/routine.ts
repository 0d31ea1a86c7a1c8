import type { RoutineStep, Step } from "../program.ts";
import type { Tape } from "../tape.ts";

/** Dense array of a routine's plain implementation. */
export interface RoutineArray {
  readonly data: Float64Array | Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** Plain implementation of a routine; in `run/`, apart from the gradients, which need no numbers. */
export type RoutineRun = (
  inputs: Readonly<Record<string, RoutineArray>>,
  options: Readonly<Record<string, number | boolean | string>>,
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
