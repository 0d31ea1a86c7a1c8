/** Sizes of the experiment: full and quick. */
import { z } from "zod";
import type { ConceptOptions } from "../concepts/concepts.ts";

export interface Config {
  readonly concepts: Omit<ConceptOptions, "sides" | "questions">;
  readonly lengths: readonly number[];
  /** Sequences that are learned from. */
  readonly sequences: readonly number[];
  /** Senders of the layer: more than there are concepts. */
  readonly senders: number;
  /** Beginnings that are tried for a tenth of the steps. */
  readonly beginnings: number;
  /** Steps on all sequences at once, and the rate of Adam. */
  readonly steps: number;
  readonly rate: number;
  /** Sequences with a label, for the probe. */
  readonly labelled: number;
  readonly heldOut: number;
  /** Seconds that this size may take on two processors. */
  readonly budgetSeconds: number;
}

const counts = z.array(z.int().min(2)).min(2);

export const schema: z.ZodType<Config> = z.strictObject({
  concepts: z.strictObject({
    concepts: z.int().min(2),
    width: z.int().min(1),
    spread: z.number().positive(),
    noise: z.number().positive(),
    answers: z.int().min(2),
  }),
  lengths: counts,
  sequences: counts,
  senders: z.int().min(2),
  beginnings: z.int().min(1),
  steps: z.int().min(1),
  rate: z.number().positive(),
  labelled: z.int().min(1),
  heldOut: z.int().min(1),
  budgetSeconds: z.number().positive(),
});

export const full: Config = {
  concepts: { concepts: 4, width: 2, spread: 1.5, noise: 2, answers: 4 },
  lengths: [8, 32, 128],
  sequences: [128, 256, 512, 1024, 2048, 4096, 8192],
  senders: 8,
  beginnings: 5,
  steps: 600,
  rate: 0.05,
  labelled: 1024,
  heldOut: 4096,
  budgetSeconds: 360,
};
export const quick: Config = {
  ...full,
  sequences: [128, 512, 2048],
  steps: 200,
  beginnings: 4,
  heldOut: 512,
  budgetSeconds: 6,
};
