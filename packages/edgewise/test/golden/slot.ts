import {
  axis,
  exp,
  index,
  load,
  map,
  multiply,
  normalise,
  type Program,
  result,
  subtract,
  sum,
  weigh,
} from "edgewise/ir";

/**
 * Slot attention, `sum`: inputs choose slots, slots collect what chose them, three times.
 *
 * @source docs/mathematics.md, 5.2: z⁺ = Σ_j P_ji κ_j, P_ji = softmax over slots of ⟨z_i, κ_j⟩.
 */
export function slotSum(iterations = 3): Program {
  const [b, m, n, d] = [axis("b", "B"), axis("m", "M"), axis("n", "N"), axis("d", "D")];
  const scoreOf = (slot: string) =>
    sum(d, multiply(load(slot, [b, n, d].map(index)), load("inputs", [b, m, d].map(index))));
  const score = scoreOf("slot");
  const choose = { axis: n };
  return {
    name: "slot attention, sum",
    inputs: [
      { name: "inputs", shape: ["B", "M", "D"] },
      { name: "slots", shape: ["B", "N", "D"] },
    ],
    steps: [
      {
        kind: "fixedPoint",
        name: "competition",
        state: ["slot", "slotBefore"].map((name) => ({
          name,
          initial: "slots",
          shape: ["B", "N", "D"],
        })),
        blocks: [
          {
            name: "assign and collect",
            steps: [
              normalise({
                over: [b, m],
                edges: choose,
                logWeight: score,
                logEvidence: "evidence",
              }),
              weigh([b, m], choose, subtract(score, load("evidence", [index(b), index(m)])), [
                {
                  ...result(
                    "collected",
                    [b, n],
                    [d],
                    load("inputs", [index(b), index(m), index(d)]),
                  ),
                },
              ]),
            ],
            update: { slot: "collected", slotBefore: "slot" },
          },
        ],
        maxIterations: iterations,
        iteration: "t",
        traces: [],
        history: {},
        iterations: "iterations",
        gradient: "unrolled",
      },
      // The responsibilities of the last update: those under the slots before it.
      normalise({
        over: [b, m],
        edges: choose,
        logWeight: scoreOf("slotBefore"),
        logEvidence: "lastEvidence",
      }),
      map(
        "responsibilities",
        [b, m, n],
        exp(subtract(scoreOf("slotBefore"), load("lastEvidence", [b, m].map(index)))),
      ),
    ],
    outputs: { slots: "slot", responsibilities: "responsibilities" },
  };
}
