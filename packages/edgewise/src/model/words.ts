import { EdgewiseError } from "../errors/edgewiseError.ts";
import { suggest } from "../errors/nearest.ts";
import { checkOptions } from "../errors/options.ts";

/**
 * Every word of a declaration with its keys; `?` marks a key that may be absent. Types say the
 * same to a compiler; this says it to callers without one.
 */
const vocabulary: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  graph: {
    complete: [],
    causal: [],
    window: ["back", "ahead"],
    withoutSelf: [],
    edges: ["pairs"],
    edgesFrom: ["tensor"],
    blocks: ["size", "pattern"],
    intersection: ["of"],
    union: ["of"],
    motifs: ["support", "logWeight?"],
  },
  prior: {
    uniform: [],
    perOffset: ["table"],
    distanceDecay: ["slope"],
    geometric: ["stop"],
    betaGeometric: ["alpha", "beta"],
    given: ["tensor", "shape"],
    expression: ["text", "scalars?"],
    product: ["of"],
  },
  potential: {
    scaledDot: ["scale?"],
    bilinear: ["weight", "scale?"],
    gaussian: ["precision", "normalised"],
    prediction: ["weight", "precision", "link"],
    softcap: ["cap", "of"],
    expression: ["text", "of", "scalars?"],
  },
  choice: { categorical: [], binary: ["noise"] },
  value: {
    indicator: [],
    carried: [],
    proportional: [],
    hops: ["weights", "reading"],
    resolvent: ["continuation"],
  },
  inference: {
    exact: [],
    draw: ["choose", "count", "estimator", "relaxation"],
    ridge: ["ridge", "exponentiated"],
    expand: ["scheme", "growth", "share", "tail", "tolerance", "maxIterations"],
    em: [
      ...["keyIterations", "valueIterations", "keyPriorPrecision", "valuePriorPrecision", "anchor"],
      ...["freezePrior", "magnitudePrior", "clampAnnotated", "readout", "paperCompat", "annotated"],
      ...["positions", "valuePrecision"],
    ],
  },
  move: {
    shifted: ["by"],
    rotated: ["base", "pairing"],
    projected: ["by", "to"],
    normed: ["by"],
    perceptron: ["by", "hidden"],
  },
  cell: {
    gru: ["by", "blocks"],
    residual: ["by", "norm", "blocks", "hidden"],
    readout: ["factor"],
  },
  latentInference: {
    cccp: ["maxIterations", "tolerance", "gradient", "damping"],
    alternate: ["maxIterations", "tolerance", "gradient"],
    descend: ["maxIterations", "tolerance", "gradient", "rate"],
    meanField: ["maxIterations", "tolerance", "gradient"],
    collect: ["maxIterations", "tolerance", "gradient", "read", "epsilon", "cells", "energy"],
  },
  structure: {
    linearChain: [],
    dependencyTree: ["roots"],
    perfectMatching: ["method", "temperature", "iterations", "tolerance"],
  },
};

/** Keys whose value is one of a few words. */
const choices: Readonly<Record<string, readonly string[]>> = {
  chooser: ["receiver", "sender"],
  tempering: ["likelihood", "joint"],
  whenEmpty: ["zero", "throw"],
  reading: ["annealed", "quenched"],
  choose: ["mode", "top", "samples"],
  estimator: ["scoreFunction", "gumbel"],
  scheme: ["plugin-reset", "plugin-accumulate", "vb", "exact"],
  growth: ["prior", "posterior", "optimistic"],
  share: ["query", "group"],
  anchor: ["initial", "running"],
  readout: ["mean", "map"],
  pairing: ["half", "interleaved"],
  link: ["identity", "tanh"],
  update: ["sum", "mean", "learned"],
  responsibilities: ["dot", "distance"],
  form: ["energy", "composed"],
  variant: ["structural", "edgewise", "standard"],
  step: ["gradient", "closed"],
  read: ["sum", "mean"],
  active: ["one", "all", "pooled"],
  gradient: ["unrolled", "implicit"],
  roots: ["one", "many"],
  method: ["sinkhorn", "exact"],
  noise: ["logistic", "probit", "none"],
  unit: ["sigmoid", "silu", "relu", "gelu", "softmax"],
  kernel: ["linear", "exponential", "gaussian"],
};

/** Keys whose value is a list, by what it is a list of. */
const lists: Readonly<Record<string, string>> = {
  pairs: "[receiver, sender] pairs",
  pattern: "rows of 0 and 1",
  weights: "numbers",
  shape: "letters",
  scalars: "names of tensors",
  cells: "cells",
  order: "letters",
};

/** Refuses what is not in the vocabulary, naming the nearest word. @throws bad_model */
export function checkWord(part: string, word: unknown, where: string): void {
  const known = vocabulary[part] ?? {};
  const key = part.replace("latentInference", "inference");
  if (typeof word !== "object" || word === null || !("kind" in word))
    throw wrong(
      where,
      word === undefined ? `no ${key}` : `${show(word)} as ${key}`,
      `one of the words ${names(known)}`,
      `write ${key}: ${Object.keys(known)[0]}()`,
    );
  const { kind } = word as { kind: unknown };
  if (typeof kind !== "string" || !Object.hasOwn(known, kind))
    throw wrong(
      where,
      `the ${part} ${show(kind)}`,
      `one of ${names(known)}`,
      suggest(String(kind), Object.keys(known), "choose one of these"),
    );
  checkKeys(`${part} ${kind}`, word, known[kind] ?? [], where);
  const { of } = word as { of?: unknown };
  if (of === undefined) return;
  if (part === "potential") {
    checkWord(part, of, where);
    return;
  }
  if (!Array.isArray(of) || (of.length === 0 && kind === "union"))
    throw wrong(
      where,
      `${kind} of ${Array.isArray(of) ? "nothing" : show(of)}`,
      `one ${part} or more`,
      `write ${kind}(a, b)`,
    );
  for (const inner of of) checkWord(part, inner, where);
}

function checkKeys(word: string, given: object, keys: readonly string[], where: string): void {
  const known = keys.map((key) => key.replace("?", ""));
  for (const name of Object.keys(given))
    if (name !== "kind" && !known.includes(name))
      throw wrong(
        where,
        `the key ${name} in ${word}`,
        `keys among ${known.join(", ") || "none"}`,
        suggest(name, known, `take ${name} out`),
      );
  const values = given as Record<string, unknown>;
  for (const key of keys) {
    const value = values[key.replace("?", "")];
    if (value === undefined && !key.endsWith("?"))
      throw wrong(
        where,
        `${word} without ${key}`,
        `a value for ${key}`,
        `give ${key} to ${word.split(" ").at(-1)}`,
      );
    if (value !== undefined) checkValue(key.replace("?", ""), value, where);
  }
}

/** Refuses options that a mechanism does not have. @throws unknown_option, bad_option */
export function checkKeysOf(options: object, known: readonly string[], where: string): void {
  checkOptions(options, known, where);
}

/** Refuses what is no whole number of at least 1. @throws bad_model */
export function checkCount(key: string, value: unknown, where: string): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return;
  throw wrong(
    where,
    `${key} ${show(value)}`,
    "a whole number of at least 1",
    `give ${key} such a number`,
  );
}

/** Refuses a number that is not above 0. @throws bad_model */
export function checkPositive(key: string, value: unknown, where: string): void {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return;
  throw wrong(
    where,
    `${key} ${show(value)}`,
    "a finite number above 0",
    `give ${key} such a number`,
  );
}

/** Refuses a value that its key cannot have: a word of a few, a list, a text. */
export function checkValue(key: string, value: unknown, where: string): void {
  const among = choices[key];
  if (among !== undefined && !among.includes(value as string))
    throw wrong(
      where,
      `${key} ${show(value)}`,
      `one of ${among.join(", ")}`,
      suggest(String(value), among, "choose one of these"),
    );
  if (lists[key] !== undefined && !Array.isArray(value))
    throw wrong(where, `${key} ${show(value)}`, `a list of ${lists[key]}`, `give ${key} as a list`);
  const texts = [
    ...["text", "tensor", "table", "weight", "by", "to", "support", "logWeight", "name", "norm"],
    ...["hidden", "factor"],
  ];
  const isName = key === "tensor" || key === "name";
  if (isName && typeof value === "string" && !/^\S+( \S+)*$/.test(value))
    throw wrong(where, `${key} "${value}"`, "a name", `give ${key} some letters`);
  if (["blocks", "energy", "normalised"].includes(key) && typeof value !== "boolean")
    throw wrong(where, `${key} ${show(value)}`, "true or false", `give ${key} one of these`);
  if (texts.includes(key) && typeof value !== "string")
    throw wrong(where, `${key} ${show(value)}`, "a text", `give ${key} as a text`);
}

const names = (words: object): string => Object.keys(words).join(", ");

function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function wrong(where: string, got: string, expected: string, fix: string): EdgewiseError {
  return new EdgewiseError({ code: "bad_model", where, got, expected, fix });
}
