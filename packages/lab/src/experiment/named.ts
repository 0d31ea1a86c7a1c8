/** Experiments that are meant by words. */
import { EdgewiseError, nearest } from "edgewise";
import { claims } from "./claims.ts";
import { experiments, experimentsOf } from "./registry.ts";

/**
 * Experiments by name, or by the claims that they are about; all that need no file when none is
 * named.
 *
 * @throws bad_usage at a word that is neither
 */
export function namesOf(given: readonly string[], where: string): readonly string[] {
  const known = [...Object.keys(claims), ...Object.keys(experiments)];
  const chosen = given.flatMap((word) => {
    if (Object.hasOwn(experiments, word)) return [word];
    if (Object.hasOwn(claims, word)) return experimentsOf(word as keyof typeof claims);
    const near = nearest(word, known);
    const all = "leave it out to run them all";
    throw new EdgewiseError({
      code: "bad_usage",
      where,
      got: word,
      expected: `a claim or an experiment among ${known.join(", ")}`,
      fix: near === undefined ? all : `write ${near} in place of ${word}, or ${all}`,
    });
  });
  const all = Object.keys(experiments).filter((name) => experiments[name]?.about === undefined);
  return given.length === 0 ? all : [...new Set(chosen)];
}
