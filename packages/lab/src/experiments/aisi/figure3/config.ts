/** Sizes of the experiment. */
import { z } from "zod";

export interface Config {
  readonly keys: number;
  readonly gain: number;
  readonly noise: number;
  /** Sequences of a step of training, and rate of Adam. */
  readonly batch: number;
  readonly rate: number;
  /** Steps of heads that are scored at widths, of the learning curves, and of the groups' head. */
  readonly steps: number;
  readonly curveSteps: number;
  readonly groupSteps: number;
  /** Times that a curve is measured, and its place that is compared, as a share of its steps. */
  readonly points: number;
  readonly early: number;
  /** Queries that are scored, never trained on; of groups, of each half. */
  readonly heldOut: number;
  readonly groupQueries: number;
  /** Width of every part but the one about widths, and the widths of that one. */
  readonly width: number;
  readonly widths: readonly number[];
  /** Stopping probability of every part but the one about distances, and those of that one. */
  readonly stop: number;
  readonly stops: readonly number[];
  /** Hyper-prior where it is not matched. */
  readonly alpha: number;
  readonly beta: number;
  /** Queries that share a stopping probability, near or far; that of the head; fixed rivals. */
  readonly members: number;
  readonly near: number;
  readonly far: number;
  readonly trainedAt: number;
  readonly fixed: readonly number[];
  /** Keys of the learning curves; those of a verdict are `keys`. */
  readonly curveKeys: readonly number[];
  /** The grid: keys and stopping probabilities at which the head of every width is scored. */
  readonly gridKeys: readonly number[];
  readonly gridStops: readonly number[];
  readonly gridQueries: number;
  /** Whether growth rules and updates are compared too. */
  readonly rules: boolean;
  /** Seconds that the full size may take on two processors. */
  readonly budgetSeconds: number;
}

const probability = z.number().gt(0).lt(1);
const count = z.int().min(1);

export const schema: z.ZodType<Config> = z.strictObject({
  keys: z.int().min(2),
  gain: z.number(),
  noise: z.number().min(0),
  batch: count,
  rate: z.number().positive(),
  steps: count,
  curveSteps: count,
  groupSteps: count,
  points: z.int().min(2),
  early: probability,
  heldOut: count,
  groupQueries: count,
  width: z.int().min(2).multipleOf(2),
  widths: z.array(z.int().min(2).multipleOf(2)).min(2),
  stop: probability,
  stops: z.array(probability).min(2),
  alpha: z.number().positive(),
  beta: z.number().positive(),
  members: count,
  near: probability,
  far: probability,
  trainedAt: probability,
  fixed: z.array(probability).min(2),
  curveKeys: z.array(z.int().min(2)).min(1),
  gridKeys: z.array(z.int().min(2)),
  gridStops: z.array(probability).min(1),
  gridQueries: count,
  rules: z.boolean(),
  budgetSeconds: z.number().positive(),
});

export const full: Config = {
  ...{ keys: 64, gain: 2, noise: 0.5, batch: 64, rate: 5e-3 },
  ...{ steps: 1500, curveSteps: 3000, groupSteps: 3000, points: 12, early: 0.25 },
  ...{ heldOut: 2048, groupQueries: 2048, width: 16, widths: [4, 8, 16, 32, 64], stop: 0.2 },
  stops: [0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05],
  ...{ alpha: 1, beta: 4, members: 8, near: 0.5, far: 0.05, trainedAt: 0.1 },
  fixed: [0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95],
  ...{ curveKeys: [64, 32], gridKeys: [64, 256], gridStops: [0.5, 0.3, 0.2, 0.1, 0.05] },
  ...{ gridQueries: 256, rules: true, budgetSeconds: 900 },
};

/** A greater rate, since steps are few. */
export const quick: Config = {
  ...full,
  ...{ rate: 2e-2, steps: 150, curveSteps: 300, groupSteps: 400, points: 6, early: 0.5 },
  ...{ heldOut: 128, groupQueries: 512, widths: [4, 16], stops: [0.95, 0.8, 0.5, 0.2, 0.05] },
  ...{ fixed: [0.7, 0.8, 0.85, 0.9, 0.95], curveKeys: [64], gridKeys: [] },
  ...{ rules: false, budgetSeconds: 30 },
};
