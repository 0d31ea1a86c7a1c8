import type { Tensor } from "../array/tensor.ts";
import type { Verdict } from "../engines/choose.ts";
import type { StepLowering } from "../engines/engine.ts";
import { checkOptions } from "../errors/options.ts";
import type { Model } from "../model/model.ts";
import type { Reading } from "./prepare.ts";

/** What a call would do, estimated before any is made. */
export interface Cost {
  /** Edges in the support, as a call's `info` counts them. */
  readonly edges: number;
  /** Whether it will be just that many: not where numbers decide which edges or how many rounds. */
  readonly isExact: boolean;
  /** Operations on numbers: a sum, a product, an exponential count as one each; routines as none. */
  readonly flops: number;
  /** Bytes of the inputs and of all that is computed from them; of the outputs too. */
  readonly bytes: number;
}

/** Where a model runs and what becomes of it there, as plain data. */
export interface Explanation {
  /** Engine that runs the model where none is named. */
  readonly engine: string;
  readonly why: string;
  /** Every engine, the fastest first, with the reasons of those that do not run it. */
  readonly engines: readonly Verdict[];
  /** What would be faster if it were here, a sentence each. */
  readonly faster: readonly string[];
  /** How that engine runs each step. */
  readonly steps: readonly StepLowering[];
  /** Present where shapes were given. */
  readonly cost?: Cost;
}

/** Shapes of inputs, by name; a tensor stands for its shape, and for its edges where it lists some. */
export type Shapes = Readonly<Record<string, readonly number[] | Tensor>>;

export interface ExplainOptions {
  /** Readings that would be asked for; when left out, the usual ones of the model. */
  readonly read?: readonly Reading[];
}

/**
 * Which engine runs a model where none is named, why, and what would be faster. Nothing is inferred.
 *
 * | argument | meaning                                                     |
 * | -------- | ----------------------------------------------------------- |
 * | model    | what is declared                                            |
 * | shapes   | shape of every input, such as `query: [1, 8, 1024, 64]`;    |
 * |          | when given, the answer counts edges, operations and bytes   |
 *
 * @throws unknown_option, unknown_tensor, missing_tensor, shape_mismatch
 * @example
 *   const { engine, why, faster, cost } = await explain(self(), { query: shape, key: shape, value: shape });
 */
export async function explain(
  model: Model,
  shapes?: Shapes,
  options: ExplainOptions = {},
): Promise<Explanation> {
  checkOptions(options, ["read"], "explain");
  const { explanation } = await import("./explanation.ts");
  return explanation(model, shapes, options.read);
}
