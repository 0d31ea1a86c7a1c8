import { binary, categorical } from "../model/choice.ts";
import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { scaledDot } from "../model/potential.ts";
import { carried, proportional } from "../model/value.ts";
import { checkValue } from "../model/words.ts";

/** What turns a memory on, and what it then adds. */
type Unit = "sigmoid" | "silu" | "relu" | "gelu" | "softmax";

const units: Readonly<Record<Unit, Pick<EdgeModel, "choice" | "value">>> = {
  sigmoid: { choice: binary(), value: carried() },
  silu: { choice: binary(), value: proportional() },
  relu: { choice: binary({ noise: "none" }), value: proportional() },
  gelu: { choice: binary({ noise: "probit" }), value: proportional() },
  softmax: { choice: categorical(), value: carried() },
};

/**
 * Feed-forward layer: M persistent memories, each with an on/off edge of its own to every query.
 *
 * yᵢ = Σₖ pᵢₖ vᵢₖ        a = ⟨query_i, key_k⟩, c the prior log odds
 *
 * | unit      | posterior p     | value v     | y, at temperature T           |
 * | --------- | --------------- | ----------- | ----------------------------- |
 * | "sigmoid" | σ(a/T + c)      | value_k     | Σ σ(a/T + c) value            |
 * | "silu"    | σ(a/T + c)      | a · value_k | Σ a σ(a/T + c) value          |
 * | "relu"    | 1[a > 0]        | a · value_k | Σ max(0, a) value             |
 * | "gelu"    | Φ(a/T)          | a · value_k | Σ a Φ(a/T) value              |
 * | "softmax" | softmax(a/T + c) | value_k    | attention over the memories   |
 *
 * | argument      | shape     |
 * | ------------- | --------- |
 * | query         | [B, N, D] |
 * | key, value    | [M, D], [M, V] |
 * | → expectation | [B, N, V] |
 * | → posterior   | [B, N, M] |
 *
 * @source Singh & Buckley (2023), discussion of feed-forward layers; docs/mathematics.md, 8.
 *   Log odds are `prior: given("log_odds", ["M"])`, of sigmoid, silu and softmax.
 * @limit  As the temperature goes to 0, silu is relu.
 * @cost   O(B·N·M·(D + V)) time, O(B·N·V) memory without the posterior.
 */
export function feedForward({
  unit = "relu",
  ...options
}: EdgeModelOptions & { unit?: Unit } = {}): EdgeModel {
  checkValue("unit", unit, "feed-forward");
  return edgeModel({
    name: "feed-forward",
    nodes: {
      query: { tensor: "query", shape: ["B", "N", "D"] },
      key: { tensor: "key", shape: ["M", "D"] },
      value: { tensor: "value", shape: ["M", "V"] },
    },
    potential: scaledDot({ scale: 1 }),
    ...units[unit],
    ...options,
  });
}
