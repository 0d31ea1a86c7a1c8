import {
  attentionNodes,
  type EdgeModel,
  type EdgeModelOptions,
  edgeModel,
} from "../model/edgeModel.ts";
import { rotated } from "../model/node.ts";

/**
 * Rotary positions: each pair of features turns by position · base^(−2k/D), so that scores depend
 * on offsets only.
 *
 * @source Su et al. (2021), "RoFormer", eq. (34); pairs are (k, k + D/2) for "half", (2k, 2k + 1)
 *   for "interleaved".
 * @limit  Scores depend on j − i alone: with one node, at offset 0, it is self attention.
 * @throws shape_mismatch when D is odd
 */
export function rotary({
  base = 10000,
  pairing = "half",
  ...options
}: EdgeModelOptions & { base?: number; pairing?: "half" | "interleaved" } = {}): EdgeModel {
  const { query, key } = attentionNodes;
  const moved = [rotated({ base, pairing })];
  return edgeModel({
    name: "rotary",
    nodes: { query: { ...query, moved }, key: { ...key, moved } },
    ...options,
  });
}
