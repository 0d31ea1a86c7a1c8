/**
 * Exact inference for factorised models: the posterior over each owner's edges is the softmax of
 * its log weights, and every reading is a fold.
 *
 * @source docs/mathematics.md, 2.1: Pᵢⱼ = softmaxⱼ(sᵢⱼ + log πᵢⱼ), ℓᵢ = lseⱼ(sᵢⱼ + log πᵢⱼ); 2.4 for temperature.
 */
import { type Axis, axis, type Expr, index, load, number } from "../ir/expr.ts";
import { map, normalise, result, weigh } from "../ir/fold.ts";
import type { Program, Step } from "../ir/program.ts";
import { widthOf } from "../model/node.ts";
import { edgeValue, evidenceSteps, type LoweredEdge, logPosterior, named, one } from "./edge.ts";
import { hopSteps } from "./hops.ts";

/** Program of a model under exact inference, with every reading among its outputs. */
export function exactProgram(lowered: LoweredEdge): Program {
  const { model, scope } = lowered;
  const readings: Record<string, string> = {
    logEvidence: "logEvidence",
    entropy: "entropy",
    posterior: "posterior",
    mode: "mode",
    sample: "sample",
    // The value of an edge may be the edge itself: then its expectation is the posterior.
    ...(model.value.kind === "indicator" ? { expectation: "posterior" } : {}),
  };
  const steps: Step[] = [
    ...(model.value.kind === "indicator"
      ? partitionFold(lowered, [])
      : valueSteps(lowered, readings)),
    ...evidenceSteps(lowered),
    posterior(lowered),
  ];
  return {
    name: model.name,
    inputs: [...scope.inputs.values()],
    steps: [...scope.steps, ...steps],
    outputs: readings,
  };
}

/** The normalising fold: log partition, mean log weight, mode and draws, and given expectations. */
export function partitionFold(
  { owners, edges, logWeight, scope }: LoweredEdge,
  expectations: readonly { name: string; along: readonly Axis[]; value: Expr }[],
): Step[] {
  const draws = axis("s", "S");
  scope.inputs.set("uniform numbers", {
    name: "uniform numbers",
    shape: [...owners.map(({ size }) => size), "S"],
  });
  return [
    normalise({
      over: owners,
      edges,
      logWeight,
      logEvidence: named.partition,
      expectations: [...expectations, { name: named.meanLogWeight, along: [], value: logWeight }],
      choices: [
        { name: "mode1", pick: "most probable", count: axis("s", 1) },
        { name: "sample", pick: "drawn", count: draws, uniform: "uniform numbers" },
      ],
    }),
    map("mode", owners, load("mode1", [...owners.map(index), number(0)])),
  ];
}

function valueSteps(lowered: LoweredEdge, readings: Record<string, string>): Step[] {
  const { model, scope, owners, receivers, edges } = lowered;
  const feature = axis("v", scope.extent(widthOf(model.nodes.value)));
  const value = edgeValue(lowered, feature);
  readings["expectation"] = "expectation";
  if (model.chooser === "sender") {
    // Owners send: what a receiver gets is a sum over those that chose it.
    readings["mass"] = "mass";
    return [
      ...partitionFold(lowered, []),
      weigh(owners, edges, logPosterior(lowered), [
        result("expectation", receivers, [feature], value),
        result("mass", receivers, [], one),
      ]),
    ];
  }
  Object.assign(readings, { scatter: "scatter", mass: "mass" });
  const several = model.value.kind === "hops" || model.value.kind === "resolvent";
  const first = several ? "hop1" : "expectation";
  const fold = partitionFold(lowered, [{ name: first, along: [feature], value }]);
  const more = several ? hopSteps(lowered, feature, value) : [];
  return [...fold, ...more, scatter(lowered, feature)];
}

/** Pᵀ X of values X at the receivers, and the mass Pᵀ 1, at the senders. */
function scatter(lowered: LoweredEdge, feature: Axis): Step {
  const { scope, owners, edges } = lowered;
  const senders = [...owners.filter(({ name }) => name !== scope.receiver.name), scope.sender];
  scope.require(
    "chooser_value",
    [...owners, feature].map(({ size }) => String(size)),
  );
  const sent = load("chooser_value", [...owners, feature].map(index));
  return weigh(owners, edges, logPosterior(lowered), [
    result("scatter", senders, [feature], sent),
    result("mass", senders, [], one),
  ]);
}

function posterior(lowered: LoweredEdge): Step {
  const { owners, edges } = lowered;
  return weigh(owners, edges, logPosterior(lowered), [
    result("posterior", [...owners, edges.axis], [], one),
  ]);
}
