import type { RoutineArray, RoutineRun } from "../routine.ts";

/**
 * Doubly stochastic Q = diag(eᶠ) eˢ diag(eᵍ) [B, N, N], rows and columns normalised in turn, in
 * logs. Columns sum to 1 to rounding; iterations stop when every row is within `tolerance` of 1,
 * each entry of the batch by itself, and after `iterations` in any case.
 *
 * @source Sinkhorn & Knopp (1967); Cuturi (2013), "Sinkhorn Distances"; docs/mathematics.md, 11.3
 * @cost   O(N²) time an iteration
 */
export const sinkhorn: RoutineRun = ({ score }, options, { report, progress }) => {
  const { data, shape } = score as RoutineArray;
  const [batch, nodes] = shape as [number, number];
  const marginals = new Float64Array(data.length);
  const done = { iterations: 0, converged: true };
  for (let b = 0; b < batch; b++) {
    const from = b * nodes * nodes;
    const scaling = new Scaling(data.subarray(from, from + nodes * nodes), nodes);
    const converged = scaling.run(options, (share) => progress((b + share) / batch));
    done.iterations = Math.max(done.iterations, scaling.rows.length);
    done.converged &&= converged;
    const [f, g] = scaling.last();
    for (let i = 0; i < nodes; i++)
      for (let j = 0; j < nodes; j++) marginals[from + i * nodes + j] = scaling.entry(f, g, i, j);
  }
  report(done);
  return { marginals: { data: marginals, shape } };
};

/**
 * Product of a cotangent with the Jacobian of `sinkhorn`, back through its iterations.
 *
 * @cost   O(N²) time an iteration; O(N) memory an iteration, for f and g
 */
export const sinkhornGradient: RoutineRun = (
  { score, cotangent },
  options,
  { report, progress },
) => {
  const { data, shape } = score as RoutineArray;
  const [batch, nodes] = shape as [number, number];
  const gradient = new Float64Array(data.length);
  const done = { iterations: 0, converged: true };
  for (let b = 0; b < batch; b++) {
    const part = <A extends RoutineArray["data"]>(of: A): A =>
      of.subarray(b * nodes * nodes, (b + 1) * nodes * nodes) as A;
    const scaling = new Scaling(part(data), nodes);
    const converged = scaling.run(options, (share) => progress((b + share) / batch));
    done.iterations = Math.max(done.iterations, scaling.rows.length);
    done.converged &&= converged;
    pullBack(scaling, nodes, part((cotangent as RoutineArray).data), part(gradient));
  }
  report(done);
  return { gradient: { data: gradient, shape } };
};

/** f and g of one entry, as every iteration left them. */
class Scaling {
  readonly rows: Float64Array[] = [];
  readonly columns: Float64Array[] = [];
  private readonly score: ArrayLike<number>;
  private readonly nodes: number;

  constructor(score: ArrayLike<number>, nodes: number) {
    this.score = score;
    this.nodes = nodes;
  }

  /** Whether the tolerance was reached. */
  run(
    { iterations, tolerance }: Readonly<Record<string, number | boolean | string>>,
    progress: (share: number) => void,
  ): boolean {
    const { nodes } = this;
    let g: Float64Array = new Float64Array(nodes);
    for (;;) {
      const f = this.negatedLogSums(g, nodes, 1);
      const [before] = this.last();
      // Rows summed to e^(f − f⁺) before this update: where that is near enough, it was done.
      if (
        this.rows.length > 0 &&
        f.every((x, i) => Math.abs(Math.expm1(before[i]! - x)) < (tolerance as number))
      )
        return true;
      if (this.rows.length === iterations) return false;
      g = this.negatedLogSums(f, 1, nodes);
      this.rows.push(f);
      this.columns.push(g);
      progress(this.rows.length / (iterations as number));
    }
  }

  last(): readonly [f: Float64Array, g: Float64Array] {
    const none = new Float64Array(0);
    return [this.rows.at(-1) ?? none, this.columns.at(-1) ?? none];
  }

  entry(f: Float64Array, g: Float64Array, i: number, j: number): number {
    return Math.exp(this.score[i * this.nodes + j]! + f[i]! + g[j]!);
  }

  /** −log Σ exp(score + other) along one end, for each node of the other end. */
  private negatedLogSums(other: Float64Array, stride: number, step: number): Float64Array {
    const { nodes, score } = this;
    return Float64Array.from({ length: nodes }, (_, own) => {
      let top = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < nodes; k++)
        top = Math.max(top, score[own * stride + k * step]! + other[k]!);
      let sum = 0;
      for (let k = 0; k < nodes; k++)
        sum += Math.exp(score[own * stride + k * step]! + other[k]! - top);
      return -top - Math.log(sum);
    });
  }
}

/** Cotangents of g, f and the scores, from the last iteration to the first. */
function pullBack(
  scaling: Scaling,
  nodes: number,
  cotangent: ArrayLike<number>,
  gradient: Float64Array,
): void {
  let byF = new Float64Array(nodes);
  let byG = new Float64Array(nodes);
  const [f, g] = scaling.last();
  for (let i = 0; i < nodes; i++) {
    for (let j = 0; j < nodes; j++) {
      const k = i * nodes + j;
      gradient[k] = cotangent[k]! * scaling.entry(f, g, i, j);
      byF[i] = byF[i]! + gradient[k]!;
      byG[j] = byG[j]! + gradient[k]!;
    }
  }
  const start = new Float64Array(nodes);
  for (let t = scaling.rows.length - 1; t >= 0; t--) {
    const rows = scaling.rows[t]!;
    const next = new Float64Array(nodes);
    for (let i = 0; i < nodes; i++) {
      for (let j = 0; j < nodes; j++) {
        const moved = byG[j]! * scaling.entry(rows, scaling.columns[t]!, i, j);
        gradient[i * nodes + j] = gradient[i * nodes + j]! - moved;
        byF[i] = byF[i]! - moved;
      }
      for (let j = 0; j < nodes; j++) {
        const moved = byF[i]! * scaling.entry(rows, scaling.columns[t - 1] ?? start, i, j);
        gradient[i * nodes + j] = gradient[i * nodes + j]! - moved;
        next[j] = next[j]! - moved;
      }
    }
    byG = next;
    byF = new Float64Array(nodes);
  }
}
