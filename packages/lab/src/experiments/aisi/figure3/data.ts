/**
 * Sequences in which the one key that matters stands at a geometric distance before the query.
 *
 * x₂ = W x₁ + noise is the query and no key; the target is ⟨w, x₁⟩; the other keys mean nothing.
 *
 * @source AISI, Figure 3; docs: the README beside this file says what the paper leaves open.
 */
import { normals, type Tensor, uniforms } from "edgewise";
import { Matrix, QrDecomposition } from "ml-matrix";

export interface Task {
  /** Keys before the query. */
  readonly keys: number;
  readonly width: number;
  readonly gain: number;
  /** Deviation of the query from W x₁. */
  readonly noise: number;
}

export interface World {
  readonly task: Task;
  /** W, row by row, and w. */
  readonly transition: Float64Array;
  readonly readout: Float64Array;
}

export interface Batch {
  /** [B, 1, 1, D] */
  readonly query: Tensor;
  /** [B, 1, n, D]; the last key is the nearest. */
  readonly key: Tensor;
  readonly target: Tensor;
  /** Distance of x₁ in each sequence; 0 is the nearest key. */
  readonly distances: readonly number[];
}

/** W = gain · U Vᵀ with half as many orthonormal columns as features. */
export function drawnWorld(task: Task, seed: number): World {
  const { width, gain } = task;
  const normal = normals(seed);
  const drawn = (): Matrix => {
    const numbers = Array.from({ length: width }, () =>
      Array.from({ length: width / 2 }, () => normal()),
    );
    return new QrDecomposition(new Matrix(numbers)).orthogonalMatrix;
  };
  const [u, v] = [drawn(), drawn()];
  return {
    task,
    transition: Float64Array.from(u.mmul(v.transpose()).mul(gain).to1DArray()),
    readout: Float64Array.from({ length: width }, () => normal() / Math.sqrt(width)),
  };
}

/** Variance of the target. */
export const varianceOf = ({ readout }: World): number =>
  readout.reduce((sum, value) => sum + value * value, 0);

/** Distance below `keys` with probability in proportion to (1 − stop)ʰ, for a uniform number. */
export function distanceAt(uniform: number, stop: number, keys: number): number {
  const within = -Math.expm1(keys * Math.log1p(-stop));
  return Math.min(keys - 1, Math.floor(Math.log1p(-uniform * within) / Math.log1p(-stop)));
}

/** Sequences of a world, with a stopping probability for each; the same seed gives the same ones. */
export function drawnBatch(world: World, stops: readonly number[], seed: number): Batch {
  const { task, transition, readout } = world;
  const { keys, width, noise } = task;
  const [normal, uniform] = [normals(seed), uniforms(seed ^ 0x2545f491)];
  const count = stops.length;
  const query = new Float32Array(count * width);
  const nodes = new Float32Array(count * keys * width);
  for (let k = 0; k < nodes.length; k++) nodes[k] = normal();
  const target = new Float32Array(count);
  const distances = stops.map((stop) => distanceAt(uniform(), stop, keys));
  for (let b = 0; b < count; b++) {
    const first = (b * keys + keys - 1 - (distances[b] as number)) * width;
    let value = 0;
    for (let r = 0; r < width; r++) {
      let moved = noise * normal();
      for (let d = 0; d < width; d++)
        moved += (transition[r * width + d] as number) * (nodes[first + d] as number);
      query[b * width + r] = moved;
      value += (readout[r] as number) * (nodes[first + r] as number);
    }
    target[b] = value;
  }
  return {
    query: { data: query, shape: [count, 1, 1, width] },
    key: { data: nodes, shape: [count, 1, keys, width] },
    target: { data: target, shape: [count] },
    distances,
  };
}
