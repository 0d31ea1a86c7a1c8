import type { Inputs } from "../engines/engine.ts";
import { checkOptions } from "../errors/options.ts";
import type { Model } from "../model/model.ts";
import {
  type CallOptions,
  type DefaultReading,
  type DefaultReadingOf,
  type Gradients,
  type PrepareOptions,
  prepare,
  type Reading,
  type Readings,
} from "./prepare.ts";

export interface PosteriorOptions<Read extends Reading = DefaultReading>
  extends PrepareOptions<Read>,
    CallOptions {
  /** Cotangents of readings, by name: `gradient` then holds the products with the Jacobian. */
  readonly cotangents?: Inputs;
}

/**
 * Expected value under the posterior over each node's edges, with its evidence and entropy.
 *
 * log p(j | i) = log πᵢⱼ + φᵢⱼ − log Zᵢ        yᵢ = Σⱼ p(j | i) vᵢⱼ
 *
 * | argument      | shape        | unit     |
 * | ------------- | ------------ | -------- |
 * | query         | [B, H, N, D] |          |
 * | key           | [B, G, M, D] |          |
 * | value         | [B, G, M, V] |          |
 * | → expectation | [B, H, N, V] | as value |
 * | → logEvidence | [B, H, N]    | nats     |
 * | → entropy     | [B, H, N]    | nats     |
 *
 * @source Singh & Buckley (2023), "Attention as Implicit Structural Inference", eq. (1)–(3);
 *   docs/mathematics.md, 2.1. Priors are normalised over each neighbourhood.
 * @limit  Uniform prior and φ = q·k/√D give scaled dot-product attention.
 * @cost   O(E·(D + V)) time, O(N·V) memory beyond the inputs; E admissible edges.
 * @throws shape_mismatch, missing_tensor, unknown_tensor, empty_neighbourhood, not_finite
 * @example
 *   const model = self({ prior: geometric({ stop: 0.1 }) });
 *   const { expectation, logEvidence } = await posteriorExpectation(model, { query, key, value });
 */
export async function posteriorExpectation<
  M extends Model,
  Read extends Reading = DefaultReadingOf<M>,
>(
  model: M,
  inputs: Inputs,
  options: PosteriorOptions<Read> = {},
): Promise<Readings<Read> & { readonly gradient?: Gradients }> {
  checkOptions(
    options,
    ["engine", "read", "seed", "samples", "onProgress", "cotangents"],
    "posteriorExpectation",
  );
  const { engine, read, cotangents, ...call } = options;
  const attend = await prepare(model, { ...(engine && { engine }), ...(read && { read }) });
  const readings = await attend(inputs, call);
  if (cotangents === undefined) return readings;
  return { ...readings, gradient: await attend.gradient(inputs, cotangents, call) };
}
