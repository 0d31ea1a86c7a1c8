/**
 * Sequences in which the target is a read-out of two nodes, of which the last node sees only one.
 *
 * x₀ → x₁ → x₂ by xᵢ₊₁ = W x ᵢ + noise; the target is ⟨w, x₁ + x₀⟩. The last place holds x₂, the
 * others x₁, x₀ and noise in random order.
 *
 * @source AISI, Figure 2; docs: the README beside this file says what the paper leaves open.
 */
import { normals, type Tensor, uniforms } from "edgewise";
import { Matrix, QrDecomposition, solve } from "ml-matrix";

export interface Task {
  readonly nodes: number;
  readonly width: number;
  readonly rank: number;
  readonly gain: number;
  /** Deviation of transitions and of nodes that mean nothing. */
  readonly noise: number;
  /** Whether W² = 0, so that x₂ says nothing of x₀. */
  readonly nilpotent: boolean;
}

export interface World {
  readonly task: Task;
  /** W, row by row, and w. */
  readonly transition: Float64Array;
  readonly readout: Float64Array;
}

export interface Batch {
  readonly nodes: Tensor;
  readonly target: Tensor;
  /** Places of x₁ and x₀ in each sequence. */
  readonly places: readonly (readonly [first: number, zeroth: number])[];
}

/** W = gain · U Vᵀ with orthonormal columns; of a nilpotent one, U and V are orthogonal too. */
export function drawnWorld(task: Task, seed: number): World {
  const { width, rank, gain, nilpotent } = task;
  const normal = normals(seed);
  const drawn = (columns: number): Matrix => {
    const numbers = Array.from({ length: width }, () => Array.from({ length: columns }, normal));
    return new QrDecomposition(new Matrix(numbers)).orthogonalMatrix;
  };
  const part = (of: Matrix, from: number): Matrix =>
    of.subMatrix(0, width - 1, from, from + rank - 1);
  const both = nilpotent ? drawn(2 * rank) : undefined;
  const u = part(both ?? drawn(rank), 0);
  const v = both === undefined ? part(drawn(rank), 0) : part(both, rank);
  return {
    task,
    transition: Float64Array.from(u.mmul(v.transpose()).mul(gain).to1DArray()),
    readout: Float64Array.from({ length: width }, () => normal() / Math.sqrt(width)),
  };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
};

/** Sequences of a world; the same seed gives the same ones. */
export function drawnBatch(
  { task, transition, readout }: World,
  count: number,
  seed: number,
): Batch {
  const { nodes, width, noise } = task;
  const [normal, uniform] = [normals(seed), uniforms(seed ^ 0x2545f491)];
  const data = new Float32Array(count * nodes * width);
  const target = new Float32Array(count);
  const places: [number, number][] = [];
  const next = (x: Float64Array): Float64Array =>
    Float64Array.from(x, (_, r) => {
      return dot(transition.subarray(r * width, (r + 1) * width), x) + noise * normal();
    });
  for (let b = 0; b < count; b++) {
    const x0 = Float64Array.from({ length: width }, normal);
    const x1 = next(x0);
    const x2 = next(x1);
    const first = Math.floor(uniform() * (nodes - 1));
    const other = Math.floor(uniform() * (nodes - 2));
    const zeroth = other + (other >= first ? 1 : 0);
    for (let n = 0; n < nodes; n++) {
      const known = n === nodes - 1 ? x2 : n === first ? x1 : n === zeroth ? x0 : undefined;
      for (let d = 0; d < width; d++)
        data[(b * nodes + n) * width + d] =
          known === undefined ? noise * normal() : (known[d] as number);
    }
    target[b] = dot(readout, x1) + dot(readout, x0);
    places.push([first, zeroth]);
  }
  return {
    nodes: { data, shape: [count, nodes, width] },
    target: { data: target, shape: [count] },
    places,
  };
}

/** Variance of the target, and the least normalised errors of one who knows x₁, or x₀, exactly. */
export function bounds({ task, transition, readout }: World): {
  variance: number;
  knowsFirst: number;
  knowsZeroth: number;
} {
  const { width, noise } = task;
  const matrix = Matrix.from1DArray(width, width, transition);
  const w = Matrix.columnVector(readout);
  // Covariance of x₁ where x₀ has that of unit noise.
  const covariance = matrix.mmul(matrix.transpose()).add(Matrix.eye(width).mul(noise ** 2));
  const form = (of: Matrix): number => w.transpose().mmul(of).mmul(w).get(0, 0);
  const variance = form(Matrix.eye(width).add(matrix).add(matrix.transpose()).add(covariance));
  const explained = matrix.transpose().mmul(solve(covariance, matrix));
  return {
    variance,
    knowsFirst: form(Matrix.eye(width).sub(explained)) / variance,
    // Of x₀ known, what is left of the target is the noise of x₁.
    knowsZeroth: (noise ** 2 * form(Matrix.eye(width))) / variance,
  };
}
