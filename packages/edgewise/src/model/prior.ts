import { EdgewiseError } from "../errors/edgewiseError.ts";
import {
  add,
  binary,
  type Expr,
  index,
  log,
  multiply,
  negate,
  number,
  size,
  subtract,
  unary,
} from "../ir/expr.ts";
import type { EdgeScope } from "./edgeScope.ts";
import { lowerText } from "./expression.ts";
import { mayForbid } from "./forbid.ts";
import { lowerQuantity, type Quantity } from "./quantity.ts";

/** What is believed about each edge before data: unnormalised log priors, normalised per chooser. */
export type Prior =
  | { readonly kind: "uniform" }
  | { readonly kind: "perOffset"; readonly table: string }
  | { readonly kind: "distanceDecay"; readonly slope: Quantity }
  | { readonly kind: "geometric"; readonly stop: Quantity }
  | { readonly kind: "betaGeometric"; readonly alpha: number; readonly beta: number }
  | { readonly kind: "given"; readonly tensor: string; readonly shape: readonly string[] }
  | { readonly kind: "expression"; readonly text: string; readonly scalars?: readonly string[] }
  | { readonly kind: "product"; readonly of: readonly Prior[] };

/** Every edge of the graph alike. */
export const uniform = (): Prior => ({ kind: "uniform" });
/** One log prior per head and offset j − i, learned: a tensor [H, N + M − 1]. */
export const perOffset = (table = "relative_prior"): Prior => ({ kind: "perOffset", table });
/** log π = −slope · |i − j|: a linear penalty of distance, per nat. */
export const distanceDecay = (options: { slope: Quantity }): Prior => ({
  kind: "distanceDecay",
  ...options,
});
/** Geometric in distance with stopping probability `stop`: log π = |i − j| · log(1 − stop). */
export const geometric = (options: { stop: Quantity }): Prior => ({
  kind: "geometric",
  ...options,
});
/**
 * Geometric in distance with a continuation probability q that is not known, 1 − q ~ Beta(alpha,
 * beta): `alpha` counts stops, `beta` continuations. For inference `expand`.
 */
export function betaGeometric(
  options: { alpha?: number | undefined; beta?: number | undefined } = {},
): Prior {
  // What is not a key goes along, so that the declaration's check refuses it by name.
  const { alpha = 1, beta = 4, ...others } = options;
  return { kind: "betaGeometric", alpha, beta, ...others };
}
/** Log prior given as a tensor; −∞ removes the edge. */
export const given = (
  tensor = "log_prior",
  shape: readonly string[] = ["B|1", "H|1", "N", "M"],
): Prior => ({
  kind: "given",
  tensor,
  shape,
});
/**
 * Log prior as a text of i, j, head, batch, N, M and tensors; `forbidden` removes the edge. Tensors
 * without dimensions, which stand bare in the text, are named as `scalars`.
 */
export const expression = (text: string, options: { scalars?: readonly string[] } = {}): Prior => ({
  kind: "expression",
  text,
  ...options,
});
/** Several beliefs at once: their log priors add up. */
export const product = (...of: readonly Prior[]): Prior => ({ kind: "product", of });

/** Unnormalised log prior of one edge, in nats. */
export function lowerPrior(prior: Prior, scope: EdgeScope): Expr {
  switch (prior.kind) {
    case "uniform":
      return number(0);
    case "perOffset": {
      // offset j − i + N − 1 by bare indices
      const offset = subtract(
        add(index(scope.sender), subtract(size(scope.receiver.size), 1)),
        index(scope.receiver),
      );
      return scope.tensor(prior.table, ["H", "N+M-1"], [offset]);
    }
    case "distanceDecay":
      return negate(multiply(lowerQuantity(prior.slope, scope), distance(scope)));
    case "geometric":
      return multiply(distance(scope), log(subtract(1, lowerQuantity(prior.stop, scope))));
    case "betaGeometric":
      throw new EdgewiseError({
        code: "bad_model",
        where: "prior",
        got: "betaGeometric as the log prior of an edge",
        expected: "inference that infers its continuation probability",
        fix: "set inference: expand(), or use geometric({ stop })",
      });
    case "given":
      return scope.tensor(prior.tensor, prior.shape);
    case "expression":
      return lowerText(prior.text, scope, "prior", prior);
    case "product":
      return prior.of
        .map((part) => lowerPrior(part, scope))
        .reduce<Expr>((a, b) => add(a, b), number(0));
    default:
      return prior satisfies never;
  }
}

const distance = (scope: EdgeScope): Expr =>
  unary("abs", subtract(scope.position, index(scope.sender)));

/** Condition under which an edge exists as far as its prior says; undefined when it always does. */
export function admitted(prior: Prior, logPrior: Expr): Expr | undefined {
  const forbids = (p: Prior): boolean =>
    p.kind === "given" ||
    (p.kind === "expression" && mayForbid(logPrior)) ||
    p.kind === "perOffset" ||
    (p.kind === "product" && p.of.some(forbids));
  return forbids(prior)
    ? unary("not", binary("equal", logPrior, number(Number.NEGATIVE_INFINITY)))
    : undefined;
}
