/**
 * Queries of different sequences that share one continuation probability.
 *
 * The mechanism shares q among all nodes of a sequence. Here a group's queries stand in sequences of
 * their own, so that the update runs between looks that the library answers; a test compares both.
 *
 * @source docs/mathematics.md, 7.4, under rule R1 and scheme plugin-reset.
 */
import type { Batch } from "./data.ts";
import {
  type Head,
  type KnownLook,
  type Looked,
  type Measured,
  measured,
  perKey,
  perVisit,
  tail,
  windowOf,
} from "./evaluate.ts";

export interface Sharing {
  readonly alpha: number;
  readonly beta: number;
  /** Consecutive queries that share q; how far each of them can look. */
  readonly members: number;
  readonly available?: readonly number[];
  readonly tolerance?: number;
  readonly maxIterations?: number;
}

export function sharedLook(
  { world }: Head,
  look: KnownLook,
  batch: Batch,
  { alpha, beta, members, available, tolerance = 1e-3, maxIterations = 12 }: Sharing,
): Looked & { readonly ratios: readonly number[] } {
  const { keys, width } = world.task;
  const count = batch.distances.length;
  const group = (b: number): number => Math.floor(b / members);
  const groups = Array.from({ length: group(count - 1) + 1 }, (_, g) => ({
    members: Math.min(members, count - g * members),
    ratio: beta / (alpha + beta),
    iterations: 0,
    moves: true,
  }));
  const of = (b: number) => groups[group(b)] as (typeof groups)[number];
  const windows = batch.distances.map(() => 0);
  let visits = 0;
  const looked = () => {
    windows.forEach((window, b) => {
      const needed = windowOf(of(b).ratio, available?.[b] ?? keys, tail);
      windows[b] = Math.max(window, needed);
    });
    const ratios = batch.distances.map((_, b) => of(b).ratio);
    return { ...look.within(batch, ratios, windows), ratios };
  };
  for (let t = 0; t < maxIterations && groups.some(({ moves }) => moves); t++) {
    const { posterior } = looked();
    const distances = groups.map(() => 0);
    for (let b = 0; b < count; b++) {
      if (!of(b).moves) continue;
      visits += windows[b] as number;
      for (let h = 0; h < (windows[b] as number); h++)
        (distances[group(b)] as number) += h * (posterior.data[(b + 1) * keys - 1 - h] as number);
    }
    groups.forEach((own, g) => {
      if (!own.moves) return;
      const continuations = beta + (distances[g] as number);
      const ratio = continuations / (alpha + own.members + continuations);
      own.moves = Math.abs(ratio - own.ratio) >= tolerance;
      own.ratio = ratio;
      own.iterations++;
    });
  }
  const { expectation, ratios } = looked();
  const scored = windows.reduce((sum, window) => sum + window, 0);
  return {
    ...{ expectation, windows, ratios },
    iterations: batch.distances.map((_, b) => of(b).iterations),
    operations: scored * perKey(width) + perVisit * visits,
  };
}

export const shared = (head: Head, look: KnownLook, batch: Batch, how: Sharing): Measured =>
  measured(head, batch, sharedLook(head, look, batch, how));
