import type { RoutineRun } from "../routine.ts";
import { growingWindow } from "./growingWindow.ts";
import { sparseSolve } from "./sparseSolve.ts";

/** Plain implementation of every routine, by name, for engines that run them as they stand. */
export const routineRuns: Readonly<Record<string, RoutineRun>> = { sparseSolve, growingWindow };
