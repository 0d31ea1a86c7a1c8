import * as Plot from "@observablehq/plot";
import { Window } from "happy-dom";
import type { Row } from "../run/row.ts";

/** A row as it is drawn, a line of its own under the title of its workload. */
interface Line {
  readonly key: string;
  readonly label: string;
  readonly title: string;
  readonly peer: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly fraction: number | null;
}

/** Colours that are told apart without seeing red or green; Edgewise's own are the strong ones. */
const colours: Readonly<Record<string, string>> = {
  "edgewise-wasm": "#0072b2",
  "edgewise-reference": "#56b4e9",
  "ort-web": "#e69f00",
  "jax-js": "#009e73",
  tfjs: "#cc79a7",
  "ort-node": "#b35900",
  "ort-node-window": "#b35900",
  "ort-node-blocks": "#b35900",
  torch: "#7f7f7f",
  "torch-eager": "#7f7f7f",
  "torch-flex": "#7f7f7f",
};

const [lineHeight, leftWidth, rightWidth, margin] = [18, 680, 400, 200];

/** Time per edge and share of the ceiling of every row with numbers, as one SVG. */
export function plot(rows: readonly Row[], machine: string): string {
  const lines = linesOf(rows);
  const window = new Window();
  const document = window.document as unknown as Plot.PlotOptions["document"];
  const keys = [...new Set(lines.flatMap(({ key, title }) => [title, key]))];
  const titles = [...new Set(lines.map(({ title }) => title))];
  const height = Math.max(160, keys.length * lineHeight + 90);
  const shared = {
    document,
    height,
    marginTop: 60,
    marginBottom: 40,
    style: { fontFamily: "system-ui, sans-serif", fontSize: "11px", background: "white" },
  };
  const left = Plot.plot({
    ...shared,
    width: leftWidth,
    marginLeft: margin,
    x: { type: "log", label: "time per edge, ns (median; bar from 10 % to 90 %)", grid: true },
    y: { domain: keys, label: null, tickSize: 0, tickFormat: (key) => labelOf(lines, key) },
    marks: [
      Plot.text(titles, {
        y: (title) => title,
        text: (title) => title.split("/").at(-1),
        frameAnchor: "left",
        textAnchor: "start",
        dx: 12 - margin,
        fontWeight: 600,
      }),
      Plot.ruleY(lines, {
        y: "key",
        x1: "low",
        x2: "high",
        stroke: (line: Line) => colourOf(line.peer),
        strokeWidth: 4,
        strokeOpacity: 0.4,
      }),
      Plot.dot(lines, {
        y: "key",
        x: "median",
        fill: (line: Line) => colourOf(line.peer),
        r: 4,
      }),
    ],
  });
  const right = Plot.plot({
    ...shared,
    width: rightWidth,
    marginLeft: 20,
    x: { domain: [0, 100], label: "part of the SIMD128 ceiling, %", percent: true, grid: true },
    y: { domain: keys, axis: null },
    marks: [
      Plot.barX(lines, {
        y: "key",
        x: "fraction",
        fill: (line: Line) => colourOf(line.peer),
        insetTop: 3,
        insetBottom: 3,
      }),
      Plot.ruleX([0]),
    ],
  });
  const title = `Edgewise and its peers: ${machine}`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${leftWidth + rightWidth}" height="${height}" viewBox="0 0 ${leftWidth + rightWidth} ${height}">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="16" y="24" font-family="system-ui, sans-serif" font-size="15" font-weight="600">${escaped(title)}</text>`,
    placed(left.outerHTML, 0),
    placed(right.outerHTML, leftWidth),
    "</svg>",
  ].join("\n");
  void window.happyDOM.close();
  return svg;
}

function linesOf(rows: readonly Row[]): Line[] {
  return rows.flatMap((row): Line[] => {
    const { median_ms, p10_ms, p90_ms, edges, status } = row;
    if (status !== "measured" || edges === null || median_ms === null) return [];
    const each = (ms: number | null): number => ((ms ?? median_ms) * 1e6) / edges;
    const place = row.place === "chromium" ? " in Chromium" : "";
    const who = `${row.peer}${place}, ${row.threads} thread${row.threads === 1 ? "" : "s"}`;
    const isWasm = row.place !== "python" && !row.peer.startsWith("ort-node");
    return [
      {
        key: [row.suite, row.workload, row.place, row.peer, row.threads].join("/"),
        label: who,
        title: `${row.suite}/${row.workload}`,
        peer: row.peer,
        median: each(median_ms),
        low: each(p10_ms),
        high: each(p90_ms),
        fraction: isWasm ? row.ceiling_fraction : null,
      },
    ];
  });
}

const labelOf = (lines: readonly Line[], key: string): string =>
  lines.find((line) => line.key === key)?.label ?? "";
const colourOf = (peer: string): string => colours[peer] ?? "#333333";

/** A figure within the figure. */
const placed = (svg: string, x: number): string => svg.replace("<svg ", `<svg x="${x}" `);

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
