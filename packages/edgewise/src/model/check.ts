import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import { binaryProblems } from "./binaryProblems.ts";
import type { EdgeModel } from "./edgeModel.ts";
import { expandProblems } from "./expandProblems.ts";
import { type Graph, isList, motifsOf } from "./graph.ts";
import type { Inference } from "./inference.ts";
import { parameterProblems } from "./parameterProblems.ts";
import type { Potential } from "./potential.ts";
import type { Prior } from "./prior.ts";
import { isCount, type Problem, range } from "./problem.ts";
import { ridgeProblems } from "./ridgeProblems.ts";
import type { Value } from "./value.ts";
import { checkValue, checkWord } from "./words.ts";

/** Refuses a declaration whose words contradict each other. @throws bad_model with the first problem */
export function checkModel(model: EdgeModel): void {
  for (const part of ["graph", "prior", "potential", "choice", "value", "inference"] as const)
    checkWord(part, model[part], model.name);
  for (const key of ["chooser", "tempering", "whenEmpty"] as const)
    checkValue(key, model[key], model.name);
  checkNodes(model);
  const problems = [
    ...range(
      "temperature",
      model.temperature,
      (t) => t > 0,
      "a finite number above 0",
      'use hard({ choose: "mode" }) for a single edge',
    ),
    ...graphProblems(model.graph),
    ...priorProblems(model.prior),
    ...potentialProblems(model.potential),
    ...valueProblems(model.value, model),
    ...parameterProblems({
      nodes: model.nodes,
      temperature: model.temperature,
      prior: model.prior,
      potential: model.potential,
    }),
    ...inferenceProblems(model.inference),
    ...modelProblems(model),
  ];
  const [problem] = problems;
  if (problem === undefined) return;
  const [got, expected, fix] = problem;
  throw new EdgewiseError({ code: "bad_model", where: model.name, got, expected, fix });
}

/** Nodes have a tensor and a shape in letters; their moves are words. */
function checkNodes({ nodes, name }: EdgeModel): void {
  checkOptions(nodes, ["query", "key", "value"], `nodes of ${name}`);
  for (const [role, node] of Object.entries(nodes)) {
    checkOptions(node, ["tensor", "shape", "moved"], `${role} of ${name}`);
    checkValue("tensor", node.tensor, `${role} of ${name}`);
    checkValue("shape", node.shape, `${role} of ${name}`);
    for (const move of node.moved ?? []) checkWord("move", move, name);
    const foreign = role === "query" ? "M" : "N";
    if (node.shape.includes(foreign))
      throw new EdgewiseError({
        code: "bad_model",
        where: `${role} of ${name}`,
        got: `${node.tensor} [${node.shape.join(", ")}]`,
        expected:
          role === "query"
            ? "receivers, counted by N"
            : "senders, counted by M, at either end of the same nodes too",
        fix: `write ${foreign === "N" ? "M" : "N"} in place of ${foreign}`,
      });
  }
}

function graphProblems(graph: Graph): Problem[] {
  switch (graph.kind) {
    case "window":
      return [graph.back, graph.ahead].flatMap((bound) =>
        bound === null
          ? []
          : range(
              "window bound",
              bound,
              Number.isInteger,
              "a whole number, or null for an open side",
            ),
      );
    case "blocks":
      return range(
        "block size",
        graph.size,
        (size) => Number.isInteger(size) && size >= 1,
        "a whole number of at least 1",
      );
    case "union":
    case "intersection":
      return graph.of.flatMap(graphProblems);
    default:
      return [];
  }
}

function priorProblems(prior: Prior): Problem[] {
  switch (prior.kind) {
    case "geometric":
      return range(
        "stop",
        prior.stop,
        (stop) => stop >= 0 && stop < 1,
        "a stopping probability from 0 up to but not including 1",
      );
    case "distanceDecay":
      return range("slope", prior.slope, () => true, "a finite number of nats");
    case "betaGeometric":
      return [prior.alpha, prior.beta].flatMap((count, k) =>
        range(
          ["alpha", "beta"][k] as string,
          count,
          (n) => n >= 1e-100 && n <= 1e100,
          "a number above 0, from 1e-100 to 1e100",
        ),
      );
    case "product":
      return prior.of.flatMap(priorProblems);
    default:
      return [];
  }
}

function potentialProblems(potential: Potential): Problem[] {
  switch (potential.kind) {
    case "scaledDot":
    case "bilinear":
      return potential.scale === undefined
        ? []
        : range("scale", potential.scale, () => true, "a finite number");
    case "gaussian":
      return range(
        "precision",
        potential.precision,
        (p) => p >= 0,
        "a finite number of at least 0",
      );
    case "prediction":
      return range(
        "precision",
        potential.precision,
        (p) => p >= 0,
        "a finite number of at least 0",
      );
    case "softcap":
      return [
        ...range("cap", potential.cap, (cap) => cap > 0, "a finite number above 0"),
        ...potentialProblems(potential.of),
      ];
    case "expression":
      return potentialProblems(potential.of);
    default:
      return potential satisfies never;
  }
}

function valueProblems(value: Value, { chooser, square }: EdgeModel): Problem[] {
  const several = value.kind === "hops" || value.kind === "resolvent";
  const problems: Problem[] = [];
  if (several && chooser === "sender")
    problems.push([
      "several hops with senders that choose",
      "receivers that choose",
      "leave chooser out",
    ]);
  if (several && !square)
    problems.push([
      "several hops between different nodes",
      "the same nodes at both ends",
      "set square: true",
    ]);
  if (value.kind === "hops") {
    const { weights, reading } = value;
    if (weights.length === 0)
      problems.push(["no hops", "one weight for each hop", "give at least one weight"]);
    problems.push(
      ...weights.flatMap((weight) => range("hop weight", weight, () => true, "a finite number")),
    );
    if (reading === "quenched" && weights.length !== 2)
      problems.push([
        `${weights.length} quenched hops`,
        "two hops",
        'take reading: "annealed", or two weights',
      ]);
  }
  if (value.kind === "resolvent")
    problems.push(
      ...range(
        "continuation",
        value.continuation,
        (c) => c >= 0 && c < 1,
        "a number from 0 up to but not including 1",
      ),
    );
  return problems;
}

function inferenceProblems(inference: Inference): Problem[] {
  switch (inference.kind) {
    case "exact":
      return [];
    case "draw":
      return [
        ...range(
          "count",
          inference.count,
          (n) => isCount(n) && n >= 1,
          "a whole number of at least 1",
        ),
        ...(inference.choose === "mode" && inference.count !== 1
          ? [
              [
                `the mode, ${inference.count} times`,
                "count 1: there is one mode",
                'take choose: "top" for several edges',
              ] as const,
            ]
          : []),
        ...range("relaxation", inference.relaxation, (r) => r > 0, "a finite number above 0"),
      ];
    case "em":
      return [
        ...(["keyIterations", "valueIterations"] as const).flatMap((name) =>
          range(name, inference[name], isCount, "a whole number of at least 0"),
        ),
        ...(["valuePrecision", "keyPriorPrecision", "valuePriorPrecision"] as const).flatMap(
          (name) => range(name, inference[name], (p) => p >= 0, "a finite number of at least 0"),
        ),
      ];
    case "ridge":
      return [
        ...range("ridge", inference.ridge, (r) => r >= 0, "a finite number of at least 0"),
        ...(typeof inference.exponentiated === "boolean"
          ? []
          : [[`exponentiated ${inference.exponentiated}`, "true or false", "give one"] as const]),
      ];
    case "expand":
      return [
        ...range(
          "tail",
          inference.tail,
          (e) => e >= 0 && e < 1,
          "a mass from 0 up to but not including 1",
        ),
        ...range("tolerance", inference.tolerance, (t) => t >= 0, "a finite number of at least 0"),
        ...range("maxIterations", inference.maxIterations, isCount, "a whole number of at least 0"),
      ];
    default:
      return inference satisfies never;
  }
}

function modelProblems(model: EdgeModel): Problem[] {
  const { chooser, inference, offset, value } = model;
  const problems: Problem[] =
    offset === "last" ? [] : range("offset", offset, Number.isInteger, 'a whole number, or "last"');
  if (inference.kind !== "exact" && chooser === "sender")
    problems.push([
      `inference ${inference.kind} with senders that choose`,
      "receivers that choose",
      "leave chooser out",
    ]);
  if (inference.kind !== "exact" && value.kind !== "carried")
    problems.push([
      `inference ${inference.kind} with value ${value.kind}`,
      "a carried value",
      "leave value out",
    ]);
  if (inference.kind === "em") problems.push(...mixtureProblems(model));
  problems.push(...motifProblems(model), ...binaryProblems(model));
  if (inference.kind === "ridge") problems.push(...ridgeProblems(model));
  problems.push(...expandProblems(model));
  if (!model.nodes.query.shape.includes("N")) problems.push(...singleProblems(model));
  return problems;
}

/** One query for each example has no place in a sequence: words of position mean nothing. */
function singleProblems({ graph, prior, chooser, nodes }: EdgeModel): Problem[] {
  const placed = (word: { readonly kind: string; readonly of?: unknown }): string | undefined =>
    Array.isArray(word.of)
      ? word.of.map(placed).find((kind) => kind !== undefined)
      : ["complete", "uniform", "given", "expression"].includes(word.kind)
        ? undefined
        : word.kind;
  const word =
    placed(graph) ?? placed(prior) ?? (chooser === "sender" ? "sender as chooser" : undefined);
  if (word === undefined) return [];
  const { tensor, shape } = nodes.query;
  return [
    [
      `${word} with ${tensor} [${shape.join(", ")}], which has no receivers N`,
      "words that need no positions",
      "leave it out, or give the query a letter N",
    ],
  ];
}

/** A mixture's scores are its Gaussians': words that would change them are not read. */
function mixtureProblems({ temperature, tempering, potential, nodes }: EdgeModel): Problem[] {
  const problems: Problem[] = [];
  const own = (["query", "key", "value"] as const).find((role) => nodes[role].tensor !== role);
  if (own !== undefined)
    problems.push([
      `a mixture whose ${own} is ${nodes[own].tensor}`,
      "the tensors query, key and value",
      "leave nodes out",
    ]);
  if (temperature !== 1)
    problems.push([
      "a temperature in a mixture",
      "temperature 1",
      "divide queryPrecision and valuePrecision by the temperature",
    ]);
  if (tempering !== "likelihood")
    problems.push([
      "joint tempering in a mixture",
      'tempering: "likelihood"',
      "leave tempering out",
    ]);
  if (potential.kind !== "gaussian")
    problems.push([
      `the potential ${potential.kind} in a mixture`,
      "a Gaussian potential",
      "leave potential out",
    ]);
  return problems;
}

const countMotifs = (graph: Graph): number =>
  graph.kind === "motifs"
    ? 1
    : graph.kind === "intersection" || graph.kind === "union"
      ? graph.of.reduce((count, part) => count + countMotifs(part), 0)
      : 0;

/** A library of graphs is one of two levels of exact inference over what receivers choose. */
function motifProblems(model: EdgeModel): Problem[] {
  const { graph, inference, chooser, value, temperature, tempering } = model;
  const count = countMotifs(graph);
  if (count === 0) return [];
  const problems: Problem[] = [];
  if (count > 1)
    problems.push([
      `${count} libraries of motifs`,
      "one library",
      "write all motifs into one tensor of supports",
    ]);
  if (motifsOf(graph) === undefined)
    problems.push([
      "motifs in a union of graphs",
      "motifs alone, or in an intersection",
      "write the union into every motif of the support",
    ]);
  if (isList(graph))
    problems.push([
      "motifs beside a list of edges",
      "motifs with intervals, such as causal() or window(…)",
      "write the list of edges into every motif of the support",
    ]);
  if (inference.kind !== "exact" || chooser === "sender" || value.kind !== "carried")
    problems.push([
      `motifs with inference ${inference.kind}, ${chooser}s that choose and value ${value.kind}`,
      "exact inference, receivers that choose and a carried value",
      "leave inference, chooser and value out",
    ]);
  const perNode = typeof temperature === "object" && /[NM]/.test(temperature.shape.join());
  if (tempering === "joint" && perNode)
    problems.push([
      "joint tempering of motifs at a temperature for each node",
      "one temperature for all rows of a motif",
      'give the temperature the shape ["H"], or take tempering: "likelihood"',
    ]);
  return problems;
}
