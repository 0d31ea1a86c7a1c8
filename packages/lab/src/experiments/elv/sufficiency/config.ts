/** Sizes of the experiment: full and quick. */
import { z } from "zod";
import type { ConceptOptions } from "../concepts/concepts.ts";

export interface Config {
  /** Families of concepts, by name. */
  readonly families: Readonly<Record<string, ConceptOptions>>;
  readonly length: number;
  /** Hidden units of probes, and units for each token. */
  readonly hidden: number;
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  readonly heldOut: number;
  /** Seconds that this size may take on two processors. */
  readonly budgetSeconds: number;
}

const family: z.ZodType<ConceptOptions> = z.strictObject({
  concepts: z.int().min(2),
  width: z.int().min(1),
  spread: z.number().positive(),
  noise: z.number().positive(),
  sides: z.union([z.literal(1), z.literal(2)]),
  questions: z.int().min(1),
  answers: z.int().min(2),
});

export const schema: z.ZodType<Config> = z.strictObject({
  families: z.record(z.string(), family),
  length: z.int().min(2),
  hidden: z.int().min(1),
  steps: z.int().min(1),
  batch: z.int().min(1),
  rate: z.number().positive(),
  heldOut: z.int().min(1),
  budgetSeconds: z.number().positive(),
});

const gaussian: ConceptOptions = {
  ...{ concepts: 4, width: 2, spread: 1.5, noise: 1.5, sides: 1 },
  ...{ questions: 6, answers: 3 },
};

export const full: Config = {
  families: { gaussian, "two-sided": { ...gaussian, spread: 2, sides: 2 } },
  ...{ length: 8, hidden: 32, steps: 3000, batch: 256, rate: 2e-2, heldOut: 8192 },
  budgetSeconds: 360,
};
export const quick: Config = {
  ...full,
  ...{ steps: 400, batch: 64, heldOut: 512 },
  budgetSeconds: 6,
};
