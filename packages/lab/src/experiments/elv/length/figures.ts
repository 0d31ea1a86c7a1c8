/** Figures of the rows: excess risk by sequences, lengths not trained on, the probe. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { centred, coloured, decimal, key } from "../../../figure/marks.ts";
import type { Config } from "./config.ts";
import { gapsOf, valuesOf } from "./verdicts.ts";

export function figures(rows: readonly Row[], config: Config): Figure[] {
  return [risk(rows, config), transfer(rows, config), probe(rows, config)];
}

const nameOf = (length: number): string => `L = ${length}`;
const learnedAt = (length: number): string => `learned at ${length}`;

const summary = (values: readonly number[]) => {
  const [low, high] = interval(values);
  return { value: mean(values), low, high };
};

const curves = (table: readonly Row[], x: string): Plot.Markish[] => [
  Plot.areaY(table, { x, y1: "low", y2: "high", fill: "length", fillOpacity: 0.12 }),
  Plot.lineY(table, { x, y: "value", stroke: "length", strokeWidth: 2, marker: "dot" }),
];

const powers = (label: string, ticks: readonly number[]) =>
  ({
    label,
    type: "log",
    base: 2,
    ticks: [...ticks],
    tickFormat: decimal,
    grid: true,
    ...centred,
  }) as const;

const losses = {
  label: "excess risk (nats)",
  type: "log",
  grid: true,
  tickFormat: decimal,
  ...centred,
} as const;

function risk(rows: readonly Row[], { lengths, sequences }: Config): Figure {
  const table = lengths.flatMap((length) =>
    sequences.map((count) => {
      const values = valuesOf(rows, "answer", length, count, "excess");
      return { length: nameOf(length), sequences: count, ...summary(values) };
    }),
  );
  const top = Math.max(...table.map(({ value }) => value));
  const inverse = sequences.map((count) => ({
    sequences: count,
    value: (top * (sequences[0] as number)) / count,
  }));
  return {
    name: "risk",
    title: "Excess risk by sequences",
    reading:
      "Log-loss above that of the exact predictive, mean over seeds with its interval: it falls as 1/N, dashed, at every length, and is no greater where sequences are longer.",
    plot: {
      color: coloured(lengths.map(nameOf)),
      x: powers("sequences N", sequences),
      y: losses,
      marks: [
        Plot.lineY(inverse, {
          x: "sequences",
          y: "value",
          stroke: "currentColor",
          strokeDasharray: "4 4",
        }),
        ...curves(table, "sequences"),
        key(lengths.map(nameOf), { corner: "bottom-left" }),
      ],
    },
    table,
  };
}

function transfer(rows: readonly Row[], { lengths, sequences }: Config): Figure {
  const table = lengths.flatMap((length) =>
    lengths.map((tested) => {
      const values = rows
        .filter(
          (row) =>
            row["part"] === "transfer" && row["length"] === length && row["tested"] === tested,
        )
        .map((row) => numberOf(row, "excess"));
      return { length: learnedAt(length), tested, ...summary(values) };
    }),
  );
  return {
    name: "transfer",
    title: "Lengths that were not trained on",
    reading: `Excess risk at other lengths of what was learned from ${sequences.at(-1)} sequences of one length, mean over seeds with its interval.`,
    plot: {
      // Room for the names, which no band reaches.
      insetTop: 12 + 14 * lengths.length,
      color: coloured(lengths.map(learnedAt)),
      x: powers("length at the test", lengths),
      y: losses,
      marks: [...curves(table, "tested"), key(lengths.map(learnedAt), { corner: "top-left" })],
    },
    table,
  };
}

function probe(rows: readonly Row[], { lengths, sequences }: Config): Figure {
  const table = lengths.flatMap((length) =>
    sequences.map((count) => {
      const exact = mean(valuesOf(rows, "masked token", length, count, "bayes"));
      return {
        length: nameOf(length),
        sequences: count,
        exact,
        ...summary(gapsOf(rows, length, count)),
      };
    }),
  );
  return {
    name: "probe",
    title: "A linear probe after learning to fill in tokens",
    reading:
      "Accuracy for concepts that a linear probe on the layer's posterior misses of that of the exact posterior, mean over seeds with its interval.",
    plot: {
      color: coloured(lengths.map(nameOf)),
      x: powers("sequences N without labels", sequences),
      y: { label: "missing accuracy", grid: true, zero: true, ...centred },
      marks: [
        Plot.ruleY([0], { stroke: "currentColor" }),
        ...curves(table, "sequences"),
        key(lengths.map(nameOf), { corner: "top-right" }),
      ],
    },
    table,
  };
}
