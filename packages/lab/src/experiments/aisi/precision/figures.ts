/** Figures of the rows: courses, how edges share a precision, and one network's shares. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal } from "../../../figure/marks.ts";
import { variants } from "./network.ts";

const of = (rows: readonly Row[], check: string): Row[] =>
  rows.filter((row) => row["check"] === check);

export function figures(rows: readonly Row[]): Figure[] {
  return [courses(of(rows, "settling")), winners(of(rows, "sharpening")), shares(rows)];
}

function courses(rows: readonly Row[]): Figure {
  const iterations = [...new Set(rows.map((row) => numberOf(row, "iteration")))];
  const starts = new Map<string, number>();
  const networkOf = (row: Row): string =>
    ["seed", "network", "variant"].map((name) => row[name]).join(" ");
  for (const row of rows)
    if (row["iteration"] === 0) starts.set(networkOf(row), numberOf(row, "freeEnergy"));
  const table = variants.flatMap((variant) =>
    iterations.map((iteration) => {
      const own = rows.filter(
        (row) => row["variant"] === variant && row["iteration"] === iteration,
      );
      const left = own.map(
        (row) => numberOf(row, "freeEnergy") / (starts.get(networkOf(row)) as number),
      );
      return {
        variant,
        iteration,
        left: mean(left),
        error: mean(own.map((row) => numberOf(row, "error"))),
      };
    }),
  );
  return {
    name: "courses",
    title: "Free energy of the three networks",
    reading:
      "Mean free energy as a share of that at the start, each network going down its own gradient from the same states at the same rate: edges that share a unit's precision pull less than edges that have all of it each, so the structural network moves slowest; the edgewise one settles where its errors still stand against each other.",
    plot: {
      marginRight: 90,
      color: coloured(variants),
      x: { label: "iteration", grid: true },
      y: { label: "free energy / free energy at the start", grid: true, domain: [0, 1] },
      marks: [
        Plot.lineY(table, { x: "iteration", y: "left", stroke: "variant", strokeWidth: 2 }),
        Plot.text(
          table.filter(({ iteration }) => iteration === iterations.at(-1)),
          {
            ...{ x: "iteration", y: "left", text: "variant", fill: "variant" },
            ...{ textAnchor: "start", dx: 6 },
          },
        ),
      ],
    },
    table,
  };
}

function winners(rows: readonly Row[]): Figure {
  const factors = [...new Set(rows.map((row) => numberOf(row, "factor")))];
  const table = factors.map((factor) => {
    const own = rows.filter((row) => row["factor"] === factor);
    const bySeed = [...new Set(own.map((row) => row["seed"]))].map((seed) =>
      mean(own.filter((row) => row["seed"] === seed).map((row) => numberOf(row, "parents"))),
    );
    const [low, high] = interval(bySeed);
    const strongest = mean(own.map((row) => numberOf(row, "strongest")));
    return { factor, parents: mean(bySeed), low, high, strongest };
  });
  const colour = coloured([""]).range[0] as string;
  return {
    name: "winner-takes-all",
    title: "From shared precision to winner takes all",
    reading:
      "Number of parents that share a unit's precision, exp of the entropy of its edges, in settled networks whose precisions are all multiplied by a factor: at a small precision all parents have a part, at a large one only the best.",
    plot: {
      x: { type: "log", label: "factor of all precisions", grid: true, tickFormat: decimal },
      y: {
        label: "parents that share, exp H",
        grid: true,
        domain: [0, 1 + Math.max(...table.map(({ parents }) => parents))],
      },
      marks: [
        Plot.ruleY([1], { stroke: "currentColor", strokeDasharray: "4 4" }),
        Plot.areaY(table, { x: "factor", y1: "low", y2: "high", fill: colour, fillOpacity: 0.2 }),
        Plot.lineY(table, { x: "factor", y: "parents", stroke: colour, strokeWidth: 2 }),
        Plot.dot(table, { x: "factor", y: "parents", fill: colour, r: 4 }),
      ],
    },
    table,
  };
}

/** Effective precisions of the first network at three factors. */
function shares(rows: readonly Row[]): Figure {
  const own = of(rows, "sharpening");
  const [first] = own;
  const factors = [...new Set(own.map((row) => numberOf(row, "factor")))];
  const shown = [0, 0.5, 1].map((share) => factors[Math.round(share * (factors.length - 1))]);
  const table = own
    .filter((row) => row["seed"] === first?.["seed"] && row["network"] === first?.["network"])
    .filter((row) => shown.includes(numberOf(row, "factor")))
    .flatMap((row) =>
      String(row["shares"])
        .split(" ")
        .map((precision, parent) => ({
          factor: numberOf(row, "factor"),
          unit: numberOf(row, "unit") + 1,
          parent: parent + 1,
          precision: Number(precision),
          share: Number(precision) / numberOf(row, "precision"),
        })),
    );
  return {
    name: "effective-precision",
    title: "Precision of each edge",
    reading:
      "P k of the edges of one network as a share of their unit's k, at three factors of all precisions: rows sum to 1, and the best edge takes over.",
    plot: {
      height: 300,
      color: {
        type: "linear",
        range: ["#eef4fa", coloured([""]).range[0] as string],
        domain: [0, 1],
      },
      marginTop: 35,
      fx: { label: null, padding: 0.08, tickFormat: (by: number) => `all k times ${decimal(by)}` },
      x: { label: "hidden unit", tickFormat: String, padding: 0 },
      y: { label: "unit of the bottom layer", tickFormat: String, padding: 0 },
      marks: [
        Plot.cell(table, { fx: "factor", x: "parent", y: "unit", fill: "share", inset: 0.5 }),
        Plot.text(table, {
          ...{ fx: "factor", x: "parent", y: "unit", fontSize: 9, fill: "black" },
          text: ({ share }: { share: number }) => (share < 0.005 ? "" : share.toFixed(2)),
        }),
      ],
    },
    table,
  };
}
