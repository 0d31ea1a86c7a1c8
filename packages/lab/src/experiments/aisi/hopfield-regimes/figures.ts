/** Figures of the rows: entropy and recall against β, and energies on the way. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal, key } from "../../../figure/marks.ts";
import { arrangements, type Config } from "./config.ts";

/** Nearer than this to its pattern, a cue counts as recalled. */
const near = 0.1;

export function figures(rows: readonly Row[], config: Config): Figure[] {
  return [regimes(rows, config), recall(rows), courses(rows)];
}

interface Point {
  readonly arrangement: string;
  readonly beta: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Mean over cues, and its interval over seeds. */
function against(rows: readonly Row[], of: (row: Row) => number): Point[] {
  const ends = rows.filter((row) => row["check"] === "end");
  const betas = [...new Set(ends.map((row) => numberOf(row, "beta")))];
  return arrangements.flatMap((arrangement) =>
    betas.map((beta) => {
      const own = ends.filter((row) => row["arrangement"] === arrangement && row["beta"] === beta);
      const values = [...new Set(own.map((row) => row["seed"]))].map((seed) =>
        mean(own.filter((row) => row["seed"] === seed).map(of)),
      );
      const [low, high] = interval(values);
      return { arrangement, beta, value: mean(values), low, high };
    }),
  );
}

/** β at which a line is named, where the other one is far. */
const namedAt = { random: 8, "in groups": 23 } as const;

function lines(table: readonly Point[], dy: number): Plot.Markish[] {
  const last = arrangements.flatMap((arrangement) => {
    const own = table.filter((point) => point.arrangement === arrangement);
    return own.find(({ beta }) => beta >= namedAt[arrangement]) ?? [];
  });
  return [
    Plot.areaY(table, {
      ...{ x: "beta", y1: "low", y2: "high", fill: "arrangement", fillOpacity: 0.15 },
    }),
    Plot.lineY(table, { x: "beta", y: "value", stroke: "arrangement", strokeWidth: 2 }),
    Plot.dot(table, { x: "beta", y: "value", fill: "arrangement", r: 3 }),
    Plot.text(last, {
      ...{ x: "beta", y: "value", text: "arrangement", fill: "arrangement" },
      ...{ textAnchor: "start", dx: 8, dy },
    }),
  ];
}

const axis = {
  type: "log",
  label: "inverse temperature β",
  grid: true,
  tickFormat: decimal,
} as const;

function regimes(rows: readonly Row[], { patterns, group }: Config): Figure {
  const table = against(rows, (row) => numberOf(row, "entropy"));
  const levels = [
    { level: Math.log(patterns), text: `all ${patterns} patterns: ln ${patterns}` },
    { level: Math.log(group), text: `one group: ln ${group}` },
    { level: 0, text: "one pattern: 0" },
  ];
  const first = Math.min(...table.map(({ beta }) => beta));
  return {
    name: "regimes",
    title: "Three regimes of recall",
    reading:
      "Entropy of what a state recalls once it has settled, mean over cues with its interval over seeds: the mean of all patterns at small β, single patterns at large β, and between them means of some, which is a plateau at the size of a group where patterns have groups.",
    plot: {
      x: axis,
      y: {
        label: "entropy of the posterior, nats",
        grid: true,
        domain: [-0.2, Math.log(patterns) + 0.3],
      },
      color: coloured(arrangements),
      marks: [
        Plot.ruleY(levels, { y: "level", stroke: "currentColor", strokeDasharray: "4 4" }),
        Plot.text(levels, {
          ...{ x: () => first, y: "level", text: "text", fill: "currentColor" },
          ...{ textAnchor: "start", dx: 4, dy: 9 },
        }),
        ...lines(table, -10),
      ],
    },
    table: table.map((point) => ({ ...point })),
  };
}

function recall(rows: readonly Row[]): Figure {
  const table = against(rows, (row) => (numberOf(row, "distance") < near ? 1 : 0));
  return {
    name: "recall",
    title: "Cues that are recalled",
    reading: `Share of cues that end within ${near} of their pattern, whose length is 1: patterns that are alike need a larger β to be told apart.`,
    plot: {
      x: axis,
      y: { label: "share of cues recalled", grid: true, domain: [0, 1] },
      color: coloured(arrangements),
      marks: lines(table, 14),
    },
    table: table.map((point) => ({ ...point })),
  };
}

/** βs whose way is drawn. */
const drawn = [1, 4, 16, 64];

function courses(rows: readonly Row[]): Figure {
  const own = rows.filter(
    (row) => row["check"] === "course" && drawn.includes(numberOf(row, "beta")),
  );
  const table = arrangements.flatMap((arrangement) =>
    drawn.flatMap((beta) => {
      const of = own.filter((row) => row["arrangement"] === arrangement && row["beta"] === beta);
      return [...new Set(of.map((row) => numberOf(row, "iteration")))].map((iteration) => ({
        arrangement,
        beta: `β = ${beta}`,
        iteration,
        freeEnergy: mean(
          of
            .filter((row) => row["iteration"] === iteration)
            .map((row) => numberOf(row, "freeEnergy")),
        ),
      }));
    }),
  );
  const names = drawn.map((beta) => `β = ${beta}`);
  const shown = table.filter(({ iteration }) => iteration <= 12);
  return {
    name: "courses",
    title: "Free energy on the way",
    reading:
      "Mean free energy over the first iterations: it never rises; most of the way is the first step, and plateaus that are left late are states between patterns.",
    plot: {
      marginTop: 35,
      color: coloured(names),
      fx: { label: null, domain: [...arrangements] },
      x: { label: "iteration", grid: true, ticks: [0, 3, 6, 9, 12] },
      y: { label: "free energy", grid: true },
      marks: [
        Plot.lineY(shown, {
          fx: "arrangement",
          x: "iteration",
          y: "freeEnergy",
          stroke: "beta",
          strokeWidth: 2,
        }),
        // All energies fall in the first steps: this corner is empty.
        key(names, { fx: arrangements.at(-1) as string, corner: "top-right" }),
      ],
    },
    table,
  };
}
