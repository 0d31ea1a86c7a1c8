/** Figure of the rows: what each representation loses. */
import * as Plot from "@observablehq/plot";
import type { Figure, Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { centred, coloured, decimal } from "../../../figure/marks.ts";
import type { Config } from "./config.ts";
import { representations } from "./probe.ts";
import { excesses } from "./verdicts.ts";

export function figures(rows: readonly Row[], { families }: Config): Figure[] {
  const names = Object.keys(families);
  const table = names.flatMap((family) =>
    representations.map((representation) => {
      const values = excesses(rows, family, representation);
      const [low, high] = interval(values);
      return { family, representation, excess: mean(values), low, high };
    }),
  );
  // A logarithmic axis has no place for others.
  const shown = table.flatMap(({ low, high }) => [low, high]).filter((value) => value > 0);
  return [
    {
      name: "losses",
      title: "What each representation loses",
      reading:
        "Log-loss of a probe above that of the exact predictive, mean over seeds with its interval; to the left is better. The posterior loses no more than tokens do, and tokens add nothing to it; their mean is enough only where concepts are Gaussian.",
      plot: {
        ...{ width: 760, marginLeft: 150, marginRight: 20, color: coloured(names) },
        fx: { label: null, domain: names, padding: 0.12 },
        x: {
          label: "excess log-loss (nats for a question)",
          type: "log",
          grid: true,
          tickFormat: decimal,
          domain: [Math.min(0.001, ...shown), Math.max(0.1, ...shown)],
          ticks: [0.001, 0.01, 0.1],
          ...centred,
        },
        y: { label: null, domain: representations },
        marks: [
          Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
          Plot.ruleY(table, {
            ...{ fx: "family", y: "representation", x1: "low", x2: "high" },
            ...{ stroke: "family", strokeWidth: 2 },
          }),
          Plot.dot(table, {
            ...{ fx: "family", y: "representation", x: "excess", fill: "family", r: 5 },
          }),
        ],
      },
      table,
    },
  ];
}
