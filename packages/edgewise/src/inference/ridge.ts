/**
 * Kernel ridge regression of values on keys. One system is solved for each group of keys, whatever
 * the number of queries; a query then weighs its solution by the kernel.
 *
 * @source docs/mathematics.md, 10.2: y = Vᵀ (𝒦 + λI)⁻¹ κ(K, q).
 */
import {
  type Axis,
  add,
  and,
  axis,
  binary,
  type Expr,
  exp,
  held,
  index,
  load,
  multiply,
  negate,
  number,
  reduce,
  rewrite,
  subtract,
  where,
} from "../ir/expr.ts";
import { at, map, normalise, result, weigh } from "../ir/fold.ts";
import type { Program, Step } from "../ir/program.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import { EdgeScope } from "../model/edgeScope.ts";
import type { RidgeInference } from "../model/inference.ts";
import { lowerPotential } from "../model/potential.ts";
import { lowerQuantity } from "../model/quantity.ts";
import { named } from "./edge.ts";

/** Program of a regression: its matrix, its solution, and the prediction at each query. */
export function ridgeProgram(model: EdgeModel, ridge: RidgeInference): Program {
  const { query, key, value } = model.nodes;
  const scope = new EdgeScope(model);
  for (const node of [query, key, value]) scope.require(node.tensor, node.shape);
  const potential = lowerPotential(model.potential, query, key, scope);
  const receivers = [scope.batch, scope.head, scope.receiver].filter((_, k) =>
    query.shape.includes("BHN"[k] as string),
  );
  const feature = axis("v", scope.extent(value.shape.at(-1) as string));
  const solution = load("coefficients", scope.place(value.shape, [index(feature)]));
  return {
    name: model.name,
    steps: [
      ...systemSteps(model, ridge, scope, potential),
      ...predictionSteps(ridge, scope, receivers, { feature, solution, potential }, model),
    ],
    inputs: [...scope.inputs.values()],
    outputs: { expectation: "expectation" },
  };
}

/**
 * 𝒦 + λI and its solution. The exponential kernel is divided by its greatest diagonal element,
 * and the ridge with it, so that it does not overflow; the answer does not depend on the divisor.
 */
function systemSteps(
  { nodes: { query, key, value } }: EdgeModel,
  { exponentiated, ridge }: RidgeInference,
  scope: EdgeScope,
  potential: Expr,
): Step[] {
  const groups = groupsOf(key.shape, scope);
  const row = axis("row", scope.extent("M"));
  const column = axis("column", scope.extent("M"));
  // The kernel of two keys: the first stands where the query does.
  const between = (first: Axis, second: Axis): Expr =>
    rewrite(potential, (e) => {
      if (e.kind !== "load" || (e.tensor !== query.tensor && e.tensor !== key.tensor)) return e;
      const end = e.tensor === query.tensor ? first : second;
      return load(key.tensor, [...groups.map(index), index(end), e.at.at(-1) as Expr]);
    });
  const top = at("logScale", groups);
  const [kernelAt, added] = exponentiated
    ? [
        exp(subtract(between(row, column), top)),
        multiply(lowerQuantity(ridge, scope), exp(negate(top))),
      ]
    : [between(row, column), lowerQuantity(ridge, scope)];
  const diagonal = where(binary("equal", index(row), index(column)), added, 0);
  const greatest = reduce("greatest", column, between(column, column));
  return [
    map("logScale", groups, held(binary("max", number(0), greatest))),
    map("kernelMatrix", [...groups, row, column], add(kernelAt, diagonal)),
    {
      kind: "routine",
      routine: "linearSolve",
      inputs: { matrix: "kernelMatrix", source: value.tensor },
      outputs: {
        solution: { name: "coefficients", shape: value.shape.map((l) => scope.extent(l)) },
      },
      // A kernel of near keys is almost singular: rounded once, it is another system's matrix.
      options: { precision: "double" },
    },
  ];
}

function groupsOf(shape: readonly string[], scope: EdgeScope): Axis[] {
  return shape.slice(0, -2).map((letter) => axis(letter.toLowerCase(), scope.extent(letter)));
}

/**
 * Σⱼ κ(kⱼ, q) coefficientⱼ. With the exponential kernel as the kernel's mass times a softmax mean,
 * which overflows only where the prediction does.
 */
function predictionSteps(
  { exponentiated }: RidgeInference,
  scope: EdgeScope,
  receivers: readonly Axis[],
  { feature, solution, potential }: { feature: Axis; solution: Expr; potential: Expr },
  { nodes: { key } }: EdgeModel,
): Step[] {
  const edges = { axis: scope.sender };
  if (!exponentiated)
    return [
      weigh(receivers, edges, number(0), [
        result("expectation", receivers, [feature], multiply(potential, solution)),
      ]),
    ];
  const group = scope.place(key.shape, [number(0)]).slice(0, -2);
  const mass = exp(subtract(at(named.partition, receivers), load("logScale", group)));
  const over = [...receivers, feature];
  const mean = at("kernelMean", over);
  // A mean of 0 stays 0 where the mass overflows.
  const isNothing = binary("equal", mean, number(0));
  const overflows = binary("equal", mass, number(Number.POSITIVE_INFINITY));
  return [
    normalise({
      over: receivers,
      edges,
      logWeight: potential,
      logEvidence: named.partition,
      expectations: [{ name: "kernelMean", along: [feature], value: solution }],
    }),
    map("expectation", over, where(and(isNothing, overflows), 0, multiply(mass, mean))),
  ];
}
