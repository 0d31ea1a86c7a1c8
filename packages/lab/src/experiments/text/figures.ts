/** Figures of the rows: bits against edges, and how far expanding attention looks from where. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../experiment/experiment.ts";
import { interval, mean } from "../../experiment/statistics.ts";
import { coloured, hollow, key } from "../../figure/marks.ts";
import { kinds } from "./data.ts";
import { type Point, paid, points } from "./paid.ts";

export function figures(rows: readonly Row[]): Figure[] {
  return [frontier(rows), windows(rows)];
}

const families = ["fixed prior", "per query", "per group", "multihop"];
const familyOf = ({ arm, kind }: Point): string =>
  kind === "expanding" ? (arm.split(",")[0] as string) : kind;

function frontier(rows: readonly Row[]): Figure {
  const table = points(rows).map((point) => ({ ...point, family: familyOf(point) }));
  const geometric = table.filter(({ arm }) => arm.startsWith("q = "));
  const place = { x: "edges", y: "bits" } as const;
  return {
    name: "frontier",
    title: "Bits per character against edges per character",
    reading: `On the part of the text that was never trained on, mean over seeds with its interval; an edge is a score and a value, and what expanding attention counts besides is turned into edges. ${priors(table)}${paid(rows)} One q per group is inferred from a whole stretch, characters to come included.`,
    plot: {
      height: 420,
      marginRight: 30,
      // Room for the names of families, which no point reaches.
      insetTop: 12 + 14 * families.length,
      insetLeft: 70,
      insetBottom: 14,
      color: coloured(families),
      x: { type: "log", base: 2, label: "edges per character", grid: true, tickFormat: "d" },
      y: { label: "bits per character", grid: true, nice: true },
      marks: [
        Plot.lineY(geometric, { ...place, stroke: "family", strokeOpacity: 0.6 }),
        Plot.ruleX(table, { x: "edges", y1: "low", y2: "high", stroke: "family", strokeWidth: 2 }),
        ...[false, true].map((isShort) =>
          Plot.dot(
            table.filter(({ arm }) => arm.endsWith("(1, 1)") === isShort),
            { ...place, r: 4, stroke: "family", ...(isShort ? hollow : { fill: "family" }) },
          ),
        ),
        // Left of their line, which rises with the reach.
        Plot.text(
          table.filter(({ family }) => family === "fixed prior"),
          { ...place, text: "arm", fill: "family", textAnchor: "end", dx: -7, dy: -5 },
        ),
        key(families, { corner: "top-left" }),
      ],
    },
    table,
  };
}

/** Which marks start from which hyper-prior, of those that are drawn; a space behind it. */
function priors(table: readonly Point[]): string {
  const marks = [
    ["rings", "(1, 1)"],
    ["discs", "(1, 4)"],
  ] as const;
  const drawn = marks.filter(([, prior]) => table.some(({ arm }) => arm.endsWith(prior)));
  const told = drawn.map(([mark, prior]) => `${mark} from the hyper-prior ${prior}`).join(", ");
  return told === "" ? "" : `Arms that expand: ${told}. `;
}

/** Mean windows by the kind of the character that looks. */
function windows(rows: readonly Row[]): Figure {
  const own = rows.filter((row) => String(row["arm"]).startsWith("per query"));
  const arms = [...new Set(own.map((row) => String(row["arm"])))];
  const table = arms.flatMap((arm) =>
    kinds.flatMap((character) => {
      const of = own.filter((row) => row["arm"] === arm && row[`window ${character}`] !== null);
      if (of.length === 0) return [];
      const values = of.map((row) => numberOf(row, `window ${character}`));
      const [low, high] = interval(values);
      return [{ arm, character, window: mean(values), low, high }];
    }),
  );
  return {
    name: "windows",
    title: "Characters looked at, by the character that looks",
    reading:
      "Mean window of expanding attention with one q per query, in the later half of a stretch, the character itself included. A window is at least the one that the hyper-prior begins with.",
    plot: {
      height: 90 + 150 * arms.length,
      marginLeft: 100,
      marginTop: 30,
      marginRight: 130,
      color: coloured(arms),
      x: { label: "characters looked at", grid: true, zero: true, nice: true },
      y: { label: null, domain: kinds.filter((of) => table.some((row) => row.character === of)) },
      fy: { label: null, domain: arms },
      marks: [
        Plot.ruleY(table, { fy: "arm", y: "character", x2: "window", x1: 0, strokeOpacity: 0.2 }),
        Plot.ruleY(table, {
          ...{ fy: "arm", y: "character", x1: "low", x2: "high" },
          ...{ stroke: "arm", strokeWidth: 2 },
        }),
        Plot.dot(table, { fy: "arm", y: "character", x: "window", fill: "arm", r: 5 }),
      ],
    },
    table,
  };
}
