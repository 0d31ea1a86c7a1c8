/** Figure of the rows: the largest rise of each family, beside what rounding makes. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { coloured, decimal } from "../../../figure/marks.ts";

/** Where no rise at all is shown on a logarithmic axis. */
const none = 1e-17;
const rounding = 1e-12;

export function figures(rows: readonly Row[]): Figure[] {
  const table = rows.map((row) => ({
    family: String(row["family"]),
    seed: row["seed"] ?? null,
    updates: numberOf(row, "updates"),
    rises: numberOf(row, "rises"),
    shortfalls: row["shortfalls"] ?? null,
    largestRise: numberOf(row, "largestRise"),
    gradient: row["gradient"] ?? null,
    step: row["step"] ?? null,
  }));
  const shown = table.map((row) => ({
    family: row.family,
    at: Math.max(none, row.largestRise),
    kind: row.rises > 0 ? "rises" : "rounding",
  }));
  const counts = [...new Set(table.map(({ family }) => family))].map((family) => {
    const own = table.filter((row) => row.family === family);
    const sum = (name: "rises" | "updates"): number =>
      own.reduce((total, row) => total + row[name], 0);
    const at = Math.max(none, ...own.map((row) => row.largestRise));
    return { family, at, text: `${sum("rises")} of ${sum("updates")}` };
  });
  return [
    {
      name: "largest-rise",
      title: "Largest rise of the free energy",
      reading:
        "Largest rise after an update, as a share of the terms of the energy, one point a seed, with the number of rises beyond rounding (dashed) among all updates: only latents that an edge joins and that move at once raise it.",
      plot: {
        height: 80 + 26 * counts.length,
        marginLeft: 170,
        marginTop: 30,
        marginRight: 40,
        color: coloured(["rounding", "rises"]),
        x: {
          ...{ type: "log", label: "largest rise / terms of the energy", grid: true },
          ...{ tickFormat: decimal, domain: [none, 1] },
        },
        y: { label: null, domain: counts.map(({ family }) => family), grid: true },
        marks: [
          Plot.ruleX([rounding], { stroke: "currentColor", strokeDasharray: "4 4" }),
          Plot.text([rounding], {
            ...{ x: (at: number) => at, frameAnchor: "top", text: () => "rounding" },
            ...{ dy: -18, fill: "currentColor" },
          }),
          Plot.dot(shown, { x: "at", y: "family", fill: "kind", r: 4 }),
          ...(["start", "end"] as const).map((textAnchor) =>
            Plot.text(
              counts.filter(({ at }) => at > rounding === (textAnchor === "end")),
              {
                ...{ x: "at", y: "family", text: "text", fill: "currentColor", textAnchor },
                dx: textAnchor === "end" ? -10 : 10,
              },
            ),
          ),
        ],
      },
      table,
    },
  ];
}
