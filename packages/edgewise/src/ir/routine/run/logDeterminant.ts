import { CholeskyDecomposition } from "ml-matrix";
import type { RoutineArray, RoutineRun } from "../routine.ts";
import { lostPivot, notDefinite, part, place, symmetric } from "./systems.ts";

/**
 * Twice the logs of a Cholesky factor's diagonal.
 *
 * @throws not_positive_definite
 */
export const logDeterminant: RoutineRun = (inputs, _options, { outputs }) => {
  const { matrix } = inputs as { matrix: RoutineArray };
  const shape = matrix.shape.slice(0, -2);
  const rows = matrix.shape.at(-1) as number;
  const logs = new Float64Array(shape.reduce((count, extent) => count * extent, 1));
  for (let s = 0; s < logs.length; s++) {
    const a = symmetric(part(matrix, s, rows, rows));
    const factor = new CholeskyDecomposition(a);
    const lost = lostPivot(a, factor);
    if (lost !== undefined) {
      const letters = [...(outputs["logDeterminant"]?.shape ?? []), "", ""];
      throw notDefinite("logDeterminant", place(s, matrix.shape, letters), lost);
    }
    for (let k = 0; k < rows; k++)
      logs[s] = (logs[s] as number) + 2 * Math.log(factor.lowerTriangularMatrix.get(k, k));
  }
  return { logDeterminant: { data: logs, shape } };
};
