import type { EdgeModel } from "./edgeModel.ts";
import { blockShape } from "./node.ts";
import type { Problem } from "./problem.ts";
import type { Parameter } from "./quantity.ts";

/** Parameters with a letter that none of the edge's nodes has: there is nothing to take it at. */
export function parameterProblems({
  nodes: { query, key },
  ...words
}: Pick<EdgeModel, "nodes" | "temperature" | "prior" | "potential">): Problem[] {
  const letters = new Set([query, key].flatMap(blockShape));
  if (letters.has("H")) letters.add("G");
  return parametersIn(words).flatMap(({ parameter, shape }): Problem[] => {
    const stray = shape.find((letter) => !letters.has(letter.split("|")[0] as string));
    return stray === undefined
      ? []
      : [
          [
            `a parameter ${parameter} [${shape.join(", ")}] between nodes without ${stray}`,
            `letters among ${[...letters].filter((letter) => /^[BHGNM]$/.test(letter)).join(", ")}`,
            `leave ${stray} out of its shape`,
          ],
        ];
  });
}

/** Every parameter among some words and the words inside them. */
function parametersIn(words: unknown): Parameter[] {
  if (typeof words !== "object" || words === null) return [];
  if ("parameter" in words && "shape" in words) return [words as Parameter];
  return Object.values(words).flatMap(parametersIn);
}
