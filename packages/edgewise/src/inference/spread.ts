/**
 * Variances of latents in the posterior over edges: the expected score of a squared error is lower
 * than the score at the mean by half its precision times the variances, edge by edge.
 *
 * @source docs/mathematics.md, 4.4: E[−k/2 (zᵢ − w zⱼ)²] = −k/2 (μᵢ − w μⱼ)² − k/2 (Σᵢ + w² Σⱼ).
 */
import { add, axis, divide, type Expr, index, multiply, number, sum } from "../ir/expr.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import type { EdgeScope } from "../model/edgeScope.ts";
import type { Latent } from "../model/latentModel.ts";
import type { NodeTensor } from "../model/node.ts";
import { lowerQuantity } from "../model/quantity.ts";

/** Tensor of a latent's variances. */
export const varianceOf = ({ tensor }: Latent): string => `variance of ${tensor}`;

/** What an edge's score loses to the variances of its ends; 0 for potentials linear in either. */
export function variancePenalty(
  { nodes: { query, key }, potential }: EdgeModel,
  uncertain: readonly Latent[],
  scope: EdgeScope,
  gathered: (e: Expr) => Expr,
): Expr {
  const at = (node: NodeTensor, feature: Expr): Expr => {
    const latent = uncertain.find(({ tensor }) => tensor === node.tensor);
    return latent === undefined
      ? number(0)
      : scope.tensor(varianceOf(latent), node.shape, [feature]);
  };
  switch (potential.kind) {
    case "gaussian": {
      const d = axis("d", scope.extent(query.shape.at(-1) as string));
      const both = add(at(query, index(d)), at(key, index(d)));
      return multiply(divide(lowerQuantity(potential.precision, scope), 2), sum(d, both));
    }
    case "prediction": {
      const half = divide(lowerQuantity(potential.precision, scope), 2);
      const own = query.shape.find(isFeature);
      const from = key.shape.find(isFeature);
      if (own === undefined || from === undefined) {
        const weight = scope.tensor(potential.weight, ["N", "M"]);
        const carried = gathered(multiply(multiply(weight, weight), at(key, number(0))));
        return multiply(half, add(at(query, number(0)), carried));
      }
      const [d, c] = [axis("d", scope.extent(own)), axis("c", scope.extent(from))];
      const weight = scope.tensor(potential.weight, ["N", "M", own, from], [index(d), index(c)]);
      const carried = gathered(sum(c, multiply(multiply(weight, weight), at(key, index(c)))));
      return multiply(half, sum(d, add(at(query, index(d)), carried)));
    }
    default:
      return number(0);
  }
}

const isFeature = (letter: string): boolean => !["B", "H", "G", "N", "M"].includes(letter);
