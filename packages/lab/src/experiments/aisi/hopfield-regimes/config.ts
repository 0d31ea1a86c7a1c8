/** Patterns, cues and temperatures of a run. */
import { z } from "zod";

export interface Config {
  readonly patterns: number;
  readonly width: number;
  /** Patterns of one group, in the arrangement that has groups. */
  readonly group: number;
  /** Cosine of patterns of one group. */
  readonly likeness: number;
  /** Length of the noise of a cue, which is a pattern of length 1. */
  readonly noise: number;
  readonly betas: readonly number[];
  readonly iterations: number;
}

const count = z.int().min(1);
export const schema: z.ZodType<Config> = z.strictObject({
  patterns: count,
  width: count,
  group: count,
  likeness: z.number().min(0).max(1),
  noise: z.number().min(0),
  betas: z.array(z.number().positive()).min(1),
  iterations: count,
});

const betas = [0.5, 1, 2, 4, 6, 8, 11, 16, 23, 32, 64, 128, 256];
export const full: Config = {
  ...{ patterns: 64, width: 32, group: 4, likeness: 0.8, noise: 0.5, betas, iterations: 60 },
};
export const quick: Config = { ...full, patterns: 24, iterations: 30 };

export const arrangements = ["random", "in groups"] as const;
export type Arrangement = (typeof arrangements)[number];
