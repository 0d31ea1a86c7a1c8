/** A function on the circle, seen with noise at random angles, and what its answers tend to. */
import { normals, type Tensor, uniforms } from "edgewise";

export interface Observed {
  /** [B, 1, M, 2] and [B, 1, M, 1]. */
  readonly key: Tensor;
  readonly value: Tensor;
}

export const exactly = (angle: number): number => Math.sin(2 * angle) + 0.5 * Math.cos(angle);

/** Angles of the queries: equal steps once around. */
export const anglesOf = (count: number): number[] =>
  Array.from({ length: count }, (_, k) => (2 * Math.PI * k) / count);

/** Draws of so many noisy observations each; a batch entry is a draw. */
export function observed(draws: number, length: number, noise: number, seed: number): Observed {
  const [uniform, normal] = [uniforms(seed), normals(seed ^ 0x2545f491)];
  const angles = Array.from({ length: draws * length }, () => 2 * Math.PI * uniform());
  return {
    key: onCircle(angles, draws),
    value: {
      data: Float32Array.from(angles, (angle) => exactly(angle) + noise * normal()),
      shape: [draws, 1, length, 1],
    },
  };
}

export const onCircle = (angles: readonly number[], draws: number): Tensor => ({
  data: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
  shape: [draws, 1, angles.length / draws, 2],
});

/**
 * Error that softmax attention at a fixed scale keeps however long the sequence: the kernel
 * exp(scale · cos) shrinks each harmonic r by its eigenvalue tᵣ / t₀.
 */
export function softmaxBias(scale: number): number {
  const eigenvalue = (order: number): number =>
    anglesOf(512).reduce(
      (sum, angle) => sum + Math.exp(scale * (Math.cos(angle) - 1)) * Math.cos(order * angle),
      0,
    );
  const lost = (order: number): number => 1 - eigenvalue(order) / eigenvalue(0);
  return Math.sqrt((lost(2) ** 2 + (0.5 * lost(1)) ** 2) / 2);
}
