import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";

/**
 * Self attention: every node owns one directed edge to a node of the same sequence.
 *
 * @source Singh & Buckley (2023), self attention; docs/mathematics.md, 3.2. `graph: causal()` for the past only.
 * @limit  With keys and values of another sequence it is cross attention.
 * @cost   O(E·(D + V)) time, O(N·V) memory.
 */
export function self(options: EdgeModelOptions = {}): EdgeModel {
  return edgeModel({ name: "self", ...options });
}
