import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { scaledDot } from "../model/potential.ts";
import { indicator } from "../model/value.ts";

/**
 * Classification layer: one query, the classes are the candidates, the posterior is the answer.
 *
 * p(c | x) ∝ π_c exp ⟨features, class_c⟩
 *
 * | argument    | shape  | unit |
 * | ----------- | ------ | ---- |
 * | features    | [B, D] |      |
 * | classes     | [C, D] |      |
 * | → posterior | [B, C] |      |
 *
 * @source Singh & Buckley (2023), classification layer; docs/mathematics.md, 3.6.
 * @limit  Uniform prior gives softmax regression.
 */
export function classifier(options: EdgeModelOptions = {}): EdgeModel {
  return edgeModel({
    name: "classifier",
    nodes: {
      query: { tensor: "features", shape: ["B", "D"] },
      key: { tensor: "classes", shape: ["M", "D"] },
    },
    potential: scaledDot({ scale: 1 }),
    value: indicator(),
    ...options,
  });
}
