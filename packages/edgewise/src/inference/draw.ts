/**
 * Hard attention: edges are chosen, and values read at the choice.
 *
 * The chosen edges are a support that is data: scores are taken again at them, so gradients pass
 * where they should. Draws pass their gradient by an estimator that the declaration names.
 *
 * @source docs/mathematics.md, 2.5.
 */
import {
  type Axis,
  add,
  and,
  axis,
  binary,
  divide,
  type Expr,
  exp,
  held,
  index,
  load,
  log,
  multiply,
  negate,
  number,
  size,
  substitute,
  subtract,
  sum,
  where,
} from "../ir/expr.ts";
import { map, normalise, result, weigh } from "../ir/fold.ts";
import type { Program, Step } from "../ir/program.ts";
import type { DrawInference } from "../model/inference.ts";
import { nodeAt, widthOf } from "../model/node.ts";
import { evidenceSteps, type LoweredEdge, logPosterior, named } from "./edge.ts";

/** Program with `expectation`, `choice`, and the evidence and entropy of the posterior chosen from. */
export function drawProgram(lowered: LoweredEdge, inference: DrawInference): Program {
  const { model, scope, owners, edges, logWeight } = lowered;
  const feature = axis("v", scope.extent(widthOf(model.nodes.value)));
  const draws = axis("s", inference.count);
  const sampled = inference.choose === "samples";
  if (sampled)
    scope.inputs.set("uniform numbers", {
      name: "uniform numbers",
      shape: [...owners.map(({ size: extent }) => extent), inference.count],
    });
  const choose = normalise({
    over: owners,
    edges,
    logWeight,
    logEvidence: named.partition,
    expectations: [{ name: named.meanLogWeight, along: [], value: logWeight }],
    choices: [
      sampled
        ? { name: "choice", pick: "drawn", count: draws, uniform: "uniform numbers" }
        : { name: "choice", pick: "most probable", count: draws },
    ],
  });
  const read = sampled
    ? drawnValues(lowered, feature, draws, inference)
    : keptValues(lowered, feature, draws, inference);
  return {
    name: model.name,
    inputs: [...scope.inputs.values()],
    steps: [...scope.steps, choose, ...read, ...evidenceSteps(lowered)],
    outputs: {
      expectation: "expectation",
      choice: "choice",
      logEvidence: "logEvidence",
      entropy: "entropy",
    },
  };
}

/** An expression of an edge at a chosen alternative. */
function atChoice(lowered: LoweredEdge, e: Expr, draw: Axis): Expr {
  const { owners, edges } = lowered;
  return substitute(e, { [edges.axis.name]: load("choice", [...owners, draw].map(index)) });
}

const exists = (lowered: LoweredEdge, draw: Axis): Expr =>
  binary("lessEqual", number(0), load("choice", [...lowered.owners, draw].map(index)));

/** Mode and top-k: the posterior renormalised over the edges that were kept. */
function keptValues(
  lowered: LoweredEdge,
  feature: Axis,
  kept: Axis,
  { choose }: DrawInference,
): Step[] {
  const { model, scope, owners } = lowered;
  const value = atChoice(lowered, nodeAt(model.nodes.value, scope)(index(feature)), kept);
  const weight = choose === "mode" ? number(0) : atChoice(lowered, lowered.logWeight, kept);
  return [
    normalise({
      over: owners,
      edges: { axis: kept, where: exists(lowered, kept) },
      logWeight: weight,
      logEvidence: "keptPartition",
      expectations: [{ name: "expectation", along: [feature], value }],
    }),
  ];
}

function drawnValues(
  lowered: LoweredEdge,
  feature: Axis,
  draw: Axis,
  inference: DrawInference,
): Step[] {
  const { model, scope, owners } = lowered;
  const at = nodeAt(model.nodes.value, scope);
  if (inference.estimator === "gumbel") return relaxedValues(lowered, feature, draw, inference, at);
  const value = atChoice(lowered, at(index(feature)), draw);
  const logChosen = atChoice(lowered, logPosterior(lowered), draw);
  // Mean of the other draws: a baseline that does not depend on this draw keeps the estimator unbiased.
  const others = axis("r", draw.size);
  const drawSum = sum(others, load("drawn", [...owners, others, feature].map(index)));
  const baseline =
    inference.count > 1
      ? divide(
          subtract(drawSum, load("drawn", [...owners, draw, feature].map(index))),
          inference.count - 1,
        )
      : number(0);
  const advantage = held(subtract(load("drawn", [...owners, draw, feature].map(index)), baseline));
  const surrogate = multiply(advantage, load("logChosenMoves", [...owners, draw].map(index)));
  return [
    map("drawn", [...owners, draw, feature], where(exists(lowered, draw), value, 0)),
    // 0 in value; its gradient is that of the draw's log probability.
    map(
      "logChosenMoves",
      [...owners, draw],
      where(exists(lowered, draw), subtract(logChosen, held(logChosen)), 0),
    ),
    map(
      "expectation",
      [...owners, feature],
      divide(
        sum(draw, add(load("drawn", [...owners, draw, feature].map(index)), surrogate)),
        size(draw.size),
      ),
    ),
  ];
}

/**
 * Gumbel–softmax: the forward value is the draw's, the gradient that of the relaxed draw
 * softmax((w + g)/τ), with g the noise under which this draw wins. The noise of every edge and draw
 * is an input, S·N·M numbers: this estimator alone is not linear in memory.
 *
 * @source Jang, Gu & Poole (2017), "Categorical reparameterization with Gumbel-softmax"; straight-through.
 */
function relaxedValues(
  lowered: LoweredEdge,
  feature: Axis,
  draw: Axis,
  { relaxation }: DrawInference,
  at: (feature: Expr) => Expr,
): Step[] {
  const { owners, edges, scope } = lowered;
  scope.inputs.set("relaxation noise", {
    name: "relaxation noise",
    shape: [...owners.map(({ size: extent }) => extent), draw.size, edges.axis.size],
  });
  const chosen = binary("equal", index(edges.axis), load("choice", [...owners, draw].map(index)));
  // Noise given the winner (Maddison & Tarlow): the winner's key is Gumbel(0), the others' are truncated below it.
  const place = [...owners, draw].map(index);
  const own = load("relaxation noise", [...place, index(edges.axis)]);
  const gumbel = negate(log(negate(log(own))));
  const winner = load("winningKey", place);
  const truncated = negate(
    log(add(exp(negate(winner)), divide(negate(log(own)), exp(logPosterior(lowered))))),
  );
  const key = held(where(chosen, winner, truncated));
  const moving = add(key, subtract(logPosterior(lowered), held(logPosterior(lowered))));
  const value = at(index(feature));
  const over = [...owners, draw];
  const chosenEdges = { ...edges, where: and(edges.where, chosen) };
  return [
    weigh(over, chosenEdges, number(0), [result("winningKey", over, [], gumbel)]),
    normalise({
      over,
      edges,
      logWeight: divide(moving, relaxation),
      logEvidence: "relaxedPartition",
      expectations: [{ name: "relaxed", along: [feature], value: held(value) }],
    }),
    weigh(over, chosenEdges, number(0), [result("drawn", over, [feature], value)]),
    map(
      "expectation",
      [...owners, feature],
      divide(
        sum(
          draw,
          add(
            load("drawn", [...over, feature].map(index)),
            subtract(
              load("relaxed", [...over, feature].map(index)),
              held(load("relaxed", [...over, feature].map(index))),
            ),
          ),
        ),
        size(draw.size),
      ),
    ),
  ];
}
