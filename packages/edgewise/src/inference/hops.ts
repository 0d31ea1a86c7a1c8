/**
 * Values of nodes several hops away.
 *
 * @source docs/mathematics.md, 6.1: Y = Σ_h γ_h Pʰ V; quenched, for two hops, γ₁PV + γ₂(P²V − diag(P)(PV − V));
 * resolvent (1 − γ)(I − γP)⁻¹ V by its fixed point y = (1 − γ) V + γ P y.
 */
import {
  type Axis,
  add,
  binary,
  type Expr,
  index,
  load,
  multiply,
  number,
  roundoff,
  substitute,
  subtract,
  total,
  unary,
} from "../ir/expr.ts";
import { map, result, weigh } from "../ir/fold.ts";
import type { Step } from "../ir/program.ts";
import { type LoweredEdge, logPosterior, one } from "./edge.ts";

/** Steps from `hop1`, the first hop's expectation, to `expectation`. */
export function hopSteps(lowered: LoweredEdge, feature: Axis, value: Expr): Step[] {
  const { value: declared } = lowered.model;
  if (declared.kind === "resolvent")
    return resolventSteps(lowered, feature, value, declared.continuation);
  if (declared.kind !== "hops") return [];
  const { weights, reading } = declared;
  const steps: Step[] = [];
  for (let hop = 2; hop <= weights.length; hop++)
    steps.push(nextHop(lowered, feature, `hop${hop - 1}`, `hop${hop}`));
  const place = [...lowered.owners, feature].map(index);
  const terms = weights.map((weight, k) => multiply(weight, load(`hop${k + 1}`, place)));
  if (reading === "quenched") {
    const [walk, correction] = staysPut(lowered, place, value);
    steps.push(walk);
    terms.push(multiply(-(weights[1] as number), correction));
  }
  steps.push(map("expectation", [...lowered.owners, feature], total(terms)));
  return steps;
}

/** One more hop: the posterior's mean of what the neighbours already hold. */
function nextHop(lowered: LoweredEdge, feature: Axis, from: string, to: string): Step {
  const { owners, edges, scope } = lowered;
  const at = owners.map((owner) =>
    index(owner.name === scope.receiver.name ? scope.sender : owner),
  );
  return weigh(owners, edges, logPosterior(lowered), [
    result(to, owners, [feature], load(from, [...at, index(feature)])),
  ]);
}

/** A walk whose first edge is a self-edge repeats it: diag(P)(PV − V) comes off. */
function staysPut(lowered: LoweredEdge, place: readonly Expr[], value: Expr): [Step, Expr] {
  const { owners, edges, scope } = lowered;
  const self = binary("equal", index(scope.sender), index(scope.receiver));
  const step = weigh(
    owners,
    { ...edges, where: edges.where ? binary("and", self, edges.where) : self },
    logPosterior(lowered),
    [result("selfPosterior", owners, [], one)],
  );
  const own = substitute(value, { [scope.sender.name]: index(scope.receiver) });
  return [
    step,
    multiply(load("selfPosterior", owners.map(index)), subtract(load("hop1", place), own)),
  ];
}

/** A walk has ended when no number moves by more than a few roundings. */
const still = multiply(8, roundoff);
/** What is left of it then, in the precision of the finest engine. */
const finest = 1e-16;

function resolventSteps(
  lowered: LoweredEdge,
  feature: Axis,
  value: Expr,
  continuation: number,
): Step[] {
  const { owners, scope } = lowered;
  const over = [...owners, feature];
  const place = over.map(index);
  const own = substitute(value, { [scope.sender.name]: index(scope.receiver) });
  const shape = over.map(({ size }) => size);
  const step = add(
    multiply(1 - continuation, load("ownValue", place)),
    multiply(continuation, load("hop", place)),
  );
  const change = unary("abs", subtract(load("reachNext", place), load("reach", place)));
  const scale = binary("max", number(1), unary("abs", load("reach", place)));
  return [
    map("ownValue", over, own),
    {
      kind: "fixedPoint",
      name: "resolvent",
      state: [{ name: "reach", initial: "ownValue", shape }],
      blocks: [
        {
          name: "one more hop",
          steps: [
            nextHop(lowered, feature, "reach", "hop"),
            map("reachNext", over, step),
            map("reachMoves", over, binary("less", multiply(still, scale), change)),
          ],
          update: { reach: "reachNext" },
        },
      ],
      // γᵏ bounds what is left after k hops.
      maxIterations:
        continuation === 0 ? 1 : Math.ceil(Math.log(finest) / Math.log(continuation)) + 1,
      iteration: "hopNumber",
      active: "reachMoves",
      traces: [],
      history: {},
      iterations: "hopCount",
      gradient: "implicit",
    },
    map("expectation", over, load("reach", place)),
  ];
}
