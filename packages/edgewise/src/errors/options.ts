import { EdgewiseError } from "./edgewiseError.ts";
import { suggest } from "./nearest.ts";

/**
 * Refuses options that are no object, or one that is not known, naming the nearest.
 *
 * @throws bad_option, unknown_option
 */
export function checkOptions(given: unknown, known: readonly string[], where: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new EdgewiseError({
      code: "bad_option",
      where,
      got: Array.isArray(given) ? "a list" : String(given),
      expected: `an object of options among ${known.join(", ")}`,
      fix: `write { ${known[0]}: … }`,
    });
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new EdgewiseError({
      code: "unknown_option",
      where,
      got: `the option ${name}`,
      expected: `options among ${known.join(", ")}`,
      fix: suggest(name, known, `take ${name} out`),
    });
  }
}
