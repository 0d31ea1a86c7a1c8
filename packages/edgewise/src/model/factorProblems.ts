import { tensorsOf } from "./expression.ts";
import { type Graph, motifsOf } from "./graph.ts";
import type { LatentInference } from "./latentInference.ts";
import type { Factor, Latent, LatentModel } from "./latentModel.ts";
import { blockShape, type NodeTensor, widthOf } from "./node.ts";
import type { Potential } from "./potential.ts";
import type { Prior } from "./prior.ts";
import type { Problem } from "./problem.ts";

/** The two nodes that a factor joins. */
export const ends = ({ nodes }: Factor["edges"]): readonly NodeTensor[] => [nodes.query, nodes.key];

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
export function factorProblems(factor: Factor, model: LatentModel): Problem[] {
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
function endProblems(factor: Factor, { latents, inference }: LatentModel): Problem[] {
  const { name, edges, order } = factor;
  const problems: Problem[] = [];
  const named = textsOf(edges).find((text) => latents.some(({ tensor }) => tensor === text));
  if (named !== undefined)
    problems.push([
      `a text of factor ${name} that names the latent ${named}`,
      "texts of data and of the score: a latent is read through the nodes of a factor",
      `make ${named} the query or the key of a factor`,
    ]);
  const isInner =
    isLatent(edges, latents) &&
    ends(edges).every(({ tensor }) => tensor === edges.nodes.query.tensor);
  if (isInner && !edges.square)
    problems.push([
      `factor ${name} between the nodes of ${edges.nodes.query.tensor}, not square`,
      "the same nodes at both ends",
      "set square: true in its edge model",
    ]);
  for (const end of ends(edges)) {
    const latent = latents.find(({ tensor }) => tensor === end.tensor);
    if (latent !== undefined && !isAlike(latent, end, factor))
      problems.push([
        `${end.tensor} [${end.shape.join(", ")}] in factor ${name}`,
        `[${latent.shape.join(", ")}], as it is latent`,
        "give both the same letters, or say in lengths what a letter means here",
      ]);
  }
  const letters = posteriorLetters(edges);
  if (order !== undefined && [...order].sort().join() !== [...letters].sort().join())
    problems.push([
      `order ${order.join(", ")} of factor ${name}`,
      `an order of ${letters.join(", ")}`,
      "name each of these letters once",
    ]);
  if (isInner && inference.kind !== "descend" && !leavesSelfOut(edges.graph))
    problems.push([
      `factor ${name} that joins nodes of ${edges.nodes.query.tensor} with themselves`,
      "edges between different nodes, which can move in turns",
      "write graph: withoutSelf() in its edge model",
    ]);
  return problems;
}

/** Whether a factor means by its letters the lengths that a latent has. */
function isAlike(latent: Latent, { shape }: NodeTensor, { edges, lengths }: Factor): boolean {
  const own = (letter: string): string =>
    lengths[letter] ?? (edges.square && letter === "M" ? (lengths["N"] ?? "N") : letter);
  // Blocks may be named as such or by one letter for all of them.
  const meant = shape.map((letter) => letter.split("*").map(own).join("*"));
  return meant.join() === latent.shape.join();
}

/** Letters of the posterior over a factor's edges. */
function posteriorLetters({ nodes }: Factor["edges"]): string[] {
  const has = (letter: string): boolean =>
    [nodes.query, nodes.key].some((node) => blockShape(node).includes(letter));
  return ["B", "H", "N", "M"].filter((letter) => letter === "M" || has(letter));
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

/** Collected values stand in for the states of one latent: there is one, and they are as wide. */
export function collectProblems(
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

const isLatent = (edges: Factor["edges"], latents: readonly Latent[]): boolean =>
  latents.some(({ tensor }) => tensor === edges.nodes.query.tensor);
