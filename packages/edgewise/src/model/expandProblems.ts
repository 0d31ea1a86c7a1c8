import type { EdgeModel } from "./edgeModel.ts";
import type { Graph } from "./graph.ts";
import { attentionShapes } from "./node.ts";
import type { Potential } from "./potential.ts";
import type { Prior } from "./prior.ts";
import type { Problem } from "./problem.ts";

/** What contradicts inference `expand`, and the prior that only it can infer. */
export function expandProblems(model: EdgeModel): Problem[] {
  const { inference, prior } = model;
  if (inference.kind !== "expand")
    return infers(prior)
      ? [
          [
            `the prior betaGeometric with inference ${inference.kind}`,
            "inference that infers its continuation probability",
            "set inference: expand(), or use geometric({ stop })",
          ],
        ]
      : [];
  const problems: Problem[] = [];
  if (prior.kind !== "betaGeometric")
    problems.push([
      `inference expand with the prior ${prior.kind}`,
      "the prior betaGeometric alone",
      "set prior: betaGeometric()",
    ]);
  if (inference.scheme === "exact" && inference.share === "group")
    problems.push([
      'scheme "exact" with share "group"',
      "one q for each query, since q is summed out",
      'set share: "query", or scheme: "vb"',
    ]);
  if (!isPast(model.graph))
    problems.push([
      "inference expand on another graph than the past",
      "causal(), or intersection(causal(), withoutSelf())",
      "leave graph out and use expanding({ selfEdges })",
    ]);
  return [...problems, ...scoreProblems(model), ...nodeProblems(model)];
}

const infers = (prior: Prior): boolean =>
  prior.kind === "betaGeometric" || (prior.kind === "product" && prior.of.some(infers));

function isPast(graph: Graph): boolean {
  if (graph.kind === "causal") return true;
  if (graph.kind !== "intersection") return false;
  const kinds = graph.of.map(({ kind }) => kind);
  return kinds.length === 2 && kinds.includes("causal") && kinds.includes("withoutSelf");
}

/** Windows grow by numbers that are known before the tensors are: a potential of dot products. */
function scoreProblems({ potential, temperature, tempering }: EdgeModel): Problem[] {
  const problems: Problem[] = [];
  const inner = potential.kind === "softcap" ? potential.of : potential;
  if (inner.kind !== "scaledDot")
    problems.push([
      `inference expand with the potential ${inner.kind}`,
      "scaledDot(), or softcap of it",
      "leave potential out",
    ]);
  const numbers = { temperature, ...capOf(potential), ...scaleOf(inner) };
  for (const [name, quantity] of Object.entries(numbers))
    if (typeof quantity !== "number")
      problems.push([
        `a learned ${name} with inference expand`,
        "a number",
        `give ${name} as a number, or scale the queries by it`,
      ]);
  if (tempering !== "likelihood")
    problems.push([
      "joint tempering with inference expand",
      'tempering: "likelihood"',
      "leave tempering out",
    ]);
  return problems;
}

const capOf = (potential: Potential): { cap?: unknown } =>
  potential.kind === "softcap" ? { cap: potential.cap } : {};

const scaleOf = (potential: Potential): { scale?: unknown } =>
  potential.kind === "scaledDot" && potential.scale !== undefined ? { scale: potential.scale } : {};

function nodeProblems({ nodes, offset, square }: EdgeModel): Problem[] {
  const problems: Problem[] = [];
  if (!square || offset !== 0)
    problems.push([
      square
        ? `offset ${offset} with inference expand`
        : "inference expand between different nodes",
      "the same nodes at both ends, in the same places",
      square ? "leave offset out" : "set square: true",
    ]);
  for (const role of ["query", "key", "value"] as const) {
    const [got, wanted] = [nodes[role].shape, attentionShapes[role]].map((s) => s.join(", "));
    if (got !== wanted)
      problems.push([
        `${role} [${got}] with inference expand`,
        `[${wanted}]`,
        `leave ${role} out of nodes`,
      ]);
  }
  return problems;
}
