import type { RoutineRun } from "../routine.ts";
import { forwardBackward, forwardBackwardTangent } from "./forwardBackward.ts";
import { growingWindow } from "./growingWindow.ts";
import { linearSolve } from "./linearSolve.ts";
import { logDeterminant } from "./logDeterminant.ts";
import { matrixTree, matrixTreeTangent } from "./matrixTree.ts";
import { permutations, permutationsTangent } from "./permutations.ts";
import { positiveDefinite } from "./positiveDefinite.ts";
import { sinkhorn, sinkhornGradient } from "./sinkhorn.ts";
import { sparseSolve } from "./sparseSolve.ts";

/** Plain implementation of every routine, by name, for engines that run them as they stand. */
export const routineRuns: Readonly<Record<string, RoutineRun>> = {
  linearSolve,
  logDeterminant,
  positiveDefinite,
  sparseSolve,
  forwardBackward,
  forwardBackwardTangent,
  matrixTree,
  matrixTreeTangent,
  permutations,
  permutationsTangent,
  sinkhorn,
  sinkhornGradient,
  growingWindow,
};
