import {
  add,
  axis,
  type Expr,
  index,
  load,
  map,
  multiply,
  negate,
  normalise,
  number,
  type Program,
  result,
  subtract,
  sum,
  weigh,
  where,
} from "edgewise/ir";

/**
 * Labels carried over a graph given as a list of edges, with some nodes clamped: the resolvent of
 * multihop attention, y = γ P y + (1 − γ) value on free nodes and y = fixed on clamped ones.
 *
 * @source docs/mathematics.md, 6.1; the solve is a routine, since it is not a fold.
 */
export function clampedResolvent(continuation: number): Program {
  const [i, j, d, v, e] = [
    axis("i", "N"),
    axis("j", "N"),
    axis("d", "D"),
    axis("v", "V"),
    axis("e", "E"),
  ];
  const edges = {
    axis: j,
    list: { rowStart: "rowStart", alternative: "sender", row: "i", edge: "e" },
  };
  const gap = subtract(load("feature", [i, d].map(index)), load("feature", [j, d].map(index)));
  const logWeight = add(
    load("edgePrior", [index(e)]),
    negate(multiply(0.5, sum(d, multiply(gap, gap)))),
  );
  const clamped = load("isFixed", [index(i)]);
  const at = (name: string): Expr => load(name, [i, v].map(index));
  return {
    name: "clamped resolvent",
    inputs: [
      { name: "feature", shape: ["N", "D"] },
      { name: "value", shape: ["N", "V"] },
      { name: "fixed", shape: ["N", "V"] },
      { name: "isFixed", shape: ["N"] },
      { name: "edgePrior", shape: ["E"] },
      { name: "rowStart", shape: ["rows"] },
      { name: "sender", shape: ["E"] },
    ],
    steps: [
      normalise({ over: [i], edges, logWeight, logEvidence: "evidence" }),
      weigh([i], edges, subtract(logWeight, load("evidence", [index(i)])), [
        result("step", [e], [], where(clamped, 0, number(continuation))),
      ]),
      map("source", [i, v], where(clamped, at("fixed"), multiply(1 - continuation, at("value")))),
      {
        kind: "routine",
        routine: "sparseSolve",
        inputs: { weight: "step", rowStart: "rowStart", alternative: "sender", source: "source" },
        outputs: { solution: { name: "reached", shape: ["N", "V"] } },
        options: {},
      },
    ],
    outputs: { expectation: "reached" },
  };
}
