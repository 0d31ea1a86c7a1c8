import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { EdgewiseError } from "../../../errors/edgewiseError.ts";
import type { Size } from "../../expr.ts";
import type { RoutineArray, RoutineRun } from "../routine.ts";

/**
 * Cholesky factors (`ml-matrix`), one for each index of the leading axes, each used for every
 * right-hand side.
 *
 * @cost O(M³ + M² V) time and O(M²) memory for each system
 * @throws not_positive_definite for a matrix whose factor is lost in rounding
 */
export const linearSolve: RoutineRun = (inputs, _options, outputs) => {
  const { matrix, source } = inputs as { matrix: RoutineArray; source: RoutineArray };
  const [unknowns, width] = source.shape.slice(-2) as [number, number];
  const systems = unknowns * width === 0 ? 0 : source.data.length / (unknowns * width);
  const solution = new Float64Array(source.data.length);
  for (let s = 0; s < systems; s++) {
    const a = part(matrix, s, unknowns, unknowns);
    const where = place(s, source.shape, outputs["solution"]?.shape ?? []);
    if (!a.isSymmetric()) throw notDefinite(where, "a matrix that is not symmetric, or has NaN");
    const factor = new CholeskyDecomposition(a);
    const lost = lostPivot(a, factor);
    if (lost !== undefined) throw notDefinite(where, lost);
    const x = factor.solve(part(source, s, unknowns, width));
    solution.set(x.to1DArray(), s * unknowns * width);
  }
  return { solution: { data: solution, shape: source.shape } };
};

/** One system's rows. */
function part({ data }: RoutineArray, s: number, rows: number, columns: number): Matrix {
  const own = data.subarray(s * rows * columns, (s + 1) * rows * columns);
  return Matrix.from1DArray(rows, columns, own as unknown as number[]);
}

/** First pivot that is not above the rounding of the sum that makes it. */
function lostPivot(
  a: Matrix,
  { lowerTriangularMatrix: lower }: CholeskyDecomposition,
): string | undefined {
  for (let row = 0; row < a.rows; row++) {
    const pivot = lower.get(row, row) ** 2;
    const rounding = a.rows * Number.EPSILON * a.get(row, row);
    if (!(pivot > rounding && Number.isFinite(pivot)))
      return `a pivot of ${pivot.toPrecision(2)} in row ${row} of ${a.rows}, with a rounding of ${rounding.toPrecision(2)}`;
  }
  return undefined;
}

/** Which system: its index in each leading axis, under the letters of the program. */
function place(system: number, shape: readonly number[], letters: readonly Size[]): string {
  let left = system;
  const parts: string[] = [];
  for (let k = shape.length - 3; k >= 0; k--) {
    const extent = shape[k] as number;
    parts.unshift(`${String(letters[k] ?? `axis ${k}`)} = ${left % extent}`);
    left = Math.floor(left / extent);
  }
  return parts.join(", ");
}

function notDefinite(system: string, got: string): EdgewiseError {
  return new EdgewiseError({
    code: "not_positive_definite",
    where: `linearSolve${system === "" ? "" : `, system ${system}`}`,
    got,
    expected: "a symmetric matrix whose pivots are finite and above their rounding",
    fix: "raise what is added to the diagonal (ridge), or take out rows that repeat others",
  });
}
