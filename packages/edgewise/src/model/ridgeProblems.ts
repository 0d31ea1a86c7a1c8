import type { EdgeModel } from "./edgeModel.ts";
import type { Problem } from "./problem.ts";
import type { Quantity } from "./quantity.ts";

/** A regression is of values on keys: words about edges and their beliefs are not read. */
export function ridgeProblems(model: EdgeModel): Problem[] {
  const { graph, prior, potential, temperature, tempering, whenEmpty, offset } = model;
  const { choice, inference } = model;
  const said: readonly (readonly [boolean, string, string])[] = [
    [graph.kind === "complete", `the graph ${graph.kind}`, "graph"],
    [prior.kind === "uniform", `the prior ${prior.kind}`, "prior"],
    [temperature === 1, "a temperature", "temperature"],
    [tempering === "likelihood", `${tempering} tempering`, "tempering"],
    [whenEmpty === "zero", `whenEmpty ${whenEmpty}`, "whenEmpty"],
    [offset === 0, `offset ${offset}`, "offset"],
    [choice.kind === "categorical", `the choice ${choice.kind}`, "choice"],
  ];
  const problems = said
    .filter(([isDefault]) => !isDefault)
    .map(
      ([, got, key]): Problem => [
        `${got} in a ridge regression`,
        "every key, and no beliefs about edges",
        `leave ${key} out`,
      ],
    );
  if (potential.kind !== "scaledDot" && potential.kind !== "gaussian")
    problems.push([
      `the potential ${potential.kind} in a ridge regression`,
      "a kernel that two keys have too: scaledDot or gaussian",
      "take scaledDot({ scale }) or gaussian({ precision, normalised: false })",
    ]);
  if (potential.kind === "gaussian" && inference.kind === "ridge" && !inference.exponentiated)
    problems.push([
      "the potential gaussian as a kernel itself",
      "a dot product, or the exponential of the potential",
      "set exponentiated: true",
    ]);
  return [...problems, ...sharedProblems(model), ...nodeProblems(model)];
}

/** One matrix for each group: a number of its own for each head or node has no place in it. */
function sharedProblems({ potential, inference }: EdgeModel): Problem[] {
  const numbers: readonly (Quantity | undefined)[] = [
    inference.kind === "ridge" ? inference.ridge : undefined,
    potential.kind === "scaledDot" ? potential.scale : undefined,
    potential.kind === "gaussian" ? potential.precision : undefined,
  ];
  return numbers.flatMap((quantity): Problem[] =>
    typeof quantity === "object" && quantity.shape.length > 0
      ? [
          [
            `the parameter ${quantity.parameter} [${quantity.shape.join(", ")}] in a ridge regression`,
            "one number for all systems",
            `give ${quantity.parameter} the shape []`,
          ],
        ]
      : [],
  );
}

/** Keys and values are rows of one system; a key can stand where a query does. */
function nodeProblems({ nodes }: EdgeModel): Problem[] {
  const { query, key, value } = nodes;
  const moved = [query, key, value].find((node) => (node.moved ?? []).length > 0);
  if (moved !== undefined)
    return [
      [
        `${moved.tensor} moved before a ridge regression`,
        "nodes as they are given",
        "move the tensors before the call",
      ],
    ];
  const lead = (shape: readonly string[]): string => shape.slice(0, -1).join(", ");
  const together = lead(key.shape) === lead(value.shape) && key.shape.at(-2) === "M";
  if (together && key.shape.at(-1) === query.shape.at(-1) && key.tensor !== query.tensor) return [];
  return [
    [
      `query ${query.tensor} [${query.shape.join(", ")}], key ${key.tensor} [${key.shape.join(", ")}] and value ${value.tensor} [${value.shape.join(", ")}]`,
      "keys [.., M, D] and values [.., M, V] in the same groups, queries of width D in a tensor of their own",
      "leave nodes out to get query [B, H, N, D], key [B, G, M, D] and value [B, G, M, V]",
    ],
  ];
}
