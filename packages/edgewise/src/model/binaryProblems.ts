import type { EdgeModel } from "./edgeModel.ts";
import type { Problem } from "./problem.ts";

/** Edges that are there or not by themselves: nobody chooses, so words about a chooser mean nothing. */
export function binaryProblems({
  choice,
  chooser,
  inference,
  prior,
  value,
  whenEmpty,
}: EdgeModel): Problem[] {
  if (choice.kind !== "binary") return [];
  const problems: Problem[] = [];
  if (inference.kind !== "exact")
    problems.push([
      `inference ${inference.kind} of binary edges`,
      "exact inference",
      "leave inference out",
    ]);
  if (chooser === "sender")
    problems.push([
      "binary edges with senders that choose",
      "receivers, which gather",
      "leave chooser out, and read scatter",
    ]);
  if (whenEmpty === "throw")
    problems.push([
      'whenEmpty: "throw" with binary edges',
      '"zero": a node without edges is one of the answers',
      "leave whenEmpty out",
    ]);
  if (value.kind !== "carried" && value.kind !== "proportional")
    problems.push([
      `the value ${value.kind} of binary edges`,
      "a carried or a proportional value",
      "leave value out",
    ]);
  if (choice.noise !== "logistic" && prior.kind !== "uniform")
    problems.push([
      `the prior ${prior.kind} of edges with noise ${choice.noise}`,
      "log odds of edges with logistic noise",
      'leave prior out, or take binary({ noise: "logistic" })',
    ]);
  return problems;
}
