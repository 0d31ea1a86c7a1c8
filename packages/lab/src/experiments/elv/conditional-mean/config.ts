/** Sizes of the experiment: full as the specification has it, and quick. */
import { z } from "zod";

export interface Config {
  readonly lengths: readonly number[];
  /** Draws of a seed at each length: so many that their observations come to this, within a limit. */
  readonly observations: number;
  readonly mostDraws: number;
  readonly queries: number;
  /** Deviation of values around the function. */
  readonly noise: number;
  /** Scale of the exponential kernel and of softmax attention. */
  readonly scale: number;
  /** λ = ridge · √L where the mean is estimated, proportionalRidge · L where softmax is the limit. */
  readonly ridge: number;
  readonly proportionalRidge: number;
  /** Sharpened softmax has the scale factor · L ** power. */
  readonly sharpened: { readonly factor: number; readonly power: number };
  /** Seconds that this size may take on two processors. */
  readonly budgetSeconds: number;
}

export const schema: z.ZodType<Config> = z.strictObject({
  lengths: z.array(z.int().min(2)).min(2),
  observations: z.int().min(1),
  mostDraws: z.int().min(1),
  queries: z.int().min(8),
  noise: z.number().min(0),
  scale: z.number().positive(),
  ridge: z.number().positive(),
  proportionalRidge: z.number().positive(),
  sharpened: z.strictObject({ factor: z.number().positive(), power: z.number().positive() }),
  budgetSeconds: z.number().positive(),
});

export const full: Config = {
  lengths: [32, 64, 128, 256, 512, 1024, 2048],
  observations: 2048,
  mostDraws: 16,
  queries: 256,
  noise: 0.3,
  scale: 8,
  ridge: 0.1,
  proportionalRidge: 200,
  sharpened: { factor: 1.5, power: 0.4 },
  budgetSeconds: 360,
};
export const quick: Config = {
  ...full,
  lengths: [32, 64, 128, 256, 512],
  observations: 1024,
  mostDraws: 8,
  budgetSeconds: 6,
};
