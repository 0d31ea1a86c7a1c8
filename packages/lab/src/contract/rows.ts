import { EdgewiseError, suggest } from "edgewise";
import { conditionalMeanRow } from "./conditionalMean.ts";
import { expandingRow } from "./expanding.ts";
import { feedForwardRow } from "./feedForward.ts";
import { hopfieldRow } from "./hopfield.ts";
import { otherRows } from "./others.ts";
import { predictiveCodingRow } from "./predictiveCoding.ts";
import type { Row } from "./row.ts";
import { slotRows } from "./slots.ts";
import { structuredRows } from "./structured.ts";
import { transformerRows } from "./transformer.ts";

const listed: readonly Row[] = [
  ...transformerRows,
  ...otherRows,
  hopfieldRow,
  ...slotRows,
  predictiveCodingRow,
  expandingRow,
  feedForwardRow,
  conditionalMeanRow,
  ...structuredRows,
];

/** Order of the listing: plain attention, latent nodes, other values and priors, structures. */
const order = [
  ...["cross", "self", "graph", "relative", "absolute", "rotary", "classifier", "hopfield"],
  ...["slot", "block-slot", "predictive-coding", "multihop", "expanding", "feed-forward", "hard"],
  ...["probabilistic", "conditional-mean", "chain", "tree", "matching", "motif"],
];

/** Every mechanism of the command line, in the order in which it is listed. */
export const rows: readonly Row[] = listed.toSorted(
  (a, b) => order.indexOf(a.name) - order.indexOf(b.name),
);

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
