/** Memories and sample sizes of a run. */
import { z } from "zod";

export interface Config {
  /** Half distances of the two memories; at 1 their middle stops being a minimum. */
  readonly halves: readonly number[];
  /** Draws from the posterior, and points of its integrals. */
  readonly draws: number;
  readonly points: number;
}

export const schema: z.ZodType<Config> = z.strictObject({
  halves: z.array(z.number().positive()).min(1),
  draws: z.int().min(2),
  points: z.int().min(10),
});

const halves = [
  ...[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98],
  ...[1.02, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.25, 2.5, 2.75, 3],
];
export const full: Config = { halves, draws: 200_000, points: 20_000 };
export const quick: Config = { halves, draws: 10_000, points: 4000 };
