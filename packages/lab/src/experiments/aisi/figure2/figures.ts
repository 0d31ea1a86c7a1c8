/** Figures of the rows: learning curves, and where the last node looks. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal, key } from "../../../figure/marks.ts";
import { arms as allArms } from "./models.ts";

export function figures(rows: readonly Row[]): Figure[] {
  const regimes = [...new Set(rows.map((row) => String(row["regime"])))];
  return [...regimes.map((regime) => curves(rows, regime)), weights(rows, regimes[0] ?? "")];
}

function curves(rows: readonly Row[], regime: string): Figure {
  const own = rows.filter((row) => row["regime"] === regime);
  const arms = [...new Set(own.map((row) => String(row["arm"])))];
  const steps = [...new Set(own.map((row) => numberOf(row, "step")))];
  const table = arms.flatMap((arm) =>
    steps.map((step) => {
      const values = own
        .filter((row) => row["arm"] === arm && row["step"] === step)
        .map((row) => numberOf(row, "nmse"));
      const [low, high] = interval(values);
      return { model: arm, step, nmse: mean(values), low, high };
    }),
  );
  const lines = ["knowsFirst", "knowsZeroth"].map((name) => ({
    label: name === "knowsFirst" ? "best that knows x₁" : "best that knows x₀",
    nmse: mean(own.map((row) => numberOf(row, name))),
  }));
  return {
    name: `curves-${regime.replaceAll(/[^a-z0-9]+/g, "-")}`,
    title: `Learning curves, ${regime}`,
    reading:
      "Normalised error on sequences that were never trained on, mean over seeds with its interval; dashed, the least error of one who knows one of the two nodes exactly.",
    plot: {
      marginRight: 130,
      // Room for the names of models, which no curve reaches.
      insetTop: 12 + 14 * arms.length,
      color: coloured(allArms),
      x: { label: "step", grid: true },
      y: { type: "log", label: "error / variance of the target", grid: true, tickFormat: decimal },
      marks: [
        Plot.areaY(table, { x: "step", y1: "low", y2: "high", fill: "model", fillOpacity: 0.15 }),
        Plot.lineY(table, { x: "step", y: "nmse", stroke: "model", strokeWidth: 2 }),
        Plot.ruleY(lines, { y: "nmse", stroke: "currentColor", strokeDasharray: "4 4" }),
        Plot.text(lines, {
          ...{ x: steps.at(-1) ?? 0, y: "nmse", text: "label", fill: "currentColor" },
          ...{ textAnchor: "start", dx: 6 },
        }),
        key(arms, { corner: "top-right" }),
      ],
    },
    table: [
      ...table,
      ...lines.map(({ label, nmse }) => ({
        model: label,
        step: null,
        nmse,
        low: null,
        high: null,
      })),
    ],
  };
}

function weights(rows: readonly Row[], regime: string): Figure {
  const own = rows.filter((row) => row["regime"] === regime && row["final"] === true);
  const arms = [...new Set(own.map((row) => String(row["arm"])))];
  const table = arms.flatMap((arm) =>
    (["onFirst", "onZeroth"] as const).map((name) => {
      const values = own.filter((row) => row["arm"] === arm).map((row) => numberOf(row, name));
      const [low, high] = interval(values);
      return {
        model: arm,
        node: name === "onFirst" ? "x₁" : "x₀",
        weight: mean(values),
        low,
        high,
      };
    }),
  );
  return {
    name: "weights",
    title: "Where the last node looks",
    reading:
      "Mean weight of the last node on the two nodes that matter; of multihop, in the row of P + P², whose total is 2, and of two layers in the second one.",
    plot: {
      color: coloured(["x₁", "x₀"]),
      fx: { label: null, domain: arms },
      x: { label: null, domain: ["x₁", "x₀"] },
      y: { label: "weight", grid: true, domain: [0, 1] },
      marks: [
        Plot.barY(table, { fx: "model", x: "node", y: "weight", fill: "node" }),
        Plot.ruleX(table, {
          fx: "model",
          x: "node",
          y1: "low",
          y2: "high",
          stroke: "currentColor",
        }),
        Plot.ruleY([0]),
      ],
    },
    table,
  };
}
