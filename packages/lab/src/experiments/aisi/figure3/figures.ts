/** Figures of the rows: error against cost first, then cost by width and distance, and learning. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal, hollow, key } from "../../../figure/marks.ts";
import { distance, relative, width } from "./costs.ts";
import { grids } from "./grid.ts";
import { grouped, select } from "./rows.ts";

export function figures(rows: readonly Row[]): Figure[] {
  const rules = select(rows, { part: "rules" });
  return [
    frontier(select(rows, { part: "groups" })),
    halves(select(rows, { part: "groups" })),
    distance(select(rows, { part: "distance" })),
    width(select(rows, { part: "width" })),
    curves(select(rows, { part: "curve" })),
    ...(rules.length === 0 ? [] : [growth(rules)]),
    ...grids(select(rows, { part: "grid" })),
  ];
}

const kinds = [
  ...["fixed q", "per query", "per group", "q known", "uniform"],
  ...["mean field", "q summed out"],
];
const error = "error / variance of the target";

function frontier(rows: readonly Row[]): Figure {
  const table = grouped(rows, "arm", "kind");
  const widest = Math.max(1.2, ...table.map(({ R }) => R));
  const fixed = table.filter(({ kind }) => kind === "fixed q");
  return {
    name: "frontier",
    title: "What it is worth to infer how far to look",
    reading:
      "Error against cost where groups of queries look near or far: an arm below the line of fixed q errs less than a prior of its cost that infers nothing. Rings start from the hyper-prior (1, 1), discs from (1, 4).",
    plot: {
      marginRight: 30,
      color: coloured(kinds),
      x: { label: relative, grid: true, domain: [0, widest] },
      y: { label: error, grid: true, nice: true },
      marks: [
        Plot.lineY(fixed, { x: "R", y: "nmse", stroke: "kind", strokeWidth: 2 }),
        Plot.ruleX(table, { x: "R", y1: "nmseLow", y2: "nmseHigh", stroke: "kind" }),
        Plot.ruleY(table, { y: "nmse", x1: "RLow", x2: "RHigh", stroke: "kind" }),
        ...[false, true].map((isShort) =>
          Plot.dot(
            table.filter(({ arm }) => String(arm).endsWith("(1, 1)") === isShort),
            { x: "R", y: "nmse", r: 4, stroke: "kind", ...(isShort ? hollow : { fill: "kind" }) },
          ),
        ),
        ...beside.map(({ of, ...place }) =>
          Plot.text(fixed.filter(of), {
            ...{ x: "R", y: "nmse", text: "arm", fill: "kind", textAnchor: "start" },
            ...place,
          }),
        ),
        key(kinds, { corner: "top-right" }),
      ],
    },
    table,
  };
}

/** Where names stand, so that none lies on the line, which falls and then is flat. */
const beside: readonly (Plot.TextOptions & { readonly of: (point: { R: number }) => boolean })[] = [
  { of: ({ R }) => R < 0.6, textAnchor: "end", dx: -7, dy: 10 },
  { of: ({ R }) => R >= 0.6 && R < 1, dx: -14, dy: -12 },
  { of: ({ R }) => R >= 1, dx: 9, dy: 4 },
];

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
      "Mean window of queries that look near and far: a fixed q has one window for both, a known one the two that would do.",
    plot: {
      height: 420,
      marginLeft: 130,
      marginRight: 50,
      color: coloured(["near", "far"]),
      x: {
        label: "keys looked at",
        grid: true,
        domain: [0, Math.max(...table.map(({ window }) => window))],
        nice: true,
      },
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
        ...(["near", "far"] as const).flatMap((half) => {
          const own = table.filter((row) => row.half === half);
          const of = { x: "window", y: "arm", fill: "half" };
          // One window for both shows as a dot within a dot.
          const [r, dx, textAnchor] =
            half === "near" ? [6, -10, "end" as const] : [3.5, 8, "start" as const];
          const named = own.filter(({ arm }) => arm === "q known");
          return [
            Plot.dot(own, { ...of, r }),
            Plot.text(named, { ...of, text: "half", textAnchor, dx }),
          ];
        }),
      ],
    },
    table,
  };
}

function curves(rows: readonly Row[]): Figure {
  const table = grouped(rows, "keys", "arm", "step");
  const last = Math.max(...table.map(({ step }) => step as number));
  const panels = [...new Set(table.map(({ keys }) => keys as number))];
  const of = { x: "step", fx: "keys" };
  return {
    name: "curves",
    title: "Learning curves",
    reading:
      "Error on sequences that were never trained on: a head under self attention's uniform prior, one under a recency prior, and, dashed, the latter where it expands instead.",
    plot: {
      width: panels.length > 1 ? 800 : 640,
      marginRight: 110,
      marginTop: 35,
      insetBottom: 14,
      color: coloured(["self", "recency prior", "expanding"]),
      fx: { label: null, domain: panels, tickFormat: (keys: number) => `${keys} keys` },
      x: { label: "step", grid: true, ticks: 4 },
      y: { type: "log", label: error, labelAnchor: "center", grid: true, tickFormat: decimal },
      marks: [
        Plot.areaY(table, {
          ...of,
          y1: "nmseLow",
          y2: "nmseHigh",
          fill: "arm",
          fillOpacity: 0.15,
        }),
        ...[false, true].map((expands) =>
          Plot.lineY(
            table.filter(({ arm }) => (arm === "expanding") === expands),
            {
              ...{ ...of, y: "nmse", stroke: "arm", strokeWidth: 2 },
              ...(expands ? { strokeDasharray: "5 4" } : {}),
            },
          ),
        ),
        ...[-6, 6].map((dy) =>
          Plot.text(
            table.filter(
              ({ arm, step, keys }) =>
                step === last && keys === panels.at(-1) && (arm === "expanding") === dy < 0,
            ),
            { ...of, y: "nmse", text: "arm", fill: "arm", textAnchor: "start", dx: 6, dy },
          ),
        ),
      ],
    },
    table,
  };
}

function growth(rows: readonly Row[]): Figure {
  const table = grouped(rows, "rule", "start");
  const ends = [...new Set(table.map(({ rule }) => String(rule)))].map((rule) => {
    const at = (start: string) => table.find((row) => row.rule === rule && row.start === start);
    const [short, long] = [at("(1, 1)"), at("(1, 4)")];
    return { rule, R: short?.R, nmse: short?.nmse, toR: long?.R, toNmse: long?.nmse };
  });
  return {
    name: "rules",
    title: "Rules of growth, and updates",
    reading:
      "Error against cost of one head, from the hyper-prior (1, 1), named, to (1, 4), filled: R1 grows by the prior alone, R2 and R3 by scores too.",
    plot: {
      marginRight: 110,
      color: coloured(ends.map(({ rule }) => rule)),
      x: { label: relative, grid: true, zero: true },
      y: { label: error, grid: true, zero: true, nice: true },
      marks: [
        Plot.link(ends, {
          ...{ x1: "R", y1: "nmse", x2: "toR", y2: "toNmse", stroke: "rule", strokeOpacity: 0.6 },
        }),
        Plot.dot(ends, { x: "R", y: "nmse", stroke: "rule", strokeWidth: 2, r: 4 }),
        Plot.dot(ends, { x: "toR", y: "toNmse", fill: "rule", r: 4 }),
        Plot.text(ends, {
          ...{ x: "R", y: "nmse", text: "rule", fill: "rule", textAnchor: "start", dx: 8, dy: -4 },
        }),
      ],
    },
    table,
  };
}
