/** Error against cost over all distances, widths and numbers of keys. */
import * as Plot from "@observablehq/plot";
import type { Figure, Row } from "../../../experiment/experiment.ts";
import { centred, coloured, decimal, key } from "../../../figure/marks.ts";
import { relative } from "./costs.ts";
import { grouped, select } from "./rows.ts";

/** A figure for each number of keys: a panel for every width and stopping probability. */
export function grids(rows: readonly Row[]): Figure[] {
  const counts = [...new Set(rows.map((row) => row["keys"] as number))];
  return counts.map((keys) => grid(select(rows, { keys }), keys));
}

function grid(rows: readonly Row[], keys: number): Figure {
  const table = grouped(rows, "arm", "width", "stop");
  const arms = [...new Set(table.map(({ arm }) => String(arm)))];
  const stops = [...new Set(table.map(({ stop }) => stop as number))].sort((a, b) => b - a);
  const widths = [...new Set(table.map(({ width }) => width as number))];
  const panel = { fx: "stop", fy: "width" };
  const dearest = Math.max(...table.map(({ R }) => R));
  // The legend stands where nothing is drawn: few keys are looked at where distances are short.
  const corner = { fx: stops[0] as number, fy: widths.at(-1) as number };
  return {
    name: `grid-${keys}`,
    title: `Error against cost, ${keys} keys`,
    reading: `Heads trained at p = 0.2 of 64 keys, one for each width, where the distance is geometric with the probability p to stop among ${keys} keys: lower is better, left is cheaper.`,
    plot: {
      ...{ width: 900, height: 760, marginLeft: 60, marginRight: 70, marginTop: 40 },
      color: coloured(arms),
      fx: { label: null, domain: stops, tickFormat: (stop: number) => `p = ${decimal(stop)}` },
      fy: { label: null, domain: widths, tickFormat: (width: number) => `d = ${width}` },
      x: {
        ...{ label: relative, ...centred, domain: [0, 1.06 * dearest] },
        ...{ grid: true, ticks: 3, tickFormat: decimal },
      },
      y: {
        ...{ label: "error / variance of the target", ...centred },
        ...{ grid: true, zero: true, ticks: 4, tickFormat: decimal },
      },
      marks: [
        Plot.frame({ strokeOpacity: 0.2 }),
        Plot.ruleX(table, { ...panel, x: "R", y1: "nmseLow", y2: "nmseHigh", stroke: "arm" }),
        Plot.dot(table, { ...panel, x: "R", y: "nmse", fill: "arm", r: 3.5 }),
        key(arms, { ...corner, corner: "top-right" }),
      ],
    },
    table,
  };
}
