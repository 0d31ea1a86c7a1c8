/** Figure of the rows: predictive log-loss against temperature. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal } from "../../../figure/marks.ts";
import { type Noise, noises, temperings } from "./config.ts";

export function figures(rows: readonly Row[]): Figure[] {
  const temperatures = [...new Set(rows.map((row) => numberOf(row, "temperature")))];
  const table = (Object.keys(noises) as Noise[]).flatMap((noise) =>
    temperings.flatMap((tempering) =>
      temperatures.map((temperature) => {
        const values = rows
          .filter((row) => row["noise"] === noise && row["tempering"] === tempering)
          .filter((row) => row["temperature"] === temperature)
          // Seeds differ in how hard their classes are: what is lost beyond the least compares.
          .map((row) => numberOf(row, "logLoss") - numberOf(row, "least"));
        const [low, high] = interval(values);
        return { noise, tempering, temperature, excess: mean(values), low, high };
      }),
    ),
  );

  const best = bestOf(table);
  const last = Object.keys(noises).at(-1);
  return [
    {
      name: "log-loss",
      title: "Predictive loss against temperature",
      reading:
        "Log-loss of the class beyond that of one who knows the noise, on a root scale, mean over seeds with its interval; the circle is the least of each line. With noise as believed T = 1 is best; with twice the deviation T = 4 is, where the tempered likelihood is the true one. Joint tempering, of the prior too, does not get there.",
      plot: {
        marginTop: 35,
        color: coloured(temperings),
        fx: {
          label: null,
          domain: Object.keys(noises),
          tickFormat: (noise: string) => `noise ${noise}`,
        },
        x: {
          type: "log",
          label: "temperature T",
          grid: true,
          tickFormat: decimal,
          ticks: [0.5, 1, 2, 4, 8, 16],
        },
        y: { type: "sqrt", label: "log-loss beyond the least, nats", grid: true },
        marks: [
          Plot.ruleY([0]),
          Plot.areaY(table, {
            ...{
              fx: "noise",
              x: "temperature",
              y1: "low",
              y2: "high",
              fill: "tempering",
              fillOpacity: 0.15,
            },
          }),
          Plot.lineY(table, {
            fx: "noise",
            x: "temperature",
            y: "excess",
            stroke: "tempering",
            strokeWidth: 2,
          }),
          Plot.dot(best, {
            fx: "noise",
            x: "temperature",
            y: "excess",
            r: 5,
            stroke: "currentColor",
          }),
          ...temperings.map((tempering, k) =>
            Plot.text(
              table.filter(
                (row) =>
                  row.noise === last &&
                  row.tempering === tempering &&
                  row.temperature === temperatures.at(k === 0 ? -4 : -2),
              ),
              {
                ...{
                  fx: "noise",
                  x: "temperature",
                  y: "excess",
                  text: "tempering",
                  fill: "tempering",
                },
                ...(k === 0
                  ? { textAnchor: "start", dx: 8, dy: 12 }
                  : { textAnchor: "end", dx: -8, dy: -8 }),
              },
            ),
          ),
        ],
      },
      table,
    },
  ];
}

type Point = { readonly noise: string; readonly tempering: string; readonly excess: number };

/** The least of every line. */
function bestOf<P extends Point>(table: readonly P[]): P[] {
  const lines = new Map<string, P>();
  for (const point of table) {
    const line = `${point.noise} ${point.tempering}`;
    const before = lines.get(line);
    if (before === undefined || point.excess < before.excess) lines.set(line, point);
  }
  return [...lines.values()];
}
