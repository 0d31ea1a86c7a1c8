import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import { checkModel } from "./check.ts";
import { tensorsOf } from "./expression.ts";
import { type Graph, motifsOf } from "./graph.ts";
import type { LatentInference } from "./latentInference.ts";
import type { Factor, Latent, LatentModel } from "./latentModel.ts";
import { blockShape, widthOf } from "./node.ts";
import type { Potential } from "./potential.ts";
import type { Prior } from "./prior.ts";
import { isCount, type Problem, range } from "./problem.ts";
import { checkValue, checkWord } from "./words.ts";

/** Refuses a latent model whose words contradict each other. @throws bad_model with the first problem */
export function checkLatentModel(model: LatentModel): void {
  const { name, latents, factors, inference } = model;
  for (const [key, list] of Object.entries({ latents, factors }))
    if (!Array.isArray(list) || list.length === 0)
      throw wrong(name, [
        Array.isArray(list) ? `no ${key}` : `${key} as ${typeof list}`,
        `a list of one or more ${key}`,
        `give ${key} as a list`,
      ]);
  for (const each of latents) checkLatent(each, name);
  for (const each of factors) checkFactor(each, name);
  checkWord("latentInference", inference, name);
  for (const key of ["gradient"] as const) checkValue(key, inference[key], name);
  const [problem] = [
    ...repeated(
      "latent",
      latents.map(({ tensor }) => tensor),
    ),
    ...repeated(
      "factor",
      factors.map((each) => each.name),
    ),
    ...inferenceProblems(model),
    ...latents.flatMap((each) => latentProblems(each, model)),
    ...factors.flatMap((each) => factorProblems(each, model)),
    ...(inference.kind === "collect" ? collectProblems(model, inference) : []),
  ];
  if (problem !== undefined) throw wrong(name, problem);
}

function wrong(where: string, [got, expected, fix]: Problem): EdgewiseError {
  return new EdgewiseError({ code: "bad_model", where, got, expected, fix });
}

function checkLatent(latent: Latent, where: string): void {
  checkOptions(latent, ["tensor", "shape", "precision", "mean"], `latent of ${where}`);
  checkValue("tensor", latent.tensor, `latent of ${where}`);
  checkValue("shape", latent.shape, `latent ${latent.tensor} of ${where}`);
}

function checkFactor(factor: Factor, where: string): void {
  const keys = ["name", "edges", "active", "normalised", "lengths", "order"];
  checkOptions(factor, keys, `factor of ${where}`);
  checkValue("active", factor.active, `factor ${factor.name} of ${where}`);
  checkModel(factor.edges);
}

function repeated(kind: string, names: readonly string[]): Problem[] {
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  return twice === undefined
    ? []
    : [[`two ${kind}s ${twice}`, `one ${kind} of a name`, `rename one of the two`]];
}

function inferenceProblems({ inference }: LatentModel): Problem[] {
  const { maxIterations, tolerance } = inference;
  const problems = [
    ...range("maxIterations", maxIterations, isCount, "a whole number of at least 0"),
    ...range("tolerance", tolerance, (t) => t >= 0, "a finite number of at least 0"),
  ];
  if (inference.gradient === "implicit" && tolerance === 0)
    problems.push([
      "an implicit gradient with tolerance 0",
      "a tolerance that the iteration can reach",
      'set a tolerance, or take gradient: "unrolled"',
    ]);
  if (inference.kind === "cccp")
    problems.push(
      ...range(
        "damping",
        inference.damping,
        (d) => d > 0 && d < 2,
        "a number above 0 and below 2: beyond that the energy may rise",
      ),
    );
  if (inference.kind === "collect")
    problems.push(
      ...range("epsilon", inference.epsilon, (e) => e >= 0, "a finite number of at least 0"),
    );
  if (inference.kind === "descend")
    problems.push(...range("rate", inference.rate, (r) => r > 0, "a finite number above 0"));
  return problems;
}

/** Collected values stand in for the states of one latent: there is one, and they are as wide. */
function collectProblems(
  { latents, factors }: LatentModel,
  { cells, read: reads, epsilon, energy }: Extract<LatentInference, { kind: "collect" }>,
): Problem[] {
  const isMinimum =
    reads === "mean" &&
    epsilon === 0 &&
    cells.length === 0 &&
    factors.every(({ edges }) => edges.potential.kind === "gaussian") &&
    latents.every(({ precision }) => precision === 0);
  if (energy && !isMinimum)
    return [
      [
        "collect that claims to follow the energy",
        "the mean, without epsilon and cells, under a Gaussian potential and no belief about the latent",
        "leave energy out",
      ],
    ];
  const [only, second] = latents;
  if (second !== undefined)
    return [
      [
        `${latents.length} latents under collect`,
        "one latent",
        "take inference: descend() or cccp()",
      ],
    ];
  const read = new Set(cells.flatMap((cell) => (cell.kind === "readout" ? [cell.factor] : [])));
  const lost = [...read].find((name) => !factors.some((factor) => factor.name === name));
  const sources = factors.filter(({ name }) => !read.has(name));
  if (lost !== undefined || sources.length !== 1)
    return [
      [
        lost === undefined ? `${sources.length} factors to collect from` : `a readout of ${lost}`,
        "one factor to collect from, and readouts of factors that there are",
        "name the other factors in readout(…)",
      ],
    ];
  return [...sources, ...factors.filter(({ name }) => read.has(name))].flatMap((factor) =>
    valueProblems(factor, only as Latent),
  );
}

/** A factor's value that cannot stand in for a latent's state. */
function valueProblems({ name, edges, lengths }: Factor, latent: Latent): Problem[] {
  const { query, key, value } = edges.nodes;
  const ends = new Set([query, key].flatMap(blockShape));
  const stray = value.shape.slice(0, -1).find((letter) => !ends.has(letter));
  const width = widthOf(value);
  const own = latent.shape.at(-1) as string;
  const fits = own.split("*").includes(width) || (lengths[width] ?? width) === own;
  if (stray === undefined && fits) return [];
  return [
    [
      `a value ${value.tensor} [${value.shape.join(", ")}] of factor ${name}`,
      `nodes as its query and key have them, as wide as ${latent.tensor} [${latent.shape.join(", ")}]`,
      `give its edge model nodes: { value: … }, the senders' values`,
    ],
  ];
}

function latentProblems(latent: Latent, { inference, factors }: LatentModel): Problem[] {
  const { tensor, precision, mean } = latent;
  const problems = [
    ...range(`precision of ${tensor}`, precision, (p) => p >= 0, "a finite number of at least 0"),
    ...range(`mean of ${tensor}`, mean, () => true, "a finite number"),
  ];
  if (inference.kind === "cccp" && precision === 0)
    problems.push([
      `inference cccp with ${tensor} of precision 0`,
      "a precision above 0, which the step divides by",
      "take inference: alternate()",
    ]);
  const joined = factors.some(({ edges }) => ends(edges).some((end) => end.tensor === tensor));
  if (!joined)
    problems.push([
      `a latent ${tensor} that no factor joins`,
      `a factor with ${tensor} as its query or key`,
      `add a factor, or take ${tensor} out`,
    ]);
  return problems;
}

const ends = ({ nodes }: Factor["edges"]): readonly Factor["edges"]["nodes"]["query"][] => [
  nodes.query,
  nodes.key,
];

const minimises = (kind: string): boolean => kind === "alternate" || kind === "meanField";

/** Whether a potential is quadratic in the states of its ends. */
function isQuadratic(potential: Potential): boolean {
  if (potential.kind === "prediction") return potential.link === "identity";
  return ["scaledDot", "bilinear", "gaussian"].includes(potential.kind);
}

/** Whether a graph leaves out every node's edge to itself. */
const leavesSelfOut = (graph: Graph): boolean =>
  graph.kind === "withoutSelf" ||
  (graph.kind === "intersection" && graph.of.some(leavesSelfOut)) ||
  (graph.kind === "edges" && graph.pairs.every(([i, j]) => i !== j));

/** What a factor cannot be, whatever the inference. */
function factorProblems(factor: Factor, model: LatentModel): Problem[] {
  const { name, edges, active } = factor;
  const problems: Problem[] = [];
  if (edges.inference.kind !== "exact")
    problems.push([
      `factor ${name} with inference ${edges.inference.kind}`,
      "exact edges: the latents are what is inferred here",
      "leave inference out of its edge model",
    ]);
  if (motifsOf(edges.graph) !== undefined)
    problems.push([
      `factor ${name} over a mixture of graphs`,
      "one graph in each factor",
      "take the motifs out of its edge model",
    ]);
  if (active === "pooled" && edges.potential.kind !== "prediction")
    problems.push([
      `factor ${name} that pools a ${edges.potential.kind}`,
      "potential: prediction(…)",
      'take active: "one" or "all"',
    ]);
  return [...problems, ...fitProblems(factor, model), ...endProblems(factor, model)];
}

/** What a factor cannot be under its model's inference. */
function fitProblems({ name, edges, active }: Factor, { inference }: LatentModel): Problem[] {
  const problems: Problem[] = [];
  const { choice } = edges;
  if (choice.kind === "binary" && (choice.noise !== "logistic" || inference.kind === "collect"))
    problems.push([
      `factor ${name} with binary edges of noise ${choice.noise} under ${inference.kind}`,
      "logistic noise, which has an evidence, and an inference that follows it",
      'take choice: binary({ noise: "logistic" }), or choice: categorical()',
    ]);
  if (minimises(inference.kind) && !isQuadratic(edges.potential))
    problems.push([
      `factor ${name} with a potential ${edges.potential.kind} that is not quadratic, under ${inference.kind}`,
      "scaledDot, bilinear, gaussian, or prediction with the identity link",
      "take inference: descend() or cccp()",
    ]);
  if (minimises(inference.kind) && active === "pooled")
    problems.push([
      `factor ${name} with its edges pooled under ${inference.kind}`,
      'active: "one" or "all": a pooled prediction joins all its senders, which cannot move at once',
      "take inference: descend()",
    ]);
  if (inference.kind === "collect" && active !== "one")
    problems.push([
      `factor ${name} with its edges ${active} under collect`,
      'active: "one", since what chosen edges carry is collected',
      "leave active out",
    ]);
  return problems;
}

/** What the nodes that a factor joins cannot be. */
function endProblems({ name, edges }: Factor, { latents, inference }: LatentModel): Problem[] {
  const problems: Problem[] = [];
  const named = textsOf(edges).find((text) => latents.some(({ tensor }) => tensor === text));
  if (named !== undefined)
    problems.push([
      `a text of factor ${name} that names the latent ${named}`,
      "texts of data and of the score: a latent is read through the nodes of a factor",
      `make ${named} the query or the key of a factor`,
    ]);
  for (const end of ends(edges)) {
    const latent = latents.find(({ tensor }) => tensor === end.tensor);
    if (latent !== undefined && latent.shape.length !== end.shape.length)
      problems.push([
        `${end.tensor} [${end.shape.join(", ")}] in factor ${name}`,
        `[${latent.shape.join(", ")}], as it is latent`,
        "give both the same letters",
      ]);
  }
  const isInner =
    isLatent(edges, latents) &&
    ends(edges).every(({ tensor }) => tensor === edges.nodes.query.tensor);
  if (isInner && inference.kind !== "descend" && !leavesSelfOut(edges.graph))
    problems.push([
      `factor ${name} that joins nodes of ${edges.nodes.query.tensor} with themselves`,
      "edges between different nodes, which can move in turns",
      "write graph: withoutSelf() in its edge model",
    ]);
  if (isInner && !edges.square)
    problems.push([
      `factor ${name} between the nodes of ${edges.nodes.query.tensor}, not square`,
      "the same nodes at both ends",
      "set square: true in its edge model",
    ]);
  return problems;
}

/** Tensors that the texts of an edge model name. */
function textsOf({ prior, potential }: Factor["edges"]): string[] {
  const inPrior = (word: Prior): string[] =>
    word.kind === "product" ? word.of.flatMap(inPrior) : named(word);
  const named = (word: Prior | Potential): string[] => {
    if (word.kind !== "expression") return [];
    const { indexed, bare } = tensorsOf(word.text);
    return [...indexed.keys(), ...bare];
  };
  const inPotential = (word: Potential): string[] => [
    ...named(word),
    ...("of" in word ? inPotential(word.of) : []),
  ];
  return [...inPrior(prior), ...inPotential(potential)];
}

const isLatent = (edges: Factor["edges"], latents: readonly Latent[]): boolean =>
  latents.some(({ tensor }) => tensor === edges.nodes.query.tensor);
