/**
 * Expanding attention: windows grow while q is inferred (a routine, since each query stops by
 * itself), and one normalising fold over the windows answers.
 *
 * @source docs/mathematics.md, 7.2 to 7.6. Gradients take windows and ρ as constants.
 */
import { add, type Expr, held, index, load, multiply, number, size, subtract } from "../ir/expr.ts";
import type { NodeMap, Program, RoutineStep, Support } from "../ir/program.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import type { EdgeScope } from "../model/edgeScope.ts";
import type { ExpandInference } from "../model/inference.ts";
import { movedTensor } from "../model/node.ts";
import type { Potential } from "../model/potential.ts";
import { uniform } from "../model/prior.ts";
import { type LoweredEdge, lowerEdge } from "./edge.ts";
import { exactProgram } from "./exact.ts";

/** Program with the readings of exact inference over the windows, and what the growth counted. */
export function expandProgram(model: EdgeModel, inference: ExpandInference): Program {
  // The prior's place is taken by what the routine infers; the potential is the model's.
  const lowered = lowerEdge({ ...model, prior: uniform() });
  const { scope } = lowered;
  const nearest = model.graph.kind === "causal" ? 0 : 1;
  scope.steps.push(growth(model, inference, lowered, nearest));
  const isCollapsed = inference.scheme === "exact";
  const program = exactProgram({
    ...lowered,
    edges: windowed(scope, lowered, nearest),
    logWeight: add(logPrior(scope, lowered, nearest, isCollapsed), lowered.logWeight),
    logPriorMass: number(0),
  });
  return {
    ...program,
    steps: [...program.steps, operations(lowered, nearest)],
    outputs: {
      ...program.outputs,
      continuation: "continuation",
      window: "window",
      iterations: "iterations",
      operations: "operations",
      ...(isCollapsed ? {} : { logRatio: "logRatio" }),
    },
  };
}

function growth(
  { nodes, potential, temperature, prior }: EdgeModel,
  { kind: _, ...options }: ExpandInference,
  { owners }: LoweredEdge,
  nearest: number,
): RoutineStep {
  const perQuery = (name: string) => ({ name, shape: owners.map(({ size: extent }) => extent) });
  const names = [
    "continuation",
    "logRatio",
    "logStop",
    "window",
    "iterations",
    "scored",
    "visited",
  ];
  // The checks of a declaration let only numbers and these words through.
  const { alpha, beta } = prior as Extract<typeof prior, { kind: "betaGeometric" }>;
  return {
    kind: "routine",
    routine: "growingWindow",
    inputs: { query: movedTensor(nodes.query), key: movedTensor(nodes.key) },
    outputs: {
      ...Object.fromEntries(names.map((name) => [name, perQuery(name)])),
      ...(options.scheme === "exact"
        ? { logPriors: { name: "logPriors", shape: owners.slice(-1).map((owner) => owner.size) } }
        : {}),
    },
    options: {
      ...options,
      ...scoreOptions(potential),
      temperature: temperature as number,
      alpha,
      beta,
      nearest,
    },
  };
}

function scoreOptions(potential: Potential): Record<string, number> {
  const softcap =
    potential.kind === "softcap" ? (potential.cap as number) : Number.POSITIVE_INFINITY;
  const { scale } = (potential.kind === "softcap" ? potential.of : potential) as {
    scale?: number;
  };
  return { softcap, ...(scale === undefined ? {} : { scale }) };
}

/** Senders at distances 0 … window − 1, of which 0 is the nearest that the graph admits. */
function windowed(scope: EdgeScope, { owners }: LoweredEdge, nearest: number): Support {
  const end = add(index(scope.receiver), 1 - nearest);
  const window = load("window", owners.map(index));
  return { axis: scope.sender, from: subtract(end, window), to: end };
}

/** (1 − ρ) ρʰ with the ρ inferred, or the law with q summed out; either is normalised over all distances. */
function logPrior(
  scope: EdgeScope,
  { owners }: LoweredEdge,
  nearest: number,
  isCollapsed: boolean,
): Expr {
  const distance = subtract(subtract(index(scope.receiver), index(scope.sender)), nearest);
  if (isCollapsed) return held(load("logPriors", [distance]));
  const own = (name: string): Expr => held(load(name, owners.map(index)));
  return add(own("logStop"), multiply(distance, own("logRatio")));
}

/** Multiply–adds, counted; and those of self attention over all keys available. */
function operations({ owners, scope, model }: LoweredEdge, nearest: number): NodeMap {
  const [width, valueWidth] = [model.nodes.query, model.nodes.value].map(({ shape }) =>
    size(scope.extent(shape.at(-1) as string)),
  ) as [Expr, Expr];
  const own = (name: string): Expr => load(name, owners.map(index));
  // A key costs its score, its value, one exponential and one sum; a visit three more.
  const perKey = add(add(width, valueWidth), 2);
  const available = add(index(scope.receiver), 1 - nearest);
  const counted = add(multiply(own("scored"), perKey), multiply(3, own("visited")));
  const place = (at: number, value: Expr) => ({
    name: "operations",
    shape: [2],
    along: [],
    at: [number(at)],
    value,
  });
  return {
    kind: "map",
    over: owners,
    results: [place(0, counted), place(1, multiply(available, perKey))],
  };
}
