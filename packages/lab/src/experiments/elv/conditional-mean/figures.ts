/** Figures of the rows: errors by length, the angle to softmax, and what is answered. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { centred, coloured, decimal, key } from "../../../figure/marks.ts";
import { anglesOf, exactly, softmaxBias } from "./circle.ts";
import type { Config } from "./config.ts";
import { methods, valuesOf } from "./verdicts.ts";

export function figures(rows: readonly Row[], config: Config): Figure[] {
  return [errors(rows, config), proportion(rows, config), curves(rows, config)];
}

const lengthAxis = ({ lengths }: Config) =>
  ({
    label: "length L (observations)",
    type: "log",
    base: 2,
    ticks: [...lengths],
    tickFormat: decimal,
    grid: true,
    ...centred,
  }) as const;

function errors(rows: readonly Row[], config: Config): Figure {
  const table = methods.flatMap((method) =>
    config.lengths.map((length) => {
      const values = valuesOf(rows, length, method);
      const [low, high] = interval(values);
      return { method: method as string, length, error: mean(values), low, high };
    }),
  );
  const bias = [{ label: "bias of softmax", error: softmaxBias(config.scale) }];
  return {
    name: "errors",
    title: "Errors by length",
    reading:
      "Root mean square error against the exact function, mean over seeds with its interval: the conditional mean and sharpened softmax fall with the length, softmax at a fixed scale stays at the bias that theory predicts, dashed.",
    plot: {
      color: coloured(methods),
      x: lengthAxis(config),
      y: {
        label: "error (RMSE, units of the values)",
        type: "log",
        grid: true,
        tickFormat: decimal,
        ...centred,
      },
      marks: [
        Plot.ruleY(bias, { y: "error", stroke: "currentColor", strokeDasharray: "4 4" }),
        Plot.text(bias, {
          ...{ x: () => config.lengths.at(-1), y: "error", text: "label", fill: "currentColor" },
          ...{ textAnchor: "end", dy: 10 },
        }),
        ...lines(table, "method", "error"),
        key(methods, { corner: "bottom-left" }),
      ],
    },
    table: [
      ...table,
      ...bias.map(({ label, error }) => ({
        method: label,
        length: null,
        error,
        low: null,
        high: null,
      })),
    ],
  };
}

const lines = (table: readonly Row[], by: string, y: string): Plot.Markish[] => [
  Plot.areaY(table, { x: "length", y1: "low", y2: "high", fill: by, fillOpacity: 0.15 }),
  Plot.lineY(table, { x: "length", y, stroke: by, strokeWidth: 2, marker: "dot" }),
];

function proportion(rows: readonly Row[], config: Config): Figure {
  const table = config.lengths.map((length) => {
    const values = valuesOf(rows, length, null);
    const [low, high] = interval(values);
    return { name: "measured", length, angle: mean(values), low, high };
  });
  const [first] = table;
  const inverse = config.lengths.map((length) => ({
    length,
    angle: ((first?.angle ?? 0) * (first?.length ?? 0)) / length,
  }));
  return {
    name: "proportion",
    title: "Conditional mean and softmax become proportional",
    reading:
      "One less the cosine of the angle between softmax attention and a conditional mean whose ridge grows as the length, mean over seeds with its interval; dashed, a fall as 1/L.",
    plot: {
      color: coloured(["measured"]),
      x: lengthAxis(config),
      y: { label: "1 − cosine", type: "log", grid: true, tickFormat: decimal, ...centred },
      marks: [
        Plot.lineY(inverse, {
          x: "length",
          y: "angle",
          stroke: "currentColor",
          strokeDasharray: "4 4",
        }),
        ...lines(table, "name", "angle"),
      ],
    },
    table,
  };
}

function curves(rows: readonly Row[], { lengths, queries }: Config): Figure {
  const shown = [lengths[0], lengths.at(-1)] as number[];
  const panel = (length: number): string => `L = ${length}`;
  const table = rows
    .filter((row) => row["part"] === "curve" && shown.includes(numberOf(row, "length")))
    .map((row) => {
      const turns = numberOf(row, "angle") / (2 * Math.PI);
      const length = panel(numberOf(row, "length"));
      return { length, method: String(row["method"]), turns, value: numberOf(row, "value") };
    });
  const exact = shown.flatMap((length) =>
    anglesOf(queries).map((angle) => {
      const turns = angle / (2 * Math.PI);
      return { length: panel(length), method: "exact", turns, value: exactly(angle) };
    }),
  );
  return {
    name: "answers",
    title: "What is answered",
    reading:
      "Answers of one draw around the circle; dashed, the function: softmax at a fixed scale flattens it however much it sees.",
    plot: {
      ...{ width: 760, color: coloured(methods) },
      fx: { label: null, domain: shown.map(panel), padding: 0.12 },
      x: { label: "angle (turns)", ...centred },
      y: { label: "value", grid: true, ...centred },
      marks: [
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
        Plot.lineY(table, {
          fx: "length",
          x: "turns",
          y: "value",
          stroke: "method",
          strokeWidth: 1.7,
        }),
        Plot.lineY(exact, {
          ...{ fx: "length", x: "turns", y: "value", stroke: "currentColor" },
          strokeDasharray: "4 4",
        }),
        key(methods, { fx: panel(shown[1] as number), corner: "bottom-right" }),
      ],
    },
    table: [...table, ...exact],
  };
}
