/** Figures of the rows: variances, and the precision at the minimum and between memories. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured } from "../../../figure/marks.ts";

const names = ["Laplace", "exact", "exact, around one memory"] as const;
/** Where the line of each is named. */
const namedAt = [0.8, 2.5, 3];
const greatest = 12;

export function figures(rows: readonly Row[]): Figure[] {
  const halves = [...new Set(rows.map((row) => numberOf(row, "half")))];
  const table = halves.map((half) => {
    const own = rows.filter((row) => row["half"] === half);
    const of = (name: string): number => mean(own.map((row) => numberOf(row, name)));
    const [low, high] = interval(own.map((row) => numberOf(row, "drawn")));
    const isMinimum = own.every((row) => row["isMinimum"] === true);
    return {
      ...{ half, laplace: of("laplace"), exact: of("exact"), within: of("within") },
      ...{ drawn: of("drawn"), low, high },
      ...{ precision: of("precision"), middle: of("middle"), isMinimum },
    };
  });
  return [variances(table), precisions(table)];
}

interface Point {
  readonly [name: string]: number | boolean;
  readonly half: number;
  readonly laplace: number;
  readonly exact: number;
  readonly within: number;
  readonly drawn: number;
  readonly precision: number;
  readonly middle: number;
  readonly isMinimum: boolean;
}

const axis = { label: "half distance of the two memories", grid: true } as const;
const saddle = Plot.ruleX([1], { stroke: "currentColor", strokeDasharray: "4 4" });
const colours = coloured(names);

function variances(table: readonly Point[]): Figure {
  const series = (["laplace", "exact", "within"] as const).flatMap((name, k) =>
    table
      // A line that leaves the figure is not drawn back into it.
      .filter((point) => point[name] <= greatest)
      .map((point) => ({
        name: names[k] as string,
        side: name === "laplace" ? point.half < 1 : true,
        half: point.half,
        variance: point[name],
      })),
  );
  const labels = names.flatMap((name, k) => {
    const own = series.filter((point) => point.name === name);
    return own.findLast(({ half }) => half <= (namedAt[k] as number)) ?? [];
  });
  return {
    name: "variances",
    title: "Variance of a state between two memories",
    reading:
      "Where memories are near, Laplace's variance at the only minimum is the exact one to second order; towards half distance 1 the minimum flattens and it grows without bound, while the exact variance passes quietly; beyond, it is the variance around one memory and knows nothing of the other. Dots are variances of draws.",
    plot: {
      color: colours,
      x: axis,
      y: { label: "variance", grid: true, domain: [0, greatest] },
      marks: [
        saddle,
        Plot.lineY(series, {
          ...{ x: "half", y: "variance", stroke: "name", strokeWidth: 2 },
          z: ({ name, side }: { name: string; side: boolean }) => `${name} ${side}`,
        }),
        Plot.dot(table, { x: "half", y: "drawn", fill: colours.range[1] as string, r: 3 }),
        ...labels.map((label) =>
          Plot.text([label], {
            ...{ x: "half", y: "variance", text: "name", fill: "name", textAnchor: "end" },
            ...(label.name === names[2] ? { dx: -4, dy: 14 } : { dx: -10, dy: -4 }),
          }),
        ),
      ],
    },
    table: table.map((point) => ({ ...point })),
  };
}

const places = ["at the minimum", "between the memories"] as const;

function precisions(table: readonly Point[]): Figure {
  const series = (["precision", "middle"] as const).flatMap((name, k) =>
    table.map((point) => ({
      place: places[k] as string,
      half: point.half,
      precision: point[name],
    })),
  );
  const shown = series.filter(({ precision }) => precision >= -3);
  const labels = places.flatMap(
    (place) => shown.find((point) => point.place === place && point.half >= 1.5) ?? [],
  );
  return {
    name: "precisions",
    title: "Precision at the minimum and at the saddle",
    reading:
      "1 − Var of the recalled memories: at half distance 1 it is 0, and beyond that it is negative in the middle, which is a saddle: there is no Gaussian there, and the library says so in place of inverting it.",
    plot: {
      color: coloured(places),
      x: axis,
      y: { label: "precision, ∇²F", grid: true },
      marks: [
        Plot.ruleY([0]),
        saddle,
        Plot.lineY(shown, { x: "half", y: "precision", stroke: "place", strokeWidth: 2 }),
        Plot.dot(shown, {
          ...{ x: "half", y: "precision", stroke: "place", r: 3 },
          fill: ({ precision, place }: { precision: number; place: string }) =>
            precision > 0 ? place : "none",
        }),
        ...labels.map((label) =>
          Plot.text([label], {
            ...{ x: "half", y: "precision", text: "place", fill: "place", textAnchor: "start" },
            ...{ dx: 14, dy: label.place === places[0] ? 16 : -4 },
          }),
        ),
      ],
    },
    table: table.map(({ half, precision, middle, isMinimum }) => ({
      half,
      precision,
      middle,
      isMinimum,
    })),
  };
}
