import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import { checkModel } from "./check.ts";
import { collectProblems, ends, factorProblems } from "./factorProblems.ts";
import type { Factor, Latent, LatentModel } from "./latentModel.ts";
import type { NodeTensor } from "./node.ts";
import { fixedRange, isCount, type Problem, range } from "./problem.ts";
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
  if (model.floor !== undefined) checkFloor(model.floor, name);
  checkWord("latentInference", inference, name);
  checkValue("gradient", inference.gradient, name);
  if (inference.kind === "collect")
    for (const cell of inference.cells) checkWord("cell", cell, name);
  const [problem] = [
    ...nameProblems(model),
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
  checkValue("name", factor.name, `factor of ${where}`);
  checkValue("normalised", factor.normalised, `factor ${factor.name} of ${where}`);
  if (factor.order !== undefined)
    checkValue("order", factor.order, `factor ${factor.name} of ${where}`);
  checkOptions(factor.lengths, ["B", "H", "N", "M", "D", "C"], `lengths of ${factor.name}`);
  checkValue("active", factor.active, `factor ${factor.name} of ${where}`);
  checkModel(factor.edges);
}

/** Nodes whose greatest norm is the floor: a tensor of features, all of whose other letters are loops. */
function checkFloor(floor: NodeTensor, where: string): void {
  checkOptions(floor, ["tensor", "shape", "moved"], `floor of ${where}`);
  checkValue("tensor", floor.tensor, `floor of ${where}`);
  checkValue("shape", floor.shape, `floor of ${where}`);
  const stray = floor.shape.slice(0, -1).find((letter) => !["B", "H", "M"].includes(letter));
  if (floor.shape.includes("M") && stray === undefined) return;
  throw wrong(where, [
    `a floor ${floor.tensor} [${floor.shape.join(", ")}]`,
    "senders with features, [B, M, D]",
    "give the floor these letters",
  ]);
}

/** Readings that every latent model has beside its states and posteriors. */
const reserved = [
  ...["freeEnergy", "magnitude", "precisionMatrix", "positiveDefinite", "covariance"],
  ...["laplaceFreeEnergy", "info"],
];

/** Latents and factors are read by their names: each is one reading's. */
function nameProblems({ latents, factors }: LatentModel): Problem[] {
  const names = [
    ...latents.map(({ tensor }) => ({ kind: "latent", name: tensor })),
    ...factors.map(({ name }) => ({ kind: "factor", name })),
  ];
  const taken = new Map<string, string>();
  for (const { kind, name } of names) {
    const before = taken.get(name);
    if (before !== undefined)
      return [
        [
          before === kind ? `two ${kind}s ${name}` : `a latent and a factor ${name}`,
          "a name of its own for each, under which it is read",
          "rename one of the two",
        ],
      ];
    if (reserved.includes(name) || /^(gradient\.|variance of )/.test(name))
      return [[`a ${kind} ${name}`, "a name that no other reading has", `rename the ${kind}`]];
    taken.set(name, kind);
  }
  return [];
}

function inferenceProblems({ inference }: LatentModel): Problem[] {
  const { maxIterations, tolerance } = inference;
  const problems = [
    ...fixedRange("maxIterations", maxIterations, isCount, "a whole number of at least 0"),
    ...fixedRange("tolerance", tolerance, (t) => t >= 0, "a finite number of at least 0"),
  ];
  if (inference.gradient === "implicit" && tolerance === 0)
    problems.push([
      "an implicit gradient with tolerance 0",
      "a tolerance that the iteration can reach",
      'set a tolerance, or take gradient: "unrolled"',
    ]);
  if (inference.kind === "cccp")
    problems.push(
      ...fixedRange(
        "damping",
        inference.damping,
        (d) => d > 0 && d < 2,
        "a number above 0 and below 2: beyond that the energy may rise",
      ),
    );
  if (inference.kind === "collect")
    problems.push(
      ...fixedRange("epsilon", inference.epsilon, (e) => e >= 0, "a finite number of at least 0"),
    );
  if (inference.kind === "descend")
    problems.push(...fixedRange("rate", inference.rate, (r) => r > 0, "a finite number above 0"));
  return problems;
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
