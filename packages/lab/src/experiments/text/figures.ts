/** Figures of the rows: bits against edges, and how far expanding attention looks from where. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../experiment/experiment.ts";
import { interval, mean } from "../../experiment/statistics.ts";
import { coloured } from "../../figure/marks.ts";
import { kinds } from "./data.ts";
import { type Point, paid, points } from "./paid.ts";

export function figures(rows: readonly Row[]): Figure[] {
  return [frontier(rows), windows(rows)];
}

function frontier(rows: readonly Row[]): Figure {
  const table = points(rows);
  const geometric = table.filter(({ arm }) => arm.startsWith("q = "));
  const place = { x: "edges", y: "bits" } as const;
  return {
    name: "frontier",
    title: "Bits per character against edges per character",
    reading: `On the part of the text that was never trained on, mean over seeds with its interval. ${paid(rows)} An edge is a score and a value; what expanding attention counts besides is turned into edges.`,
    plot: {
      height: 420,
      marginRight: 40,
      insetTop: 14,
      insetLeft: 60,
      insetRight: 40,
      color: { ...coloured(["fixed prior", "expanding", "multihop"]), legend: true },
      x: { type: "log", base: 2, label: "edges per character", grid: true, tickFormat: "d" },
      y: { label: "bits per character", grid: true, nice: true },
      marks: [
        Plot.lineY(geometric, { ...place, stroke: "kind", strokeOpacity: 0.6 }),
        Plot.ruleX(table, { x: "edges", y1: "low", y2: "high", stroke: "kind", strokeWidth: 2 }),
        Plot.dot(table, { ...place, fill: "kind", r: 4 }),
        ...sides(table).map(({ of, ...where }) =>
          Plot.text(of, { ...place, text: "arm", fill: "kind", ...where }),
        ),
      ],
    },
    table,
  };
}

/** Names stand right of their points, of fixed priors left of them. */
function sides(table: readonly Point[]) {
  const isFixed = ({ kind }: Point): boolean => kind === "fixed prior";
  return [
    { of: table.filter(isFixed), textAnchor: "end" as const, dx: -7, dy: 6 },
    { of: table.filter((point) => !isFixed(point)), textAnchor: "start" as const, dx: 7, dy: -6 },
  ];
}

/** Mean windows by the kind of the character that looks. */
function windows(rows: readonly Row[]): Figure {
  const own = rows.filter((row) => row["kind"] === "expanding");
  const arms = [...new Set(own.map((row) => String(row["arm"])))];
  const table = arms.flatMap((arm) =>
    kinds.flatMap((kind) => {
      const of = own.filter((row) => row["arm"] === arm && row[`window ${kind}`] !== null);
      if (of.length === 0) return [];
      const values = of.map((row) => numberOf(row, `window ${kind}`));
      const [low, high] = interval(values);
      return [{ arm, character: kind, window: mean(values), low, high }];
    }),
  );
  return {
    name: "windows",
    title: "Characters looked at, by the character that looks",
    reading:
      "Mean window of expanding attention, the character itself included; a text in which some characters need more of the past than others would spread them. Characters near the start of a stretch have less to look at.",
    plot: {
      height: 120 + 46 * arms.length,
      marginLeft: 130,
      marginRight: 100,
      color: { ...coloured(kinds), legend: true },
      x: { label: "characters looked at", grid: true, zero: true, nice: true },
      y: { label: null, domain: arms },
      fy: { label: null },
      marks: [
        Plot.ruleY(table, { y: "arm", x1: "low", x2: "high", stroke: "character", strokeWidth: 2 }),
        Plot.dot(table, { x: "window", y: "arm", fill: "character", r: 5 }),
      ],
    },
    table,
  };
}
