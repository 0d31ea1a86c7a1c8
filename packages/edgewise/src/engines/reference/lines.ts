/**
 * Loops over features: the only places of this engine where order is chosen for speed.
 *
 * Four running sums hide the latency of an addition; a stride of 1 is by far the most common; `| 0`
 * keeps indices integers, which makes these loops a quarter faster.
 */
import type { Bound } from "./bindings.ts";

type Numbers = Bound["data"];

/** Σ a_d b_d over `count` features. */
export function dotProduct(
  a: Numbers,
  ka: number,
  da: number,
  b: Numbers,
  kb: number,
  db: number,
  count: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let d = 0;
  if (da === 1 && db === 1) {
    let j = kb | 0;
    const end = (ka + count) | 0;
    let i = ka | 0;
    for (; ((i + 3) | 0) < end; i = (i + 4) | 0, j = (j + 4) | 0) {
      s0 += a[i]! * b[j]!;
      s1 += a[(i + 1) | 0]! * b[(j + 1) | 0]!;
      s2 += a[(i + 2) | 0]! * b[(j + 2) | 0]!;
      s3 += a[(i + 3) | 0]! * b[(j + 3) | 0]!;
    }
    d = i - ka;
  }
  for (; d < count; d++) s0 += a[ka + d * da]! * b[kb + d * db]!;
  return s0 + s1 + (s2 + s3);
}

/** Σ (a_d − b_d)² over `count` features. */
export function squaredDistance(
  a: Numbers,
  ka: number,
  da: number,
  b: Numbers,
  kb: number,
  db: number,
  count: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let d = 0;
  if (da === 1 && db === 1) {
    for (; d + 1 < count; d += 2) {
      const g0 = a[ka + d]! - b[kb + d]!;
      const g1 = a[ka + d + 1]! - b[kb + d + 1]!;
      s0 += g0 * g0;
      s1 += g1 * g1;
    }
  }
  for (; d < count; d++) {
    const gap = a[ka + d * da]! - b[kb + d * db]!;
    s0 += gap * gap;
  }
  return s0 + s1;
}

/** to_d += weight · from_d over `count` features. */
export function addScaled(
  to: Float64Array,
  kt: number,
  dt: number,
  from: Numbers,
  kf: number,
  df: number,
  weight: number,
  count: number,
): void {
  let d = 0;
  if (dt === 1 && df === 1) {
    let j = kf | 0;
    const end = (kt + count) | 0;
    let i = kt | 0;
    for (; ((i + 3) | 0) < end; i = (i + 4) | 0, j = (j + 4) | 0) {
      to[i] = to[i]! + weight * from[j]!;
      to[(i + 1) | 0] = to[(i + 1) | 0]! + weight * from[(j + 1) | 0]!;
      to[(i + 2) | 0] = to[(i + 2) | 0]! + weight * from[(j + 2) | 0]!;
      to[(i + 3) | 0] = to[(i + 3) | 0]! + weight * from[(j + 3) | 0]!;
    }
    d = i - kt;
  }
  for (; d < count; d++) to[kt + d * dt] = to[kt + d * dt]! + weight * from[kf + d * df]!;
}
