/**
 * Exact inference of a mixture of graphs: given the motif the model is factorised, so each motif
 * has the softmax of its own rows, and motifs have a softmax of the evidence of all rows.
 *
 * @source docs/mathematics.md, 11.4: ℓ_g = Σᵢ lseⱼ(sᵢⱼ + log π⁽ᵍ⁾ᵢⱼ), p(g) = softmax_g(log ω_g + ℓ_g),
 *   yᵢ = Σ_g p(g) Σⱼ P⁽ᵍ⁾ᵢⱼ vⱼ.
 */
import {
  type Axis,
  add,
  and,
  axis,
  binary,
  divide,
  type Expr,
  index,
  load,
  number,
  subtract,
  sum,
  unary,
  where,
} from "../ir/expr.ts";
import { at, map, normalise, result, weigh } from "../ir/fold.ts";
import type { Program, Step, Support } from "../ir/program.ts";
import type { MotifsGraph } from "../model/graph.ts";
import { nodeAt, widthOf } from "../model/node.ts";
import { type LoweredEdge, named, one } from "./edge.ts";

const none = number(Number.NEGATIVE_INFINITY);
const exists = (logWeight: Expr): Expr => unary("not", binary("equal", logWeight, none));

/** Program of a mixture of graphs, with every reading among its outputs. */
export function motifProgram(lowered: LoweredEdge, motifs: MotifsGraph): Program {
  const { model, scope, owners, receivers, edges, logWeight } = lowered;
  const mixed = receivers.filter(({ name }) => name !== scope.receiver.name);
  const alternatives = [...mixed, scope.motif];
  const among: Support = { axis: scope.motif, where: exists(at("logMotif", alternatives)) };
  const logMotif = subtract(at("logMotif", alternatives), at(named.partition, mixed));
  // An edge's probability: that of its motif, times that of the edge under it.
  const row = subtract(logWeight, at("rowPartition", owners));
  const both: Support = { ...edges, where: and(edges.where, exists(at("logMotif", alternatives))) };
  const feature = axis("v", scope.extent(widthOf(model.nodes.value)));
  const value = nodeAt(model.nodes.value, scope)(index(feature));
  const steps: Step[] = [
    normalise({ over: owners, edges, logWeight, logEvidence: "rowPartition" }),
    ...motifWeights(lowered, motifs, alternatives),
    normalise({
      over: mixed,
      edges: among,
      logWeight: at("logMotif", alternatives),
      logEvidence: named.partition,
    }),
    weigh(mixed, among, logMotif, [result("motif", alternatives, [], one)]),
    weigh(owners, both, add(row, logMotif), [
      result("expectation", receivers, [feature], value),
      result("posterior", [...receivers, edges.axis], [], one),
    ]),
  ];
  return {
    name: model.name,
    inputs: [...scope.inputs.values()],
    steps: [...scope.steps, ...steps],
    outputs: {
      expectation: "expectation",
      motif: "motif",
      posterior: "posterior",
      logPartition: named.partition,
    },
  };
}

/** log ω_g + Σᵢ log evidence of row i under g; −∞ for a motif that leaves a row empty. */
function motifWeights(
  { model, scope, owners, logPriorMass, temperature }: LoweredEdge,
  { logWeight }: MotifsGraph,
  alternatives: readonly Axis[],
): Step[] {
  const partition = at("rowPartition", owners);
  const evidence = subtract(partition, divide(logPriorMass, temperature));
  const rows = sum(scope.receiver, at("rowEvidence", owners));
  return [
    map("rowEvidence", owners, where(exists(partition), evidence, none)),
    map("logMotif", alternatives, add(rows, prior())),
  ];

  function prior(): Expr {
    if (logWeight === undefined) return number(0);
    scope.require(logWeight, [scope.motif.size as string]);
    const given = load(logWeight, [index(scope.motif)]);
    // Where the weight is −∞ nothing is divided, so that its gradient stays 0.
    return model.tempering === "joint"
      ? where(exists(given), divide(given, temperature), none)
      : given;
  }
}
