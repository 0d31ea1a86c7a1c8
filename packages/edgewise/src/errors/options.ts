import { EdgewiseError } from "./edgewiseError.ts";
import { suggest } from "./nearest.ts";

/** Refuses an option that is not known, naming the nearest one. @throws unknown_option */
export function checkOptions(given: object, known: readonly string[], where: string): void {
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
