import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { RoutineStep } from "../program.ts";
import type { Tape } from "../tape.ts";
import { growingWindow } from "./growingWindow.ts";
import { linearSolve } from "./linearSolve.ts";
import { logDeterminant } from "./logDeterminant.ts";
import { positiveDefinite } from "./positiveDefinite.ts";
import type { Routine } from "./routine.ts";
import { sinkhorn, sinkhornGradient } from "./sinkhorn.ts";
import { sparseSolve } from "./sparseSolve.ts";
import { structures } from "./structures.ts";

const routines: ReadonlyMap<string, Routine> = new Map(
  [
    sparseSolve,
    linearSolve,
    logDeterminant,
    positiveDefinite,
    growingWindow,
    sinkhorn,
    sinkhornGradient,
    ...structures,
  ].map((one) => [one.name, one]),
);

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
