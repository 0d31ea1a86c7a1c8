import { z } from "zod";
import type { KeyRow } from "./row.ts";

const key = (schema: z.ZodType, about: string, shown?: string): KeyRow =>
  shown === undefined ? { schema, about } : { schema, about, default: shown };

const positive = z.number().positive();
export const whole: z.ZodNumber = z.number().int();

/** Keys that change scores, in every row with scores. */
export const scoreKeys: Readonly<Record<string, KeyRow>> = {
  scale: key(z.number(), "factor of the dot product", "1/√D"),
  temperature: key(positive, "divides the score", "1"),
  softcap: key(positive, "bounds the score: cap · tanh(score / cap)"),
  whenEmpty: key(z.enum(["zero", "throw"]), "answer of a node without edges", '"zero"'),
};

/** Keys that say who may attend to whom, and with which belief. */
export const structureKeys: Readonly<Record<string, KeyRow>> = {
  causal: key(z.boolean(), "only senders at or before the receiver, j ≤ i", "false"),
  selfEdges: key(z.boolean(), "keep the edge of a node to itself, j = i", "true"),
  window: key(
    z.tuple([whole.nullable(), whole.nullable()]),
    "[back, ahead]: i − back ≤ j ≤ i + ahead; null leaves a side open",
  ),
  offset: key(whole, "position of the first receiver among the senders", "0"),
  tempering: key(
    z.enum(["likelihood", "joint"]),
    "whether temperature divides the score alone or prior and score",
    '"likelihood"',
  ),
  prior: key(z.string(), "log prior as a text of i, j, head, batch, N, M and tensors"),
  potential: key(z.string(), "log potential as a text of score; not together with softcap"),
};

export const posteriorKey: Readonly<Record<string, KeyRow>> = {
  posterior: key(z.boolean(), "also write the dense posterior", "false"),
};

export const rotaryKeys: Readonly<Record<string, KeyRow>> = {
  base: key(positive, "base of the angles", "10000"),
  pairing: key(z.enum(["half", "interleaved"]), "which features turn together", '"half"'),
};

export const hopKeys: Readonly<Record<string, KeyRow>> = {
  hops: key(whole.min(1), "number of hops", "2"),
  weights: key(z.array(z.number()).min(1), "weight of each hop", "all 1"),
  reading: key(
    z.enum(["annealed", "quenched"]),
    "draw each hop anew, or walk one graph",
    '"annealed"',
  ),
  resolvent: key(z.number().min(0).lt(1), "γ of infinitely many hops; replaces hops and weights"),
};

export const hardKeys: Readonly<Record<string, KeyRow>> = {
  samples: key(whole.min(1).max(1e6), "number of draws from the posterior"),
  topK: key(whole.min(1).max(1e6), "number of most probable edges kept"),
  mode: key(z.literal(true), "keep the most probable edge"),
  seed: key(whole, "seed of the draws", "0"),
  estimator: key(
    z.enum(["scoreFunction", "gumbel"]),
    "gradient of draws by scores: unbiased, or relaxed with bias",
    '"scoreFunction"',
  ),
  relaxation: key(positive, "temperature of the gumbel estimator", "0.5"),
};

const count = whole.min(0);

export const mixtureKeys: Readonly<Record<string, KeyRow>> = {
  magnitudePrior: key(z.boolean(), "prior of a unit grows with its squared norms", "false"),
  keyIterations: key(count, "EM steps of the keys", "0"),
  valueIterations: key(count, "EM steps of the values", "0"),
  keyPriorPrecision: key(z.number().min(0), "pull of a key to where it was", "1"),
  valuePriorPrecision: key(z.number().min(0), "pull of a value to where it was", "1"),
  anchor: key(z.enum(["initial", "running"]), "where keys and values are pulled to", '"initial"'),
  freezePrior: key(z.boolean(), "keep the magnitude prior of the given units", "true"),
  clampAnnotated: key(z.boolean(), "answer annotated tokens with their annotation", "false"),
  readout: key(z.enum(["mean", "map"]), "Σ P μ, or Σ P β μ / Σ P β", '"mean"'),
  paperCompat: key(
    z.boolean(),
    "drop normalisers and leave annotations out of the E-step",
    "false",
  ),
};
