/**
 * Binary edges: each is there or not by a posterior of its own, so one fold without a softmax
 * answers everything, and an edge is scored once.
 *
 * @source docs/mathematics.md, 8: p = σ(a/T + c), ℓ = Σ softplus(a + c) − softplus(c).
 */
import {
  axis,
  binary,
  type Expr,
  exp,
  index,
  load,
  multiply,
  negate,
  number,
  subtract,
  total,
  unary,
} from "../ir/expr.ts";
import { result, weigh } from "../ir/fold.ts";
import type { Program, Result } from "../ir/program.ts";
import type { Choice } from "../model/choice.ts";
import { widthOf } from "../model/node.ts";
import { edgeValue, type LoweredEdge } from "./edge.ts";

/** Program of a model whose edges are there or not by themselves. */
export function binaryProgram(
  lowered: LoweredEdge,
  choice: Extract<Choice, { kind: "binary" }>,
): Program {
  const { model, scope, owners, edges } = lowered;
  const p = probability(choice.noise, lowered.logWeight);
  const feature = axis("v", scope.extent(widthOf(model.nodes.value)));
  const senders = [...owners.filter(({ name }) => name !== scope.receiver.name), scope.sender];
  const value = edgeValue(lowered, feature, p);
  const sentShape = [...owners, feature].map(({ size }) => String(size));
  scope.require("chooser_value", sentShape);
  const sent = load("chooser_value", [...owners, feature].map(index));
  const results: Result[] = [
    result("expectation", owners, [feature], value),
    result("posterior", [...owners, scope.sender], [], p),
    result("scatter", senders, [feature], multiply(p, sent)),
    result("mass", senders, [], p),
    ...(choice.noise === "logistic" ? evidence(lowered) : []),
  ];
  return {
    name: model.name,
    inputs: [...scope.inputs.values()],
    steps: [weigh(owners, edges, number(0), results)],
    outputs: Object.fromEntries(results.map(({ name }) => [name, name])),
  };
}

/** Posterior probability that the edge is there. */
function probability(noise: "logistic" | "probit" | "none", logOdds: Expr): Expr {
  switch (noise) {
    case "logistic":
      return exp(negate(unary("softplus", negate(logOdds))));
    case "probit":
      return unary("normalCdf", logOdds);
    case "none":
      return binary("less", number(0), logOdds);
    default:
      return noise satisfies never;
  }
}

/**
 * Log evidence T (softplus w − log mass) and entropy −p log p − (1 − p) log(1 − p) of each edge,
 * both sums of terms that do not cancel.
 */
function evidence({ model, owners, logWeight, logPrior, temperature }: LoweredEdge): Result[] {
  const [on, off] = [unary("softplus", logWeight), unary("softplus", negate(logWeight))];
  const mass = unary("softplus", logPrior);
  const logEvidence =
    model.tempering === "joint"
      ? subtract(multiply(temperature, on), mass)
      : multiply(temperature, subtract(on, mass));
  // p = exp(−off) and 1 − p = exp(−on).
  const entropy = total([multiply(off, exp(negate(off))), multiply(on, exp(negate(on)))]);
  return [result("logEvidence", owners, [], logEvidence), result("entropy", owners, [], entropy)];
}
