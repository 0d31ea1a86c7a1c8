/**
 * Factors of a latent model, lowered: their steps, split into what reads latents and what does
 * not, the evidence of an owner, and the posterior over its edges.
 */
import {
  type Axis,
  add,
  axis,
  binary,
  divide,
  type Expr,
  exp,
  held,
  index,
  load,
  multiply,
  negate,
  number,
  renameTensors,
  subtract,
  sum,
  total,
  unary,
  where,
} from "../ir/expr.ts";
import { map, normalise, result, weigh } from "../ir/fold.ts";
import { defines, type Result, type Step, type Support, type TensorSpec } from "../ir/program.ts";
import { reads, renamed } from "../ir/reads.ts";
import { EdgeScope } from "../model/edgeScope.ts";
import { isList, listTensors, lowerGraph } from "../model/graph.ts";
import type { Factor, Latent } from "../model/latentModel.ts";
import { nodeAt, widthOf } from "../model/node.ts";
import { pooledScore } from "../model/potential.ts";
import { ends, type LoweredEdge, lowerEdge, named } from "./edge.ts";
import { varianceOf, variancePenalty } from "./spread.ts";

/** A factor before any state is named: latents stand under the names of their inputs. */
export interface LoweredFactor {
  readonly factor: Factor;
  readonly inputs: readonly TensorSpec[];
  readonly owners: readonly Axis[];
  /** Steps that read no latent, taken once. */
  readonly constant: readonly Step[];
  readonly varying: readonly Step[];
  /** Evidence of an owner, in nats; 0 without edges. */
  readonly evidence: Expr;
  /** Size of the numbers that the evidence is a difference of: rounding is a share of it. */
  readonly size: Expr;
  /** Adds the expected score Σ P s to `into`, P held constant. */
  readonly expectedScore: (into: Omit<Result, "value" | "along">) => Step;
  /** Readings of the posterior; absent where edges are not chosen. */
  readonly posterior: PosteriorSteps | undefined;
}

type Mean = NonNullable<PosteriorSteps["mean"]>;

interface PosteriorSteps {
  /** The posterior itself, dense. */
  readonly dense: (name: string) => Step;
  /**
   * Mean Σ P v / Σ P of what edges carry to each receiver, and log Σ P: a softmax of log P over its
   * senders, so that a mass too small for a number still has a mean. Absent for graphs bound as lists.
   */
  readonly mean: ((name: string, logMass: string) => Step) | undefined;
  /** What edges carry to the receivers, Σ P v and Σ P; and Σ v over senders. */
  readonly carried: (sum: string, mass: string) => Step;
  readonly total: (name: string) => Step;
  /** Loops of a receiver and of the value's features. */
  readonly receivers: readonly Axis[];
  readonly feature: Axis;
}

/** Lowers a factor; its own tensors carry its name, so that several stand in one program. */
export function lowerFactor(
  factor: Factor,
  latents: readonly Latent[],
  { spread, carries }: { readonly spread: boolean; readonly carries: boolean },
): LoweredFactor {
  const uncertain = spread ? latents : [];
  const lowered =
    factor.active === "pooled" ? pooled(factor, uncertain) : joined(factor, uncertain, carries);
  const own = new Map(
    [
      ...[...lowered.constant, ...lowered.varying].flatMap(defines).map(({ name }) => name),
      listTensors.rowStart,
      listTensors.alternative,
    ].map((name) => [name, ownName(name, factor)]),
  );
  const of = (step: Step): Step => renamed(step, own);
  const steps = [...lowered.constant, ...lowered.varying].map(of);
  const varying = new Set([
    ...latents.map(({ tensor }) => tensor),
    ...uncertain.map((latent) => varianceOf(latent)),
  ]);
  for (const step of steps)
    if ([...reads(step)].some((name) => varying.has(name)))
      for (const { name } of defines(step)) varying.add(name);
  const varies = (step: Step): boolean => defines(step).some(({ name }) => varying.has(name));
  const { expectedScore, posterior } = lowered;
  return {
    ...lowered,
    inputs: lowered.inputs.map((spec) => ({ ...spec, name: own.get(spec.name) ?? spec.name })),
    constant: steps.filter((step) => !varies(step)),
    varying: steps.filter(varies),
    evidence: renameTensors(lowered.evidence, own),
    size: renameTensors(lowered.size, own),
    expectedScore: (into) => of(expectedScore(into)),
    posterior: posterior && {
      ...posterior,
      dense: (name) => of(posterior.dense(name)),
      mean: posterior.mean && ((name, logMass) => of((posterior.mean as Mean)(name, logMass))),
      carried: (sumName, mass) => of(posterior.carried(sumName, mass)),
      total: (name) => of(posterior.total(name)),
    },
  };
}

/** Name of a factor's own tensor in the whole program. */
export const ownName = (name: string, factor: Factor): string => `${name}·${factor.name}`;

/** What the kinds of factor share: the edge, and its log weight less what variances take. */
interface Lowered {
  readonly factor: Factor;
  readonly lowered: LoweredEdge;
  readonly logWeight: Expr;
  readonly value: EdgeValue | undefined;
  readonly base: Pick<LoweredFactor, "factor" | "inputs" | "owners" | "constant">;
}

/** Edges of an owner as their model chooses them, or all of them at once. */
function joined(factor: Factor, uncertain: readonly Latent[], carries: boolean): LoweredFactor {
  const { edges, lengths, active } = factor;
  const lowered = lowerEdge({ ...edges, value: { kind: "indicator" } }, lengths);
  const { scope, owners } = lowered;
  const value = carries ? edgeValue(edges, scope) : undefined;
  const penalty = variancePenalty(edges, uncertain, scope, (e) => e);
  const logWeight = subtract(lowered.logWeight, divide(penalty, lowered.temperature));
  const base = { factor, inputs: [...scope.inputs.values()], owners, constant: scope.steps };
  const shared = { factor, lowered, logWeight, value, base };
  const score = multiply(lowered.temperature, logWeight);
  if (active === "all") return summed(shared, score, unary("abs", score), number(1));
  if (edges.choice.kind === "binary") return eachByItself(shared);
  return chosen(shared);
}

/** Edges whose terms add up: all at once, with probability 1, or each by itself. */
function summed(
  { lowered, logWeight, base }: Lowered,
  term: Expr,
  size: Expr,
  probability: Expr,
): LoweredFactor {
  const { owners, edges, temperature } = lowered;
  const score = multiply(temperature, logWeight);
  const at = owners.map(index);
  return {
    ...base,
    varying: [
      weigh(owners, edges, number(0), [
        result("scores", owners, [], term),
        result("sizes", owners, [], size),
      ]),
    ],
    evidence: load("scores", at),
    size: load("sizes", at),
    expectedScore: (into) =>
      weigh(owners, edges, number(0), [
        { ...into, along: [], value: multiply(held(probability), score) },
      ]),
    posterior: undefined,
  };
}

/** Edges that are there or not apart from each other: Σ T (softplus w − softplus log prior). */
function eachByItself(shared: Lowered): LoweredFactor {
  const { lowered, logWeight, factor } = shared;
  const { logPrior, temperature } = lowered;
  const on = unary("softplus", logWeight);
  const mass = factor.normalised ? unary("softplus", logPrior) : 0;
  return summed(
    shared,
    multiply(temperature, subtract(on, mass)),
    multiply(temperature, add(on, mass)),
    exp(negate(unary("softplus", negate(logWeight)))),
  );
}

/** One edge of each owner: a normalising fold, whose log evidence is the factor's. */
function chosen({ factor, lowered, logWeight, value, base }: Lowered): LoweredFactor {
  const { scope, owners, edges, temperature, logPriorMass } = lowered;
  const partition = load(named.partition, owners.map(index));
  const fold = normalise({ over: owners, edges, logWeight, logEvidence: named.partition });
  const mass = factor.normalised ? logPriorMass : 0;
  // A log sum of exponentials rounds like its greatest term, or like 1 where that is 0.
  const size = total([
    unary("abs", multiply(temperature, partition)),
    unary("abs", logPriorMass),
    temperature,
  ]);
  const logPosterior = subtract(logWeight, partition);
  // An owner without edges has no evidence; one whose scores have all run away has −∞ of it.
  const empty = binary("equal", logPriorMass, number(Number.NEGATIVE_INFINITY));
  return {
    ...base,
    varying: [fold],
    evidence: where(empty, 0, subtract(multiply(temperature, partition), mass)),
    size: where(empty, 0, size),
    expectedScore: (into) =>
      weigh(owners, edges, held(logPosterior), [
        { ...into, along: [], value: multiply(temperature, logWeight) },
      ]),
    posterior: {
      dense: (name) => dense(factor, owners, edges, logPosterior, scope, name),
      ...carriedSteps(lowered, logPosterior, value),
    },
  };
}

/** Value of an edge: a feature of the node at its sender. */
interface EdgeValue {
  readonly feature: Axis;
  readonly at: Expr;
}

function edgeValue(edges: Factor["edges"], scope: EdgeScope): EdgeValue {
  const node = edges.nodes.value;
  scope.require(node.tensor, node.shape);
  const feature = axis("v", scope.extent(widthOf(node)));
  return { feature, at: nodeAt(node, scope)(index(feature)) };
}

function carriedSteps(
  { model, owners, receivers, edges, scope }: LoweredEdge,
  logPosterior: Expr,
  value: EdgeValue | undefined,
): Omit<PosteriorSteps, "dense"> {
  const { feature, at } = value ?? { feature: axis("v", 1), at: number(0) };
  const groups = owners.filter(
    ({ name }) => name !== scope.receiver.name && name !== scope.sender.name,
  );
  const towards = isList(model.graph)
    ? undefined
    : { ...edges, ...lowerGraph(model.graph, scope, "receiver"), axis: scope.sender };
  return {
    receivers,
    feature,
    mean:
      towards &&
      ((name, logMass) =>
        normalise({
          over: receivers,
          edges: towards,
          logWeight: logPosterior,
          logEvidence: logMass,
          expectations: [{ name, along: [feature], value: at }],
        })),
    carried: (sumName, mass) =>
      weigh(owners, edges, logPosterior, [
        result(sumName, receivers, [feature], at),
        result(mass, receivers, [], 1),
      ]),
    total: (name) => map(name, [...groups, feature], sum(scope.sender, at)),
  };
}

function dense(
  factor: Factor,
  owners: readonly Axis[],
  edges: Support,
  logPosterior: Expr,
  scope: EdgeScope,
  name: string,
): Step {
  const loops = [...owners, edges.axis];
  const plain = result(name, loops, [], number(1));
  if (factor.order === undefined) return weigh(owners, edges, logPosterior, [plain]);
  return weigh(owners, edges, logPosterior, [
    {
      ...plain,
      shape: factor.order.map((letter) => scope.extent(letter)),
      at: scope.place(factor.order),
    },
  ]);
}

/** One prediction of an owner by all its senders together. */
function pooled(factor: Factor, uncertain: readonly Latent[]): LoweredFactor {
  const { edges, lengths } = factor;
  const { query, key } = edges.nodes;
  const scope = new EdgeScope({ ...edges, lengths });
  for (const node of [query, key]) scope.require(node.tensor, node.shape);
  const { receivers } = ends(edges, scope);
  // `checkLatentModel` lets only a prediction through.
  const mean = pooledScore(edges.potential as Parameters<typeof pooledScore>[0], query, key, scope);
  const gathered = (e: Expr): Expr => sum(scope.sender, e);
  const score = subtract(mean, variancePenalty(edges, uncertain, scope, gathered));
  return {
    factor,
    inputs: [...scope.inputs.values()],
    owners: receivers,
    constant: scope.steps,
    varying: [map("score", receivers, score)],
    evidence: load("score", receivers.map(index)),
    size: unary("abs", load("score", receivers.map(index))),
    expectedScore: (into) => ({
      kind: "map",
      over: receivers,
      results: [{ ...into, along: [], value: score }],
    }),
    posterior: undefined,
  };
}
