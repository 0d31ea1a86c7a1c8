/** Figures of what one belief per query costs. */
import * as Plot from "@observablehq/plot";
import type { Figure, Row } from "../../../experiment/experiment.ts";
import { coloured, decimal } from "../../../figure/marks.ts";
import expected from "./expected.json" with { type: "json" };
import { grouped } from "./rows.ts";

export const relative = "R: operations / those of self attention";

/** R that other code measured, by arm and by width or stopping probability. */
const elsewhere: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "per query": expected.K9.relative,
  ...expected.K10,
};
const elsewhereOf = (arm: string | number, at: string | number): number | null =>
  elsewhere[arm]?.[at] ?? null;

export function distance(rows: readonly Row[]): Figure {
  const all = grouped(rows, "arm", "stop").map((row) => ({
    ...row,
    elsewhere: elsewhereOf(row.arm, row.stop),
    toStop: 1 / (row.stop as number),
    toGoOn: 1 / (1 - (row.stop as number)),
  }));
  const readings = [
    { reading: "p is the probability to stop", at: "toStop", from: 0, to: 0.5 },
    { reading: "p is the probability to go on", at: "toGoOn", from: 0.5, to: 1 },
  ] as const;
  const table = readings.flatMap(({ reading, at, from, to }) =>
    all
      .filter(({ stop }) => (stop as number) >= from && (stop as number) <= to)
      .map((row) => ({ reading, inverse: row[at], ...row }))
      .sort((a, b) => a.inverse - b.inverse),
  );
  const arms = [...new Set(table.map(({ arm }) => String(arm)))];
  return {
    name: "distance",
    title: "Cost against 1/p, under both readings of p",
    reading:
      "The caption's 1/p under two readings, p the probability to stop and p the probability to go on; hyper-prior matched to p, or fixed, or q known. Rings: measured with other code.",
    plot: {
      width: 800,
      marginRight: 70,
      marginTop: 35,
      color: coloured(arms),
      fx: { label: null, domain: readings.map(({ reading }) => reading), padding: 0.18 },
      x: { type: "log", label: "1/p", grid: true, ticks: [2, 5, 10, 20], tickFormat: decimal },
      y: { label: relative, labelAnchor: "center", grid: true, zero: true },
      marks: marksOf(table, { x: "inverse", fx: "reading", name: "arm" }),
    },
    table,
  };
}

export function width(rows: readonly Row[]): Figure {
  const table = grouped(rows, "arm", "width").map((row) => ({
    ...row,
    elsewhere: elsewhereOf(row.arm, row.width),
  }));
  return {
    name: "width",
    title: "Cost against the number of features",
    reading:
      "R of one belief per query by the width of scores and values, beside a fixed q and a uniform prior: updates cost the same at every width. Rings: measured with other code.",
    plot: {
      marginRight: 110,
      color: coloured([...new Set(table.map(({ arm }) => String(arm)))]),
      x: {
        ...{ type: "log", base: 2, label: "features d", grid: true, tickFormat: decimal },
        ticks: [...new Set(table.map(({ width: d }) => d as number))],
      },
      y: { label: relative, grid: true, zero: true },
      marks: marksOf(table, { x: "width", name: "arm" }),
    },
    table,
  };
}

/** Lines with their intervals, named at their ends, and rings of what was measured elsewhere. */
function marksOf(
  table: readonly Row[],
  { name, ...places }: { readonly x: string; readonly fx?: string; readonly name: string },
): Plot.Markish[] {
  return [
    Plot.ruleX(table, { ...places, y1: "RLow", y2: "RHigh", stroke: name }),
    Plot.lineY(table, { ...places, y: "R", stroke: name, strokeWidth: 2 }),
    Plot.dot(table, { ...places, y: "R", fill: name, r: 3 }),
    Plot.dot(
      table.filter((row) => row["elsewhere"] !== null),
      { ...places, y: "elsewhere", stroke: name, r: 6 },
    ),
    // Lines that end close to each other are named above and below.
    ...[-4, 5].map((dy) =>
      Plot.text(
        table.filter((row) => (row[name] === "q known") === dy > 0),
        Plot.selectLast({
          ...{ ...places, y: "R", z: name, text: name, fill: name, textAnchor: "start" },
          ...{ dx: 7, dy },
        }),
      ),
    ),
  ];
}
