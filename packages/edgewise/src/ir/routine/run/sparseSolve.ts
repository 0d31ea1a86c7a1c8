import { EdgewiseError } from "../../../errors/edgewiseError.ts";
import type { RoutineArray, RoutineRun } from "../routine.ts";

/**
 * Bi-conjugate gradients, stabilised (van der Vorst 1992), each column of its own, to a residual
 * of 1e-13 of the source.
 *
 * @cost O(E) time an iteration, O(N) memory beyond inputs and outputs
 * @throws engine_failed when the residual does not fall that far
 */
export const sparseSolve: RoutineRun = (inputs, { transpose }) => {
  const { weight, rowStart, alternative, source } = inputs as Record<string, RoutineArray> & {
    weight: RoutineArray;
    rowStart: RoutineArray;
    alternative: RoutineArray;
    source: RoutineArray;
  };
  const [nodes, width] = source.shape as [number, number];
  const apply = operator(weight.data, rowStart.data, alternative.data, transpose === true);
  const solution = new Float64Array(nodes * width);
  for (let v = 0; v < width; v++) {
    const column = Float64Array.from(
      { length: nodes },
      (_, i) => source.data[i * width + v] as number,
    );
    solve(apply, column).forEach((value, i) => {
      solution[i * width + v] = value;
    });
  }
  return { solution: { data: solution, shape: source.shape } };
};

type Vector = Float64Array;

/** v ↦ v − A v. */
function operator(
  weight: RoutineArray["data"],
  rowStart: RoutineArray["data"],
  alternative: RoutineArray["data"],
  transpose: boolean,
): (v: Vector) => Vector {
  return (v) => {
    const out = Float64Array.from(v);
    for (let i = 0; i + 1 < rowStart.length; i++) {
      for (let e = rowStart[i] as number; e < (rowStart[i + 1] as number); e++) {
        const j = alternative[e] as number;
        const [to, from] = transpose ? [j, i] : [i, j];
        out[to] = (out[to] as number) - (weight[e] as number) * (v[from] as number);
      }
    }
    return out;
  };
}

const dot = (a: Vector, b: Vector): number => a.reduce((s, x, i) => s + x * (b[i] as number), 0);
const combine = (a: Vector, scale: number, b: Vector): Vector =>
  a.map((x, i) => x + scale * (b[i] as number));

function solve(apply: (v: Vector) => Vector, source: Vector): Vector {
  const target = 1e-13 * Math.sqrt(dot(source, source));
  let x: Vector = Float64Array.from(source);
  let residual = combine(source, -1, apply(x));
  let best = Math.sqrt(dot(residual, residual));
  // A breakdown of the recurrence is answered by starting again from the best point.
  for (let restart = 0; restart < 20 && best > target; restart++) {
    const shadow = residual;
    let direction = residual;
    let rho = dot(shadow, residual);
    for (let step = 0; step < 10 * source.length + 100 && best > target; step++) {
      const moved = apply(direction);
      const alpha = rho / dot(shadow, moved);
      const half = combine(residual, -alpha, moved);
      const turned = apply(half);
      const omega = dot(turned, half) / (dot(turned, turned) || 1);
      x = combine(combine(x, alpha, direction), omega, half);
      residual = combine(half, -omega, turned);
      const next = dot(shadow, residual);
      if (!Number.isFinite(next) || Math.abs(next) < 1e-300 || omega === 0) break;
      direction = combine(
        residual,
        (next / rho) * (alpha / omega),
        combine(direction, -omega, moved),
      );
      rho = next;
      best = Math.sqrt(dot(residual, residual));
    }
    residual = combine(source, -1, apply(x));
    best = Math.sqrt(dot(residual, residual));
  }
  if (best <= Math.max(target, 1e-300) * 10 || best === 0) return x;
  throw new EdgewiseError({
    code: "engine_failed",
    where: "sparseSolve",
    got: `a residual of ${(best / (target / 1e-13)).toExponential(1)} of the source`,
    expected: "1e-13 or less",
    fix: "keep the weights of each row at a sum of at most 1, with one clamped node in every connected part",
  });
}
