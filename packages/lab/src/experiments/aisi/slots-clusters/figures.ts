/** Figures of the rows: agreement with the clusters, and energies, against iterations. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal } from "../../../figure/marks.ts";
import { updates } from "./config.ts";

export function figures(rows: readonly Row[]): Figure[] {
  return [agreement(rows), energies(rows)];
}

const distinct = (rows: readonly Row[], name: string): number[] => [
  ...new Set(rows.map((row) => numberOf(row, name))),
];

function agreement(rows: readonly Row[]): Figure {
  const iterations = distinct(rows, "iteration");
  const table = distinct(rows, "clusters").flatMap((clusters) =>
    updates.flatMap((update) =>
      iterations.map((iteration) => {
        const own = rows.filter(
          (row) =>
            row["clusters"] === clusters &&
            row["update"] === update &&
            row["iteration"] === iteration,
        );
        const values = distinct(own, "seed").map((seed) =>
          mean(own.filter((row) => row["seed"] === seed).map((row) => numberOf(row, "agreement"))),
        );
        const [low, high] = interval(values);
        return { clusters, update, iteration, agreement: mean(values), low, high };
      }),
    ),
  );
  const most = Math.max(...table.map(({ clusters }) => clusters));
  return {
    name: "agreement",
    title: "Agreement of slots with clusters",
    reading:
      "Adjusted Rand index of the slot that each point chooses, mean over scenes with its interval over seeds. Means under distances find most clusters; sums find fewer; where the softmax is over inputs, slots do not compete and end in the same places, and agreement falls again after the first steps.",
    plot: {
      marginRight: 80,
      marginTop: 35,
      color: coloured(updates),
      fx: { label: null, tickFormat: (clusters: number) => `${clusters} clusters` },
      x: { label: "iteration", grid: true, ticks: 4 },
      y: { label: "adjusted Rand index", grid: true, domain: [0, 1] },
      marks: [
        Plot.areaY(table, {
          ...{ fx: "clusters", x: "iteration", y1: "low", y2: "high" },
          ...{ fill: "update", fillOpacity: 0.15 },
        }),
        Plot.lineY(table, {
          ...{ fx: "clusters", x: "iteration", y: "agreement", stroke: "update", strokeWidth: 2 },
        }),
        Plot.text(
          table.filter((row) => row.clusters === most && row.iteration === iterations.at(-1)),
          {
            ...{ fx: "clusters", x: "iteration", y: "agreement", text: "update", fill: "update" },
            ...{ textAnchor: "start", dx: 6 },
          },
        ),
      ],
    },
    table,
  };
}

/** Share of its way below which an energy counts as arrived. */
const least = 1e-6;

/** Energy as a share of its way: 1 at the start, 0 at the least that was seen. */
function energies(rows: readonly Row[]): Figure {
  const iterations = distinct(rows, "iteration");
  const scenes = new Map<string, number[]>();
  for (const row of rows) {
    const scene = ["seed", "clusters", "scene", "update"].map((name) => row[name]).join(" ");
    scenes.set(scene, [...(scenes.get(scene) ?? []), numberOf(row, "freeEnergy")]);
  }
  const table = updates.flatMap((update) => {
    const own = [...scenes].filter(([scene]) => scene.endsWith(update)).map(([, course]) => course);
    const shares = own.map((course) => {
      const [start = 0] = course;
      const end = Math.min(...course);
      return course.map((energy) => (start === end ? 0 : (energy - end) / (start - end)));
    });
    const rises = own.map(
      (course) =>
        course.filter((energy, k) => {
          const before = course[k - 1] ?? energy;
          return energy > before + 1e-12 * Math.max(1, Math.abs(before));
        }).length,
    );
    return iterations.map((iteration, k) => ({
      update,
      iteration,
      left: mean(shares.map((share) => share[k] as number)),
      scenes: own.length,
      scenesThatRise: rises.filter((count) => count > 0).length,
    }));
  });
  // A logarithmic axis ends somewhere: what is left below it is nothing.
  const shown = table.filter(({ left }) => left >= least);
  const ends = updates.flatMap(
    (update) => shown.findLast((row) => row.update === update && row.iteration <= 9) ?? [],
  );
  return {
    name: "energies",
    title: "Energies on the way",
    reading:
      "Free energy as a share of its way from the start (1) to the least that the scene saw (0), mean over scenes: of the slots' energy for sums, of the mixture's for means, and of the slots' energy where the softmax is over the wrong axis, which it does not follow. A line ends where nothing is left. Named with the number of scenes in which it rose.",
    plot: {
      color: coloured(updates),
      x: { label: "iteration", grid: true },
      y: {
        ...{ type: "log", label: "energy left, share of its way", grid: true },
        ...{ tickFormat: decimal, domain: [least, 1] },
      },
      marks: [
        Plot.lineY(shown, { x: "iteration", y: "left", stroke: "update", strokeWidth: 2 }),
        Plot.text(ends, {
          ...{ x: "iteration", y: "left", fill: "update", textAnchor: "start", dx: 6, dy: -8 },
          text: ({ update, scenes: all, scenesThatRise }: (typeof ends)[number]) =>
            `${update}: rose in ${scenesThatRise} of ${all}`,
        }),
      ],
    },
    table,
  };
}
