/** Classes, noise and temperatures of a run. */
import { z } from "zod";

export interface Config {
  readonly classes: number;
  readonly width: number;
  /** Deviation of the noise that the model believes in. */
  readonly believed: number;
  /** Observations that are predicted, and those of one call. */
  readonly observations: number;
  readonly temperatures: readonly number[];
}

const count = z.int().min(1);
export const schema: z.ZodType<Config> = z.strictObject({
  classes: z.int().min(2),
  width: count,
  believed: z.number().positive(),
  observations: count,
  temperatures: z.array(z.number().positive()).min(1),
});

const temperatures = [0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11, 16];
export const full: Config = {
  ...{ classes: 8, width: 4, believed: 0.5, observations: 20_000, temperatures },
};
export const quick: Config = { ...full, observations: 2000 };

/** True deviation of the noise, over the one that is believed. */
export const noises = { "as believed": 1, "twice as much": 2 } as const;
export type Noise = keyof typeof noises;
export const temperings = ["likelihood", "joint"] as const;
