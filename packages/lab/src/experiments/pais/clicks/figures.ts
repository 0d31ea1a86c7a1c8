/** Figures of the rows: scores by clicks, gains over plain attention, effort, and settings. */
import * as Plot from "@observablehq/plot";
import { type Figure, numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import { centred, coloured, decimal, key } from "../../../figure/marks.ts";
import { type Arm, arms } from "./arms.ts";
import type { Config } from "./config.ts";
import { gains } from "./verdicts.ts";

/** Counts of clicks that tables give. */
const told = [0, 1, 2, 3, 5, 10, 20];

export function figures(rows: readonly Row[], config: Config): Figure[] {
  return [scores(rows, config), gained(rows, config), effort(rows, config), settings(rows, config)];
}

const columnOf = (precision: number): string => `λ of values ${decimal(precision)}`;
const lineOf = (precision: number): string => `β of values ${decimal(precision)}`;
const anchorOf = (precision: number): string => `λ of keys ${decimal(precision)}`;
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
      ...{ width: 860, marginRight: 20, color: coloured(arms) },
      fx: { ...panels, domain: keyNoises.map(noiseOf) },
      x: { label: "clicks", grid: true, ...centred },
      y: { label: "mean IoU of target and rest", grid: true, ...centred },
      marks: [
        Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
        Plot.areaY(table, {
          ...{ fx: "panel", x: "clicks", y1: "low", y2: "high", fill: "arm", fillOpacity: 0.12 },
        }),
        Plot.lineY(table, { fx: "panel", x: "clicks", y: "iou", stroke: "arm", strokeWidth: 2 }),
        key(arms, { fx: noiseOf(keyNoises[0] ?? 0), corner: "bottom-right" }),
      ],
    },
    table,
  };
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
      x: { label: "clicks", type: "point", domain: counts, ...centred },
      y: { label: "gain (points of mean IoU)", grid: true, nice: true, ...centred },
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
        key(arms.slice(1), { fx: noiseOf(keyNoises[0] ?? 0) }),
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
        const panel = noiseOf(keyNoise);
        return { panel, goal: `${100 * goal} %`, arm, clicks: mean(values), low, high };
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
      y: { label: "clicks needed", grid: true, ...centred },
      marks: [
        Plot.barY(table, { fx: "panel", fy: "goal", x: "arm", y: "clicks", fill: "arm" }),
        Plot.ruleX(table, {
          ...{ fx: "panel", fy: "goal", x: "arm", y1: "low", y2: "high" },
          stroke: "currentColor",
        }),
        Plot.ruleY([0], { stroke: "currentColor" }),
      ],
    },
    table,
  };
}

/** What both adapting come to at other settings, after a few clicks. */
function settings(rows: readonly Row[], { grid }: Config): Figure {
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
          const column = columnOf(valuePriorPrecision);
          const line = lineOf(valuePrecision);
          const anchor = anchorOf(keyPriorPrecision);
          return { ...setting, column, line, anchor, iou: mean(values), low, high };
        }),
      ),
    ),
  );
  const anchors = grid.keyPriorPrecision.map(anchorOf);
  return {
    name: "settings",
    title: "Both adapting, at other settings",
    reading: `Mean IoU after ${count} clicks at key noise ${grid.keyNoise}, mean over ${grid.scenes === 1 ? "one scene" : `${grid.scenes} scenes`} of each seed with its interval.`,
    plot: {
      ...{ width: 760, height: 460, marginRight: 20, color: coloured(anchors) },
      // Room for names: beside a panel, its own would read as that of the line that ends there.
      ...{ insetTop: 26, insetBottom: 12 + 14 * anchors.length },
      fx: { ...panels },
      fy: { ...panels, axis: null },
      x: { label: "iterations", ticks: [...grid.iterations], tickFormat: "d", ...centred },
      y: { label: "mean IoU of target and rest", grid: true, ...centred },
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
          table.filter(({ column }) => column === table[0]?.column),
          Plot.selectFirst({
            ...{ fx: "column", fy: "line", z: "line", text: "line", fill: "currentColor" },
            ...{ frameAnchor: "top-left", dx: 8, dy: 8 },
          }),
        ),
        key(anchors, {
          fx: columnOf(grid.valuePriorPrecision[0] ?? 0),
          fy: lineOf(grid.valuePrecision[0] ?? 0),
          corner: "bottom-right",
        }),
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
