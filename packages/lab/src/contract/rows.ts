import { EdgewiseError, suggest } from "edgewise";
import { expandingRow } from "./expanding.ts";
import { otherRows } from "./others.ts";
import type { Row } from "./row.ts";
import { transformerRows } from "./transformer.ts";

/** Every mechanism of the command line, in the order in which it is listed. */
export const rows: readonly Row[] = [...transformerRows, ...otherRows, expandingRow];

/** Row by name. @throws bad_usage naming the nearest mechanism */
export function rowNamed(name: string): Row {
  const found = rows.find((row) => row.name === name);
  if (found !== undefined) return found;
  const known = rows.map((row) => row.name);
  throw new EdgewiseError({
    code: "bad_usage",
    where: "mechanism",
    got: name,
    expected: `one of ${known.join(", ")}`,
    fix: suggest(name, known, "run edgewise list to see what each one does"),
  });
}
