import { CholeskyDecomposition } from "ml-matrix";
import type { RoutineArray, RoutineRun } from "../routine.ts";
import { lostPivot, part, symmetric } from "./systems.ts";

/** A Cholesky factor of each matrix is tried: definite is what has one above rounding. */
export const positiveDefinite: RoutineRun = (inputs) => {
  const { matrix } = inputs as { matrix: RoutineArray };
  const shape = matrix.shape.slice(0, -2);
  const rows = matrix.shape.at(-1) as number;
  const isDefinite = new Float64Array(shape.reduce((count, extent) => count * extent, 1));
  for (let s = 0; s < isDefinite.length; s++) {
    const a = symmetric(part(matrix, s, rows, rows));
    isDefinite[s] = lostPivot(a, new CholeskyDecomposition(a)) === undefined ? 1 : 0;
  }
  return { isDefinite: { data: isDefinite, shape } };
};
