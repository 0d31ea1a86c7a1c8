/** A few programs whose kernels show each form that code takes. */
import {
  causal,
  cross,
  distanceDecay,
  type EdgeModel,
  edges,
  hard,
  parameter,
  self,
} from "edgewise";
import { compile } from "edgewise/compile";
import { axis, index, load, map, multiply, type Program, sum, unary } from "edgewise/ir";
import { narrowed } from "../conformance/cases.ts";

const [b, n, row, d] = [axis("b", "B"), axis("n", "N"), axis("row", "R"), axis("d", "D")];

/** A projection, and a gate of it. */
const gate: Program = {
  name: "gate",
  inputs: [
    { name: "node", shape: ["B", "N", "D"] },
    { name: "weight", shape: ["R", "D"] },
  ],
  steps: [
    map(
      "projected",
      [b, n, row],
      sum(d, multiply(load("weight", [row, d].map(index)), load("node", [b, n, d].map(index)))),
    ),
    map("gated", [b, n, row], unary("softplus", load("projected", [b, n, row].map(index)))),
  ],
  outputs: { gated: "gated" },
};

const slope = distanceDecay({ slope: parameter("slope", ["H"]) });
const list = edges([
  [0, 1],
  [2, 0],
]);

/** The fold that takes the mass of a prior. */
function massOf(model: EdgeModel): Program {
  const whole = compile(model);
  return narrowed({ ...whole, outputs: { mass: "logPriorMass" } }, ["mass"]);
}

/** By the name of the file that holds their text. */
export const programs: Readonly<Record<string, Program>> = {
  gate,
  "equal mass": massOf(self({ graph: causal() })),
  "mass by offsets": massOf(self({ graph: causal(), prior: slope })),
  draws: narrowed(compile(hard({ choose: "samples", count: 2, graph: list })), ["choice"]),
  attention: narrowed(compile(cross()), ["expectation"]),
};
