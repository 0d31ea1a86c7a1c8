import {
  attentionNodes,
  type EdgeModel,
  type EdgeModelOptions,
  edgeModel,
} from "../model/edgeModel.ts";
import { shifted } from "../model/node.ts";

/**
 * Absolute positions: added to the nodes before edges are scored; values are taken as given.
 *
 * φᵢⱼ = ⟨query_i + eᵢ, key_j + eⱼ⟩/√D
 *
 * | argument | shape  |
 * | -------- | ------ |
 * | position | [N, D] |
 *
 * @source Singh & Buckley (2023), absolute positional encodings; docs/mathematics.md, 3.5.
 * @limit  Positions of 0 give self attention.
 */
export function absolute(options: EdgeModelOptions = {}): EdgeModel {
  const { query, key } = attentionNodes;
  return edgeModel({
    name: "absolute",
    nodes: { query: { ...query, moved: [shifted()] }, key: { ...key, moved: [shifted()] } },
    square: true,
    ...options,
  });
}
