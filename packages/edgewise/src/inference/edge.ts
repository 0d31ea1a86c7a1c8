import {
  type Axis,
  add,
  and,
  binary,
  divide,
  type Expr,
  index,
  load,
  multiply,
  number,
  subtract,
  unary,
  where,
} from "../ir/expr.ts";
import { axesOf, map, normalise } from "../ir/fold.ts";
import type { Step, Support } from "../ir/program.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import { EdgeScope } from "../model/edgeScope.ts";
import { mayForbid } from "../model/forbid.ts";
import { lowerGraph, motifsOf } from "../model/graph.ts";
import { blockShape, nodeAt } from "../model/node.ts";
import { lowerPotential } from "../model/potential.ts";
import { admitted, lowerPrior } from "../model/prior.ts";
import { lowerQuantity } from "../model/quantity.ts";

/** A declaration at one edge: who chooses, among whom, and with which log weight. */
export interface LoweredEdge {
  readonly model: EdgeModel;
  readonly scope: EdgeScope;
  readonly owners: readonly Axis[];
  readonly receivers: readonly Axis[];
  readonly edges: Support;
  /** Log weight whose softmax is the posterior: prior and potential, tempered. */
  readonly logWeight: Expr;
  /** Unnormalised log prior, and log potential before temperature. */
  readonly logPrior: Expr;
  readonly logPotential: Expr;
  /** Log of the prior's mass on an owner's edges, of the evidence's normaliser. */
  readonly logPriorMass: Expr;
  readonly temperature: Expr;
}

/** Names under which the folds of every model keep what they compute. */
export const named = {
  priorMass: "logPriorMass",
  partition: "logPartition",
  meanLogWeight: "meanLogWeight",
} as const;

/** Lowers graph, prior, potential and temperature of a declaration to one edge. */
export function lowerEdge(
  model: EdgeModel,
  lengths: Readonly<Record<string, string>> = {},
): LoweredEdge {
  const scope = new EdgeScope({ ...model, lengths });
  const { query, key, value } = model.nodes;
  for (const node of [query, key]) scope.require(node.tensor, node.shape);
  if (model.value.kind !== "indicator") scope.require(value.tensor, value.shape);
  const { owners, receivers } = ends(model, scope);
  const graph = lowerGraph(model.graph, scope, model.chooser);
  const logPrior = lowerPrior(model.prior, scope);
  const logPotential = lowerPotential(model.potential, query, key, scope);
  const condition = [admitted(model.prior, logPrior), possible(model, logPotential)]
    .filter((e) => e !== undefined)
    .reduce<Expr | undefined>(and, graph.where);
  const edges = condition === undefined ? graph : { ...graph, where: condition };
  const temperature = lowerQuantity(model.temperature, scope);
  const logWeight =
    model.tempering === "joint"
      ? divide(add(logPrior, logPotential), temperature)
      : add(logPrior, divide(logPotential, temperature));
  const mass = priorMass(logPrior, owners, edges, scope);
  const logPriorMass = model.tempering === "joint" ? mass : multiply(temperature, mass);
  const logs = { logPrior, logPotential, logWeight, logPriorMass };
  return { model, scope, owners, receivers, edges, temperature, ...logs };
}

/** A potential's text may forbid an edge too. */
function possible({ potential }: EdgeModel, logPotential: Expr): Expr | undefined {
  if (potential.kind !== "expression" || !mayForbid(logPotential)) return undefined;
  return unary("not", binary("equal", logPotential, none));
}

export function ends(
  model: EdgeModel,
  scope: EdgeScope,
): Pick<LoweredEdge, "owners" | "receivers"> {
  const { query, key } = model.nodes;
  const has = (letter: string): boolean =>
    [query, key].some((node) => blockShape(node).includes(letter));
  const leading = [...(has("B") ? [scope.batch] : []), ...(has("H") ? [scope.head] : [])];
  const own = query.shape.includes("N") ? [scope.receiver] : [];
  const receivers = [...leading, ...own];
  // Under each graph of a library a receiver chooses anew.
  if (motifsOf(model.graph) !== undefined)
    return { receivers, owners: [...leading, scope.motif, ...own] };
  return {
    receivers,
    owners: model.chooser === "receiver" ? receivers : [...leading, scope.sender],
  };
}

/** Log Σ exp(log prior) over an owner's edges; a fold of its own over the axes that matter. */
function priorMass(
  logPrior: Expr,
  owners: readonly Axis[],
  edges: Support,
  scope: EdgeScope,
): Expr {
  const varies = new Set([
    ...axesOf(logPrior, owners),
    ...(edges.where ? axesOf(edges.where, owners) : []),
    ...owners.slice(-1),
  ]);
  const over = owners.filter((owner) => varies.has(owner));
  scope.steps.push(normalise({ over, edges, logWeight: logPrior, logEvidence: named.priorMass }));
  return load(named.priorMass, over.map(index));
}

/** What an edge is worth to its receiver, at one feature, times a weight that is the edge's. */
export function edgeValue(
  { model, scope, logPotential }: LoweredEdge,
  feature: Axis,
  weight: Expr = one,
): Expr {
  const value = nodeAt(model.nodes.value, scope)(index(feature));
  return multiply(
    model.value.kind === "proportional" ? multiply(weight, logPotential) : weight,
    value,
  );
}

/** Log of an edge's posterior probability, once the normalising fold has run. */
export function logPosterior({ logWeight, owners }: LoweredEdge): Expr {
  return subtract(logWeight, load(named.partition, owners.map(index)));
}

export const one: Expr = number(1);

const none = number(Number.NEGATIVE_INFINITY);

/** Log evidence T (L − log Σ π) and entropy L − E[w]; −∞ and 0 where there is no edge. */
export function evidenceSteps({
  owners,
  logPriorMass,
  temperature,
}: Pick<LoweredEdge, "owners" | "logPriorMass" | "temperature">): Step[] {
  const at = owners.map(index);
  const partition = load(named.partition, at);
  const empty = binary("equal", partition, none);
  const logEvidence = subtract(multiply(temperature, partition), logPriorMass);
  // Rounding can leave a certain choice an entropy of −1e-13; entropy is not negative.
  const entropy = binary("max", number(0), subtract(partition, load(named.meanLogWeight, at)));
  return [
    map("logEvidence", owners, where(empty, none, logEvidence)),
    map("entropy", owners, where(empty, 0, entropy)),
  ];
}
