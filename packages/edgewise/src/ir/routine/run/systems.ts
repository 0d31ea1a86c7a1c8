import { type CholeskyDecomposition, Matrix } from "ml-matrix";
import { EdgewiseError } from "../../../errors/edgewiseError.ts";
import type { Size } from "../../expr.ts";
import type { RoutineArray } from "../routine.ts";

/** Symmetric systems [.., M, M], one for each index of the leading axes. */

/** One system's rows. */
export function part({ data }: RoutineArray, s: number, rows: number, columns: number): Matrix {
  const own = data.subarray(s * rows * columns, (s + 1) * rows * columns);
  return Matrix.from1DArray(rows, columns, own as unknown as number[]);
}

/** First pivot that is not above the rounding of the sum that makes it, `digits` times over. */
export function lostPivot(
  a: Matrix,
  { lowerTriangularMatrix: lower }: CholeskyDecomposition,
  digits = 1,
): string | undefined {
  for (let row = 0; row < a.rows; row++) {
    const pivot = lower.get(row, row) ** 2;
    const own = a.get(row, row);
    if (own <= 0) return `${own.toPrecision(2)} on the diagonal in row ${row} of ${a.rows}`;
    const rounding = digits * a.rows * Number.EPSILON * own;
    if (!(pivot > rounding && Number.isFinite(pivot)))
      return `a pivot of ${pivot.toPrecision(2)} in row ${row} of ${a.rows}, with a rounding of ${rounding.toPrecision(2)}`;
  }
  return undefined;
}

/** Which system: its index in each leading axis, under the letters of the program. */
export function place(system: number, shape: readonly number[], letters: readonly Size[]): string {
  let left = system;
  const parts: string[] = [];
  for (let k = shape.length - 3; k >= 0; k--) {
    const extent = shape[k] as number;
    parts.unshift(`${String(letters[k] ?? `axis ${k}`)} = ${left % extent}`);
    left = Math.floor(left / extent);
  }
  return parts.join(", ");
}

/** Refusal of a matrix that is not positive definite, by the routine that needs it so. */
export function notDefinite(routine: string, system: string, got: string): EdgewiseError {
  return new EdgewiseError({
    code: "not_positive_definite",
    where: `${routine}${system === "" ? "" : `, system ${system}`}`,
    got,
    expected: "a symmetric matrix whose pivots are finite and above their rounding",
    fix: "raise what is added to the diagonal (a ridge), scale an exponential kernel down, or take out rows that repeat others; of a curvature, read positiveDefinite, which tells where there is no minimum",
  });
}

/** A matrix of second derivatives is symmetric, rounding apart: its symmetric part. */
export function symmetric(a: Matrix): Matrix {
  return a.clone().div(2).add(a.transpose().div(2));
}

/** Rounding of what a matrix was computed from, in the precision that it arrives in. */
export const roundingOf = ({ data }: RoutineArray): number =>
  data instanceof Float32Array ? 1e-4 : 1e-9;

/** Whether a matrix is symmetric but for `rounding`, a share of its diagonal; NaN is not. */
export function isSymmetric(a: Matrix, rounding: number): boolean {
  const scale = (k: number): number => Math.sqrt(Math.abs(a.get(k, k)));
  for (let row = 0; row < a.rows; row++) {
    if (Number.isNaN(a.get(row, row))) return false;
    for (let column = 0; column < row; column++) {
      const [x, y] = [a.get(row, column), a.get(column, row)];
      const size = Math.abs(x) + Math.abs(y) + scale(row) * scale(column);
      if (!(Math.abs(x - y) <= rounding * size)) return false;
    }
  }
  return true;
}
