import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Tape } from "../gradient.ts";
import type { RoutineStep, Step } from "../program.ts";
import { sparseSolve } from "./sparseSolve.ts";

/** Dense array of a routine's plain implementation. */
export interface RoutineArray {
  readonly data: Float64Array | Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** A named algorithm that is not a fold: what it computes, plainly, and its vector–Jacobian product. */
export interface Routine {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(
    inputs: Readonly<Record<string, RoutineArray>>,
    options: Readonly<Record<string, number | boolean>>,
  ): Record<string, RoutineArray>;
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

const routines: ReadonlyMap<string, Routine> = new Map([[sparseSolve.name, sparseSolve]]);

/** Routine by name. @throws bad_program when there is none */
export function routine(name: string): Routine {
  const found = routines.get(name);
  if (found === undefined)
    throw new EdgewiseError({
      code: "bad_program",
      where: `routine ${name}`,
      got: "a name that no routine has",
      expected: `one of ${[...routines.keys()].join(", ")}`,
      fix: "name one of these",
    });
  return found;
}

export const routineNames: readonly string[] = [...routines.keys()];

/** Adds the steps that carry a routine's cotangents to its inputs. */
export function routineGradient(
  step: RoutineStep,
  cotangents: ReadonlyMap<string, string>,
  tape: Tape,
): void {
  const { steps, contributions } = routine(step.routine).gradient(step, cotangents, tape);
  tape.steps.push(...steps);
  for (const [input, cotangent] of contributions) tape.contribute(input, cotangent);
}
