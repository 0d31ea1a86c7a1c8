/** Figures of the rows: scores by clicks, gains over plain attention, effort, and settings. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { coloured, decimal } from "../../../figure/marks.ts";
import { type Arm, arms } from "./arms.ts";
import type { Config } from "./config.ts";
import { gains } from "./verdicts.ts";

/** Counts of clicks that tables give. */
const told = [0, 1, 2, 3, 5, 10, 20];

export function figures(rows: readonly Row[], config: Config): Figure[] {
  return [scores(rows, config), gained(rows, config), effort(rows, config), settings(rows, config)];
}

const noiseOf = (keyNoise: number): string => `key noise ${decimal(keyNoise)}`;
const panels = { label: null, padding: 0.12 } as const;

function scores(rows: readonly Row[], { keyNoises, clicks }: Config): Figure {
  const table = keyNoises.flatMap((keyNoise) =>
    arms.flatMap((arm) =>
      Array.from({ length: clicks + 1 }, (_, click) => {
        const values = scored(rows, keyNoise, arm, click);
        const [low, high] = interval(values);
        return { panel: noiseOf(keyNoise), arm, clicks: click, iou: mean(values), low, high };
      }),
    ),
  );
  return {
    name: "scores",
    title: "Mean IoU by clicks",
    reading:
      "Mean over scenes with its interval: adapting keys lifts the whole curve; propagating values lifts its end, where keys are noisy.",
    plot: {
      ...{ width: 860, marginRight: 60, color: coloured(arms) },
      fx: { ...panels, domain: keyNoises.map(noiseOf) },
      x: { label: "clicks", grid: true },
      y: { label: "mean IoU of target and rest", grid: true },
      marks: [
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
        Plot.areaY(table, {
          ...{ fx: "panel", x: "clicks", y1: "low", y2: "high", fill: "arm", fillOpacity: 0.12 },
        }),
        Plot.lineY(table, { fx: "panel", x: "clicks", y: "iou", stroke: "arm", strokeWidth: 2 }),
        Plot.text(
          apart(
            table.filter(
              ({ panel, clicks: at }) => at === clicks && panel === noiseOf(keyNoises.at(-1) ?? 0),
            ),
          ),
          { fx: "panel", x: "clicks", y: "at", text: "arm", fill: "arm", ...beside },
        ),
      ],
    },
    table,
  };
}

const beside = { textAnchor: "start", dx: 6 } as const;

/** Ends of curves with places for their names, which do not overlap. */
function apart<End extends { readonly iou: number }>(
  ends: readonly End[],
): (End & { at: number })[] {
  const least = 0.022;
  let below = Number.NEGATIVE_INFINITY;
  return [...ends]
    .sort((a, b) => a.iou - b.iou)
    .map((end) => {
      below = Math.max(end.iou, below + least);
      return { ...end, at: below };
    });
}

function gained(rows: readonly Row[], { keyNoises, clicks }: Config): Figure {
  const counts = told.filter((count) => count <= clicks);
  const table = keyNoises.flatMap((keyNoise) =>
    arms.slice(1).flatMap((arm) =>
      counts.map((count) => {
        const values = gains(rows, keyNoise, arm, [count]).map((gain) => 100 * gain);
        const [low, high] = interval(values);
        return { panel: noiseOf(keyNoise), arm, clicks: count, gain: mean(values), low, high };
      }),
    ),
  );
  return {
    name: "gains",
    title: "Gains over plain attention",
    reading:
      "Gain of each arm on the same scenes, with its interval: above the line, adapting helps; values help only where keys are noisy.",
    plot: {
      ...{ width: 860, marginRight: 20, color: coloured(arms) },
      fx: { ...panels, domain: keyNoises.map(noiseOf) },
      x: { label: "clicks", type: "point", domain: counts },
      y: { label: "gain (points of mean IoU)", grid: true },
      marks: [
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
        Plot.ruleY([0], { stroke: "currentColor" }),
        ...arms.slice(1).flatMap((arm, k) => {
          const own = table.filter((row) => row.arm === arm);
          const moved = 5 * (k - 1);
          return [
            Plot.lineY(own, { fx: "panel", x: "clicks", y: "gain", stroke: "arm", dx: moved }),
            Plot.ruleX(own, {
              ...{ fx: "panel", x: "clicks", y1: "low", y2: "high", stroke: "arm", dx: moved },
            }),
            Plot.dot(own, { fx: "panel", x: "clicks", y: "gain", fill: "arm", r: 3, dx: moved }),
          ];
        }),
        Plot.text(
          arms.slice(1).map((arm, k) => ({ arm, k, panel: noiseOf(keyNoises[0] ?? 0) })),
          {
            ...{ fx: "panel", text: "arm", fill: "arm", textAnchor: "start" },
            ...{ frameAnchor: "top-left", dx: 8, dy: 8 },
            ...{
              lineAnchor: "top",
              text: (of: { arm: string; k: number }) => "\n".repeat(of.k) + of.arm,
            },
          },
        ),
      ],
    },
    table,
  };
}

/** Clicks until a score is reached; one more than there are where it never is. */
function effort(rows: readonly Row[], { keyNoises, clicks }: Config): Figure {
  const table = keyNoises.flatMap((keyNoise) =>
    arms.flatMap((arm) =>
      [0.85, 0.9].map((goal) => {
        const scenes = new Map<string, number>();
        for (const row of ofArm(rows, keyNoise, arm)) {
          const scene = String(row["scene"]);
          const needed = numberOf(row, "iou") >= goal ? numberOf(row, "clicks") : clicks + 1;
          scenes.set(scene, Math.min(needed, scenes.get(scene) ?? clicks + 1));
        }
        const values = [...scenes.values()];
        const [low, high] = interval(values);
        const panel = `${noiseOf(keyNoise)}, to ${100 * goal} %`;
        return {
          keyNoise: noiseOf(keyNoise),
          goal: `${100 * goal} %`,
          panel,
          arm,
          clicks: mean(values),
          low,
          high,
        };
      }),
    ),
  );
  return {
    name: "effort",
    title: "Clicks to a mean IoU",
    reading: `Clicks until the mean IoU first reaches 85 or 90 %, mean over scenes with its interval; a scene that never does counts ${clicks + 1}.`,
    plot: {
      ...{ width: 860, marginRight: 60, color: coloured(arms) },
      fx: { ...panels, domain: keyNoises.map(noiseOf) },
      fy: { label: null },
      x: { label: null, domain: arms },
      y: { label: "clicks needed", grid: true },
      marks: [
        Plot.barY(table, { fx: "keyNoise", fy: "goal", x: "arm", y: "clicks", fill: "arm" }),
        Plot.ruleX(table, {
          ...{ fx: "keyNoise", fy: "goal", x: "arm", y1: "low", y2: "high" },
          stroke: "currentColor",
        }),
        Plot.ruleY([0], { stroke: "currentColor" }),
      ],
    },
    table,
  };
}

/** What both adapting come to at other settings, after a few clicks. */
function settings(rows: readonly Row[], { grid, point }: Config): Figure {
  const own = rows.filter((row) => row["part"] === "grid");
  const count = Math.min(3, grid.clicks);
  const table = grid.iterations.flatMap((iterations) =>
    grid.keyPriorPrecision.flatMap((keyPriorPrecision) =>
      grid.valuePriorPrecision.flatMap((valuePriorPrecision) =>
        grid.valuePrecision.map((valuePrecision) => {
          const setting = { iterations, keyPriorPrecision, valuePriorPrecision, valuePrecision };
          const values = own
            .filter(
              (row) =>
                row["clicks"] === count &&
                Object.entries(setting).every(([name, value]) => row[name] === value),
            )
            .map((row) => numberOf(row, "iou"));
          const [low, high] = interval(values);
          const column = `λ of values ${decimal(valuePriorPrecision)}`;
          const line = `β ${decimal(valuePrecision)}`;
          const anchor = `λ of keys ${decimal(keyPriorPrecision)}`;
          return { ...setting, column, line, anchor, iou: mean(values), low, high };
        }),
      ),
    ),
  );
  const anchors = grid.keyPriorPrecision.map((of) => `λ of keys ${decimal(of)}`);
  const last = grid.iterations.at(-1) ?? point.iterations;
  const right = `λ of values ${decimal(grid.valuePriorPrecision.at(-1) ?? 0)}`;
  return {
    name: "settings",
    title: "Both adapting, at other settings",
    reading: `Mean IoU after ${count} clicks at key noise ${grid.keyNoise}, mean over ${grid.scenes} scenes of each seed with its interval: the weaker the anchor of the keys, the better.`,
    plot: {
      ...{ width: 760, height: 460, marginRight: 100, color: coloured(anchors) },
      fx: { ...panels },
      fy: { ...panels },
      x: { label: "iterations", ticks: [...grid.iterations], tickFormat: "d" },
      y: { label: "mean IoU of target and rest", grid: true },
      marks: [
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
        Plot.areaY(table, {
          ...{ fx: "column", fy: "line", x: "iterations", y1: "low", y2: "high" },
          ...{ fill: "anchor", fillOpacity: 0.12 },
        }),
        Plot.lineY(table, {
          ...{ fx: "column", fy: "line", x: "iterations", y: "iou", stroke: "anchor" },
          ...{ strokeWidth: 2, marker: "dot" },
        }),
        Plot.text(
          table.filter(({ iterations, column }) => iterations === last && column === right),
          {
            ...{ fx: "column", fy: "line", x: "iterations", y: "iou", text: "anchor" },
            ...{ fill: "anchor", ...beside },
          },
        ),
      ],
    },
    table,
  };
}

const ofArm = (rows: readonly Row[], keyNoise: number, arm: Arm): Row[] =>
  rows.filter(
    (row) => row["part"] === "arms" && row["keyNoise"] === keyNoise && row["arm"] === arm,
  );

const scored = (rows: readonly Row[], keyNoise: number, arm: Arm, clicks: number): number[] =>
  ofArm(rows, keyNoise, arm)
    .filter((row) => row["clicks"] === clicks)
    .map((row) => numberOf(row, "iou"));
