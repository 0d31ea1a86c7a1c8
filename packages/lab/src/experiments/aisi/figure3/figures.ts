/** Figures of the rows: error against cost first, then cost by width and distance, and learning. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal } from "../../../figure/marks.ts";
import { select } from "./verdicts.ts";

export function figures(rows: readonly Row[]): Figure[] {
  const rules = select(rows, { part: "rules" });
  return [
    frontier(select(rows, { part: "groups" })),
    halves(select(rows, { part: "groups" })),
    distance(select(rows, { part: "distance" })),
    width(select(rows, { part: "width" })),
    curves(select(rows, { part: "curve" })),
    ...(rules.length === 0 ? [] : [growth(rules)]),
  ];
}

type Summary = {
  readonly nmse: number;
  readonly nmseLow: number;
  readonly nmseHigh: number;
  readonly R: number;
  readonly RLow: number;
  readonly RHigh: number;
  readonly window: number;
  readonly coverage: number;
  readonly iterations: number;
};

/** Means over seeds, and the intervals of what is drawn. */
function summary(rows: readonly Row[]): Summary {
  const of = (name: string): number[] => rows.map((row) => numberOf(row, name));
  const [[nmseLow, nmseHigh], [RLow, RHigh]] = [interval(of("nmse")), interval(of("operations"))];
  return {
    ...{ nmse: mean(of("nmse")), nmseLow, nmseHigh },
    ...{ R: mean(of("operations")), RLow, RHigh },
    window: mean(of("window")),
    coverage: mean(of("coverage")),
    iterations: mean(of("iterations")),
  };
}

/** Rows with the same cells under these names, summed up. */
function grouped<Name extends string>(
  rows: readonly Row[],
  ...names: readonly Name[]
): (Record<Name, string | number> & Summary)[] {
  const keyOf = (row: Row): string => JSON.stringify(names.map((name) => row[name]));
  const keys = [...new Set(rows.map(keyOf))];
  return keys.map((key) => {
    const own = rows.filter((row) => keyOf(row) === key);
    const cells = Object.fromEntries(names.map((name) => [name, own[0]?.[name]]));
    return { ...(cells as Record<Name, string | number>), ...summary(own) };
  });
}

const kinds = ["fixed q", "per query", "per group", "q known", "uniform"];
const relative = "R: operations / those of self attention";
const error = "error / variance of the target";

function frontier(rows: readonly Row[]): Figure {
  const table = grouped(rows, "arm", "kind");
  const fixed = table.filter(({ kind }) => kind === "fixed q");
  return {
    name: "frontier",
    title: "What it is worth to infer how far to look",
    reading:
      "Error against cost where groups of 8 queries look near or far: below the line of fixed q, inferring q pays. One q per group does; one per query does not.",
    plot: {
      marginRight: 30,
      color: coloured(kinds),
      x: { label: relative, grid: true, domain: [0, Math.max(1.15, ...table.map(({ R }) => R))] },
      y: { label: error, grid: true, nice: true, tickFormat: decimal },
      marks: [
        Plot.lineY(fixed, { x: "R", y: "nmse", stroke: "kind", strokeWidth: 2 }),
        Plot.ruleX(table, { x: "R", y1: "nmseLow", y2: "nmseHigh", stroke: "kind" }),
        Plot.ruleY(table, { y: "nmse", x1: "RLow", x2: "RHigh", stroke: "kind" }),
        Plot.dot(table, { x: "R", y: "nmse", fill: "kind", r: 4 }),
        Plot.text(table, { x: "R", y: "nmse", text: "arm", fill: "kind", dy: -10 }),
      ],
    },
    table,
  };
}

/** Mean windows of near and of far queries. */
function halves(rows: readonly Row[]): Figure {
  const arms = [...new Set(rows.map((row) => String(row["arm"])))];
  const table = arms.flatMap((arm) =>
    ["near", "far"].map((half) => {
      const own = select(rows, { arm });
      const of = (name: string): number[] => own.map((row) => numberOf(row, `${name} ${half}`));
      const [low, high] = interval(of("window"));
      return {
        ...{ arm, half, window: mean(of("window")), low, high },
        ...{ coverage: mean(of("coverage")), nmse: mean(of("nmse")), R: mean(of("operations")) },
      };
    }),
  );
  return {
    name: "windows",
    title: "Keys looked at, by how far queries have to look",
    reading:
      "Mean window of queries that look near and far: a fixed q has one window for both, one q per group comes close to the windows of a q that is known.",
    plot: {
      height: 420,
      marginLeft: 130,
      marginRight: 50,
      color: coloured(["near", "far"]),
      x: { label: "keys looked at", grid: true, domain: [0, 64], nice: true },
      y: { label: null, domain: arms },
      marks: [
        Plot.link(
          table.filter(({ half }) => half === "near"),
          {
            ...{ x1: "window", y1: "arm", y2: "arm", strokeOpacity: 0.5 },
            x2: ({ arm }: { arm: string }) =>
              table.find((row) => row.arm === arm && row.half === "far")?.window,
          },
        ),
        Plot.ruleY(table, { y: "arm", x1: "low", x2: "high", stroke: "half", strokeWidth: 2 }),
        Plot.dot(table, { x: "window", y: "arm", fill: "half", r: 5 }),
        Plot.text(
          table.filter(({ arm }) => arm === arms[0]),
          { x: "window", y: "arm", text: "half", fill: "half" },
        ),
      ],
    },
    table,
  };
}

function distance(rows: readonly Row[]): Figure {
  const all = grouped(rows, "arm", "stop").map((row) => ({
    ...row,
    toStop: 1 / (row.stop as number),
    toGoOn: 1 / (1 - (row.stop as number)),
  }));
  const readings = [
    { reading: "p stops: 1/p is the mean distance", at: "toStop", from: 0, to: 0.5 },
    { reading: "p goes on: 1/p is the pull of the near", at: "toGoOn", from: 0.5, to: 1 },
  ] as const;
  const table = readings.flatMap(({ reading, at, from, to }) =>
    all
      .filter(({ stop }) => (stop as number) >= from && (stop as number) <= to)
      .map((row) => ({ reading, inverse: row[at], ...row })),
  );
  const arms = [...new Set(table.map(({ arm }) => String(arm)))];
  return {
    name: "distance",
    title: "Cost against 1/p, under both readings of p",
    reading:
      "The same measure under two readings of the caption: cost rises with 1/p where p is the probability to stop, and falls where p is the probability to go on.",
    plot: {
      width: 760,
      marginRight: 30,
      color: coloured(arms),
      fx: { label: null, domain: readings.map(({ reading }) => reading) },
      x: { type: "log", label: "1/p", grid: true, ticks: [2, 5, 10, 20], tickFormat: decimal },
      y: { label: relative, grid: true, zero: true },
      marks: marksOf(table, { x: "inverse", fx: "reading", name: "arm" }),
    },
    table,
  };
}

function width(rows: readonly Row[]): Figure {
  const table = grouped(rows, "arm", "width");
  return {
    name: "width",
    title: "Cost against the number of features",
    reading:
      "R of one belief per query falls with the width, since updates cost the same at every width; a fixed q needs none.",
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

/** Lines with their intervals, named at their ends, or in each facet. */
function marksOf(
  table: readonly object[],
  { name, ...places }: { readonly x: string; readonly fx?: string; readonly name: string },
): Plot.Markish[] {
  return [
    Plot.ruleX(table, { ...places, y1: "RLow", y2: "RHigh", stroke: name }),
    Plot.lineY(table, { ...places, y: "R", stroke: name, strokeWidth: 2 }),
    Plot.dot(table, { ...places, y: "R", fill: name, r: 3 }),
    Plot.text(
      table,
      Plot.selectLast({
        ...places,
        y: "R",
        z: name,
        text: name,
        fill: name,
        textAnchor: "start",
        dx: 7,
      }),
    ),
  ];
}

function curves(rows: readonly Row[]): Figure {
  const table = grouped(rows, "arm", "step");
  const last = Math.max(...table.map(({ step }) => step as number));
  return {
    name: "curves",
    title: "Learning curves",
    reading:
      "Error on sequences that were never trained on: under a recency prior the head learns much faster than under self attention's uniform one; the same head that expands scores alike.",
    plot: {
      marginRight: 110,
      color: coloured(["self", "recency prior", "expanding"]),
      x: { label: "step", grid: true },
      y: { type: "log", label: error, grid: true, tickFormat: decimal },
      marks: [
        Plot.areaY(table, {
          x: "step",
          y1: "nmseLow",
          y2: "nmseHigh",
          fill: "arm",
          fillOpacity: 0.15,
        }),
        ...[false, true].map((expands) =>
          Plot.lineY(
            table.filter(({ arm }) => (arm === "expanding") === expands),
            {
              ...{ x: "step", y: "nmse", stroke: "arm", strokeWidth: 2 },
              ...(expands ? { strokeDasharray: "5 4" } : {}),
            },
          ),
        ),
        Plot.text(
          table.filter(({ step }) => step === last),
          {
            ...{ x: "step", y: "nmse", text: "arm", fill: "arm", textAnchor: "start", dx: 6 },
          },
        ),
      ],
    },
    table,
  };
}

function growth(rows: readonly Row[]): Figure {
  const table = grouped(rows, "rule", "start");
  const starts = [...new Set(table.map(({ start }) => String(start)))];
  return {
    name: "rules",
    title: "Rules of growth, and updates",
    reading:
      "Error against cost of the same head: from (1, 4) the rule makes cost and not error; from (1, 1) windows are too short, and rules that look at scores buy some of it back.",
    plot: {
      marginRight: 60,
      color: coloured(starts),
      x: { label: relative, grid: true, zero: true },
      y: { label: error, grid: true, zero: true },
      marks: [
        Plot.dot(table, { x: "R", y: "nmse", fill: "start", r: 4 }),
        Plot.text(table, { x: "R", y: "nmse", text: "rule", fill: "start", dy: -10 }),
      ],
    },
    table,
  };
}
