/** Blobs and updates of a run. */
import { z } from "zod";

export interface Config {
  /** Numbers of clusters, and of slots. */
  readonly clusters: readonly number[];
  readonly points: number;
  /** Distance of the clusters' centres from 0, and the deviation of points around them. */
  readonly radius: number;
  readonly deviation: number;
  readonly iterations: number;
  /** Scenes of each number of clusters. */
  readonly scenes: number;
}

const count = z.int().min(1);
export const schema: z.ZodType<Config> = z.strictObject({
  clusters: z.array(count).min(1),
  points: count,
  radius: z.number().positive(),
  deviation: z.number().positive(),
  iterations: count,
  scenes: count,
});

export const full: Config = {
  ...{ clusters: [3, 4, 5], points: 60, radius: 4, deviation: 0.6, iterations: 15, scenes: 60 },
};
export const quick: Config = { ...full, scenes: 6 };

export const updates = ["sum", "mean", "wrong axis"] as const;
export type Update = (typeof updates)[number];
