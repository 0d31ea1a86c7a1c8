import { CholeskyDecomposition } from "ml-matrix";
import type { RoutineArray, RoutineRun } from "../routine.ts";
import {
  isSymmetric,
  lostPivot,
  notDefinite,
  part,
  place,
  roundingOf,
  symmetric,
} from "./systems.ts";

/**
 * Cholesky factors (`ml-matrix`), one for each index of the leading axes, each used for every
 * right-hand side.
 *
 * @cost O(M³ + M² V) time and O(M²) memory for each system
 * @throws not_positive_definite for a matrix whose factor keeps fewer than three digits
 */
export const linearSolve: RoutineRun = (inputs, _options, { outputs }) => {
  const { matrix, source } = inputs as { matrix: RoutineArray; source: RoutineArray };
  const [unknowns, width] = source.shape.slice(-2) as [number, number];
  const systems = unknowns * width === 0 ? 0 : source.data.length / (unknowns * width);
  const solution = new Float64Array(source.data.length);
  const rounding = roundingOf(matrix);
  for (let s = 0; s < systems; s++) {
    const given = part(matrix, s, unknowns, unknowns);
    const where = place(s, source.shape, outputs["solution"]?.shape ?? []);
    if (!isSymmetric(given, rounding))
      throw notDefinite("linearSolve", where, "a matrix that is not symmetric, or has NaN");
    const a = symmetric(given);
    const factor = new CholeskyDecomposition(a);
    const lost = lostPivot(a, factor, 1000);
    if (lost !== undefined) throw notDefinite("linearSolve", where, lost);
    const x = factor.solve(part(source, s, unknowns, width));
    solution.set(x.to1DArray(), s * unknowns * width);
  }
  return { solution: { data: solution, shape: source.shape } };
};
