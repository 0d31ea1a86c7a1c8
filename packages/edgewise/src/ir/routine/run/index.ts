import type { RoutineRun } from "../routine.ts";
import { linearSolve } from "./linearSolve.ts";
import { logDeterminant } from "./logDeterminant.ts";
import { positiveDefinite } from "./positiveDefinite.ts";
import { sparseSolve } from "./sparseSolve.ts";

/** Plain implementation of every routine, by name, for engines that run them as they stand. */
export const routineRuns: Readonly<Record<string, RoutineRun>> = {
  linearSolve,
  logDeterminant,
  positiveDefinite,
  sparseSolve,
};
