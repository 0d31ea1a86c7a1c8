/** Figures: how near each check comes to rounding, and two limits and a rate. */
import * as Plot from "@observablehq/plot";
import { parts, worstOf } from "../../../experiment/checks.ts";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { coloured, decimal } from "../../../figure/marks.ts";
import expected from "./expected.json" with { type: "json" };
import { curveOf } from "./verdicts.ts";

const claims = ["K1", "K3", "K5", "K13", "K14", "K15"];
/** Smallest error that a logarithmic axis has a place for. */
const least = 1e-17;

/** What a reading adds where errors are 0, which a logarithmic axis has no place for. */
const ofZeros = (table: readonly { readonly error: number }[], edge: string): string =>
  table.some(({ error }) => error < least)
    ? ` What lies on the ${edge} edge, at ${least}, is an error of exactly 0.`
    : "";

export function figures(rows: readonly Row[]): Figure[] {
  return [errors(rows), draws(rows), limit(rows, "K14"), limit(rows, "K15")];
}

function errors(rows: readonly Row[]): Figure {
  const table = claims.flatMap((claim) =>
    parts.flatMap((part) =>
      [...worstOf(rows, claim, part)].map(([check, error]) => ({ claim, part, check, error })),
    ),
  );
  const shown = table.map((row) => ({
    ...row,
    label: `${row.claim}  ${row.check}`,
    error: Math.max(least, row.error),
  }));
  return {
    name: "errors",
    title: "Largest error of every check",
    reading: `What has to hold lies left of the tolerance, near rounding; what a claim says as it is printed, and what it is told apart from, lies right of it where it fails.${ofZeros(table, "left")}`,
    plot: {
      height: 40 + 17 * shown.length,
      width: 720,
      marginLeft: 330,
      marginTop: 30,
      color: coloured(parts),
      x: { type: "log", label: "largest error", grid: true, tickFormat: decimal },
      y: { label: null, domain: shown.map(({ label }) => label), grid: true },
      marks: [
        Plot.ruleX([expected.tolerance], { stroke: "currentColor", strokeDasharray: "4 4" }),
        Plot.text([expected.tolerance], {
          ...{ x: (at: number) => at, frameAnchor: "top", text: () => "tolerance" },
          ...{ dy: -18, fill: "currentColor" },
        }),
        Plot.dot(shown, { x: "error", y: "label", fill: "part", r: 4 }),
        Plot.text(
          shown.filter(({ part }) => part !== "holds"),
          {
            ...{ x: "error", y: "label", text: "part", fill: "part" },
            ...{ textAnchor: "end", dx: -8 },
          },
        ),
      ],
    },
    table,
  };
}

function draws(rows: readonly Row[]): Figure {
  const own = rows.filter((row) => row["claim"] === "K21" && row["check"] === "samples");
  const table = curveOf(own).map(({ at, error }) => ({ draws: at, error, line: at ** -0.5 }));
  const last = table.slice(-1);
  return {
    name: "hard-draws",
    title: "Error of hard attention against draws",
    reading:
      "Root mean squared error of the mean of S drawn values, in deviations of the value under the posterior: it lies on the line of slope −1/2.",
    plot: {
      marginRight: 90,
      x: { type: "log", label: "draws S", grid: true, tickFormat: decimal },
      y: { type: "log", label: "error / deviation of the value", grid: true, tickFormat: decimal },
      marks: [
        Plot.lineY(table, {
          x: "draws",
          y: "line",
          stroke: "currentColor",
          strokeDasharray: "4 4",
        }),
        Plot.dot(table, { x: "draws", y: "error", fill: coloured([""]).range[0] as string, r: 5 }),
        Plot.text(last, {
          ...{ x: "draws", y: "line", text: () => "S^(−1/2)" },
          ...{ fill: "currentColor", textAnchor: "start", dx: 10, dy: -8 },
        }),
      ],
    },
    table,
  };
}

const limits = {
  K14: {
    name: "relu-limit",
    title: "From SiLU to ReLU as temperature falls",
    reading:
      "Largest difference of a σ(a/T) from max(0, a), summed over memories: below the bound 0.278 T Σ |value| (dashed), and far below it once every score is large against T.",
    x: "temperature T",
    y: "largest difference from ReLU",
  },
  K15: {
    name: "map-limit",
    title: "From the most probable value to attention",
    reading:
      "Largest difference of the mode of p(value | query) from dot-product attention: it vanishes in proportion to the precision of values.",
    x: "precision of values β",
    y: "largest difference from attention",
  },
} as const;

function limit(rows: readonly Row[], claim: keyof typeof limits): Figure {
  const own = rows.filter((row) => row["claim"] === claim && row["check"] === "limit");
  const places = [...new Set(own.map((row) => numberOf(row, "at")))];
  const largest = (at: number, name: string): number =>
    Math.max(...own.filter((row) => row["at"] === at).map((row) => numberOf(row, name)));
  const table = places.map((at) => ({
    at,
    error: largest(at, "error"),
    ...(claim === "K14" && { bound: largest(at, "bound") }),
  }));
  const shown = table.map((row) => ({ ...row, error: Math.max(least, row.error) }));
  const { name, title, reading, x, y } = limits[claim];
  return {
    ...{ name, title, reading: `${reading}${ofZeros(table, "lower")}` },
    plot: {
      marginLeft: 70,
      x: { type: "log", label: x, grid: true, tickFormat: decimal },
      y: { type: "log", label: y, grid: true, tickFormat: decimal },
      marks: [
        ...(claim === "K14"
          ? [
              Plot.lineY(shown, {
                ...{ x: "at", y: "bound", stroke: "currentColor", strokeDasharray: "4 4" },
              }),
            ]
          : []),
        Plot.lineY(shown, { x: "at", y: "error", stroke: coloured([""]).range[0] as string }),
        Plot.dot(shown, { x: "at", y: "error", fill: coloured([""]).range[0] as string, r: 4 }),
      ],
    },
    table,
  };
}
