/** Figures of a benchmark of photos. */
import * as Plot from "@observablehq/plot";
import type { Figure, Row } from "../experiment/experiment.ts";
import { interval, mean } from "../experiment/statistics.ts";
import { coloured, key } from "../figure/marks.ts";
import { arms, type PhotoResult, policies } from "./benchmark.ts";
import type { Peers } from "./peers.ts";
import type { Summary } from "./summary.ts";

const clicksLabel = "clicks beyond one a region";

/** Mean over photos with its interval, click by click. */
function course(
  results: readonly PhotoResult[],
  name: string,
  scoresOf: (result: PhotoResult) => readonly number[],
): Row[] {
  const clicks = results[0] === undefined ? 0 : scoresOf(results[0]).length;
  return Array.from({ length: clicks }, (_, click) => {
    const scores = results.map((result) => scoresOf(result)[click] as number);
    const [low, high] = interval(scores);
    return { name, clicks: click, miou: mean(scores), low, high };
  });
}

export function figures(results: readonly PhotoResult[], summary: Summary, peers: Peers): Figure[] {
  return [scores(results, summary, peers), gains(summary), suggestions(results)];
}

function scores(results: readonly PhotoResult[], summary: Summary, peers: Peers): Figure {
  const table = Object.keys(arms).flatMap((arm) =>
    course(results, arm, (result) => result.arms[arm] as readonly number[]),
  );
  const others = [...peers.keys()].flatMap((peer) =>
    Object.entries(summary.peers[peer]?.miou ?? {}).map(([clicks, miou]) => ({
      ...{ name: peer, clicks: Number(clicks), miou, low: null, high: null },
    })),
  );
  const names = [...Object.keys(arms), ...peers.keys()];
  return {
    name: "miou",
    title: "Mean IoU against clicks",
    reading: `Mean over ${results.length} photos of the mean IoU over their regions, with the interval that holds 95 % of the bootstrap over photos for the first arm. Squares: other tools, where the folder tells their scores.`,
    plot: {
      color: coloured(names),
      x: { label: clicksLabel, grid: true },
      y: { label: "mean IoU", grid: true, nice: true },
      marks: [
        Plot.areaY(
          table.filter(({ name }) => name === Object.keys(arms)[0]),
          { x: "clicks", y1: "low", y2: "high", fill: "name", fillOpacity: 0.15 },
        ),
        Plot.lineY(table, { x: "clicks", y: "miou", stroke: "name", strokeWidth: 2 }),
        Plot.lineY(others, {
          ...{ x: "clicks", y: "miou", stroke: "name", strokeDasharray: "4 4" },
        }),
        Plot.dot(others, { x: "clicks", y: "miou", fill: "name", symbol: "square", r: 4 }),
        key(names, { corner: "bottom-right" }),
      ],
    },
    table: [...table, ...others],
  };
}

/** Gains of the arms over the first one, photo by photo. */
function gains({ arms: byArm }: Summary): Figure {
  const table = Object.entries(byArm)
    .slice(1)
    .flatMap(([name, { gain }]) =>
      Object.entries(gain).map(
        ([
          clicks,
          {
            mean: gained,
            interval: [low, high],
          },
        ]) => ({
          ...{ name, clicks: Number(clicks), gain: gained, low, high },
        }),
      ),
    );
  const names = Object.keys(byArm).slice(1);
  return {
    name: "arms",
    title: "What the two ideas gain over neither",
    reading:
      "Gain in mean IoU over the arm without either idea, paired by photo: an interval that holds 95 % of the bootstrap and lies below 0 says that the idea does harm there.",
    plot: {
      marginTop: 30,
      color: coloured(names),
      fx: { label: null, domain: names },
      x: { type: "point", label: clicksLabel },
      y: { label: "gain in mean IoU", grid: true, nice: true },
      marks: [
        Plot.ruleY([0]),
        Plot.ruleX(table, {
          ...{ fx: "name", x: "clicks", y1: "low", y2: "high", stroke: "name", strokeWidth: 2 },
        }),
        Plot.dot(table, { fx: "name", x: "clicks", y: "gain", fill: "name", r: 4 }),
      ],
    },
    table,
  };
}

function suggestions(results: readonly PhotoResult[]): Figure {
  const table = policies.flatMap((policy) =>
    course(results, policy, (result) => result.policies[policy]),
  );
  return {
    name: "suggestions",
    title: "Clicks where the segmentation asks for them",
    reading:
      "The annotator clicks in the middle of the largest wrong area. Suggested: where the segmentation is most in doubt, whether it is wrong there or not. Random: anywhere that it is wrong.",
    plot: {
      color: coloured(policies),
      x: { label: clicksLabel, grid: true },
      y: { label: "mean IoU", grid: true, nice: true },
      marks: [
        Plot.areaY(table, { x: "clicks", y1: "low", y2: "high", fill: "name", fillOpacity: 0.12 }),
        Plot.lineY(table, { x: "clicks", y: "miou", stroke: "name", strokeWidth: 2 }),
        key(policies, { corner: "bottom-right" }),
      ],
    },
    table,
  };
}
