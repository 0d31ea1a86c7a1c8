/** Sizes of the experiment: full as the specification has it, and quick. */
import { z } from "zod";
import type { Point } from "./arms.ts";
import type { SceneOptions } from "./scene.ts";

export interface Config {
  readonly scene: SceneOptions;
  /** Scenes of a seed. */
  readonly scenes: number;
  /** Deviations of keys around features. */
  readonly keyNoises: readonly number[];
  readonly clicks: number;
  readonly point: Point;
  /** Settings beside the point, at one key noise: every combination is tried. */
  readonly grid: {
    readonly keyNoise: number;
    readonly scenes: number;
    readonly clicks: number;
    readonly keyPriorPrecision: readonly number[];
    readonly valuePriorPrecision: readonly number[];
    readonly valuePrecision: readonly number[];
    readonly iterations: readonly number[];
  };
  /** Seconds that this size may take on two processors. */
  readonly budgetSeconds: number;
}

const positives = z.array(z.number().positive());
const counts = z.array(z.int().min(1));

export const schema: z.ZodType<Config> = z.strictObject({
  scene: z.strictObject({
    side: z.int().min(4),
    regions: z.int().min(2),
    width: z.int().min(1),
    featureNoise: z.number().min(0),
    hint: z.number(),
    leastTarget: z.int().min(1),
  }),
  scenes: z.int().min(1),
  keyNoises: z.array(z.number().min(0)).min(1),
  clicks: z.int().min(3),
  point: z.strictObject({
    queryPrecision: z.number().positive(),
    valuePrecision: z.number().positive(),
    keyPriorPrecision: z.number().positive(),
    valuePriorPrecision: z.number().positive(),
    iterations: z.int().min(1),
  }),
  grid: z.strictObject({
    keyNoise: z.number().min(0),
    scenes: z.int().min(1),
    clicks: z.int().min(0),
    keyPriorPrecision: positives,
    valuePriorPrecision: positives,
    valuePrecision: positives,
    iterations: counts,
  }),
  budgetSeconds: z.number().positive(),
});

export const full: Config = {
  scene: { side: 24, regions: 4, width: 8, featureNoise: 0.5, hint: 0.15, leastTarget: 20 },
  scenes: 8,
  keyNoises: [0, 0.5, 1],
  clicks: 20,
  point: {
    queryPrecision: 1,
    valuePrecision: 4,
    keyPriorPrecision: 1,
    valuePriorPrecision: 0.5,
    iterations: 3,
  },
  grid: {
    ...{ keyNoise: 1, scenes: 2, clicks: 10 },
    keyPriorPrecision: [0.1, 1, 10],
    valuePriorPrecision: [0.05, 0.5],
    valuePrecision: [1, 4],
    iterations: [1, 2, 3, 4, 5],
  },
  budgetSeconds: 360,
};
export const quick: Config = {
  ...full,
  scenes: 5,
  clicks: 10,
  grid: {
    ...full.grid,
    ...{ scenes: 1, clicks: 3 },
    valuePriorPrecision: [0.5],
    valuePrecision: [4],
    iterations: [1, 3],
  },
  budgetSeconds: 12,
};
