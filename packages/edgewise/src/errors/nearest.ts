import { closest, distance } from "fastest-levenshtein";

/** Nearest known name to a misspelt one, or undefined when none is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const folded = new Map(known.map((word) => [word.toLowerCase(), word]));
  const best = closest(name.toLowerCase(), [...folded.keys()]);
  const near = distance(name.toLowerCase(), best) <= Math.max(2, Math.floor(best.length / 3));
  return near ? folded.get(best) : undefined;
}

/** Sentence that mends an unknown name: the nearest real one, or all of them. */
export function suggest(name: string, known: readonly string[], remove: string): string {
  const near = nearest(name, known);
  if (near !== undefined) return `write ${near} in place of ${name}, or ${remove}`;
  return known.length === 0 ? remove : `${remove}; known here: ${known.join(", ")}`;
}
