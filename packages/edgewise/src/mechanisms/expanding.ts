import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { causal, intersection, withoutSelf } from "../model/graph.ts";
import { type ExpandOptions, expand } from "../model/inference.ts";
import { betaGeometric } from "../model/prior.ts";

/** Options of expanding attention: its hyper-prior, how q is inferred, and where distances begin. */
export type ExpandingOptions = Omit<EdgeModelOptions, "graph" | "prior" | "inference"> &
  ExpandOptions & {
    /** Stops counted beforehand, 1. */
    readonly alpha?: number | undefined;
    /** Continuations counted beforehand, 4. */
    readonly beta?: number | undefined;
    /** Whether distance 0 is the node itself, or the node before it. */
    readonly selfEdges?: boolean | undefined;
  };

/**
 * Expanding attention: each node looks back as far as it believes to be worth while, and infers how
 * far that is.
 *
 * p(h | q) = (1 − q) qʰ        1 − q ~ Beta(α, β)        h = 0, 1, 2, … the distance
 *
 * | result         | shape        |                                                    |
 * | -------------- | ------------ | -------------------------------------------------- |
 * | → expectation  | [B, H, N, V] |                                                    |
 * | → continuation | [B, H, N]    | E[q]                                               |
 * | → window       | [B, H, N]    | keys looked at                                     |
 * | → iterations   | [B, H, N]    | updates of the belief about q                      |
 * | → operations   | [2]          | counted, and self attention's on the same input    |
 *
 * @source Singh & Buckley (2023), expanding attention; docs/mathematics.md, 7, its corrections
 *   included. `scheme: "plugin-accumulate"` is the paper's update.
 * @limit  α and β to infinity give a linear penalty of distance; q to 1 and a full window give causal self attention.
 * @cost   O(Σ windows · (D + V)) time, O(N·V) memory.
 * @throws bad_model for words that its inference cannot read
 */
export function expanding(options: ExpandingOptions = {}): EdgeModel {
  const { alpha, beta, selfEdges = true, scheme, growth, share, ...others } = options;
  const { tail, tolerance, maxIterations, ...rest } = others;
  return edgeModel({
    name: "expanding",
    graph: selfEdges ? causal() : intersection(causal(), withoutSelf()),
    prior: betaGeometric({ alpha, beta }),
    inference: expand({ scheme, growth, share, tail, tolerance, maxIterations }),
    square: true,
    ...rest,
  });
}
