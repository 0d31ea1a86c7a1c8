/** Every word of a declaration, by part and kind, and the word that a form begins with. */
import { edgeChoice, graph, potential, prior, value } from "./edgeWords.ts";
import { cell, inference, latentInference, move, structure } from "./inferenceWords.ts";
import type { Part, Word, Words } from "./vocabulary.ts";

export const words: Readonly<Record<Part, Words>> = {
  graph,
  prior,
  potential,
  choice: edgeChoice,
  value,
  inference,
  move,
  cell,
  latentInference,
  structure,
};

/** A word as a document holds it. */
export type WordData = { readonly kind: string } & Readonly<Record<string, unknown>>;

export const isObject = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === "object" && given !== null && !Array.isArray(given);

export const isWord = (given: unknown): given is WordData =>
  isObject(given) && typeof given["kind"] === "string";

/** What the table says of a word; nothing for one that is not in it. */
export function wordOf(part: Part, given: unknown): Word | undefined {
  if (!isWord(given) || !Object.hasOwn(words[part], given.kind)) return undefined;
  return words[part][given.kind];
}

/**
 * Word of another kind in place of one. Words of words take the present one in, so that choosing
 * "intersection" goes on from the graph that there is; and give it out again.
 */
export function changed(part: Part, present: unknown, kind: string): WordData {
  const { options } = words[part][kind] as Word;
  const held = isWord(present) ? present["of"] : undefined;
  const of = options.find(({ key }) => key === "of")?.form.type;
  if (of === undefined && isWord(held) && held.kind === kind) return held;
  const own = Object.fromEntries(
    options.flatMap(({ key, begin }) => (begin === undefined ? [] : [[key, begin]])),
  );
  if (of === "words" && isWord(present))
    return { kind, ...own, of: Array.isArray(held) ? held : [present] };
  if (of === "word" && isWord(present)) return { kind, ...own, of: isWord(held) ? held : present };
  return { kind, ...own };
}
