/** What is drawn of a posterior, as a list that a canvas and an SVG draw alike. */
import type { Point } from "../state/view.ts";
import type { Frame } from "./infer.ts";
import type { Kind } from "./mechanisms.ts";

export interface Edge {
  readonly from: Point;
  readonly to: Point;
  /** Posterior, 0 … 1. */
  readonly weight: number;
  readonly isTraced: boolean;
}

export interface Node {
  readonly at: Point;
  /** Place among the points of the view; −1 for what moves by itself. */
  readonly index: number;
  readonly role: "receiver" | "sender" | "both";
  readonly isTraced: boolean;
}

export interface Scene {
  readonly edges: readonly Edge[];
  readonly nodes: readonly Node[];
}

/** Edges of each node that are drawn, and the least posterior that is seen. */
const mostEdges = 4000;
const leastWeight = 0.02;

export function sceneOf(frame: Frame, kind: Kind, traced: number | null): Scene {
  const { receivers, senders, posterior } = frame;
  const each = Math.max(1, Math.floor(mostEdges / Math.max(1, receivers.length)));
  const tracedRow = rowOf(kind, receivers.length, traced);
  const edges: Edge[] = [];
  receivers.forEach((from, row) => {
    for (const [column, weight] of heaviest(posterior, row, senders.length, each))
      edges.push({ from, to: senders[column] as Point, weight, isTraced: row === tracedRow });
  });
  return { edges, nodes: nodesOf(frame, kind, tracedRow) };
}

/** Row of the posterior that a traced point owns; none where it owns no edges. */
export function rowOf(kind: Kind, receivers: number, traced: number | null): number | null {
  if (traced === null) return null;
  if (kind === "state") return 0;
  return traced < receivers ? traced : null;
}

function heaviest(
  posterior: Float32Array,
  row: number,
  width: number,
  most: number,
): (readonly [column: number, weight: number])[] {
  const found: [number, number][] = [];
  for (let column = 0; column < width; column++) {
    const weight = posterior[row * width + column] as number;
    if (weight >= leastWeight) found.push([column, weight]);
  }
  return found.sort(([, a], [, b]) => b - a).slice(0, most);
}

function nodesOf({ receivers, senders }: Frame, kind: Kind, tracedRow: number | null): Node[] {
  if (kind === "nodes")
    return receivers.map((at, index) => ({
      at,
      index,
      role: "both",
      isTraced: index === tracedRow,
    }));
  const isState = kind === "state";
  const own = receivers.map((at, row): Node => {
    const index = isState ? senders.length + row : row;
    return { at, index, role: "receiver", isTraced: row === tracedRow };
  });
  const others = senders.map((at, column): Node => {
    const index = isState ? column : receivers.length + column;
    return { at, index, role: "sender", isTraced: false };
  });
  return [...own, ...others];
}

/** Place in the picture, in pixels of a square of some side. */
export const placed = ([x, y]: Point, side: number): readonly [number, number] => [
  ((x + 1.05) / 2.1) * side,
  ((1.05 - y) / 2.1) * side,
];

/** The point of the plane under a place in the picture. */
export const pointAt = (across: number, down: number, side: number): Point => {
  const within = (place: number): number => Math.min(1, Math.max(-1, place));
  return [within((across / side) * 2.1 - 1.05), within(1.05 - (down / side) * 2.1)];
};

export const colours = {
  receiver: "#2f8fd8",
  sender: "#e69f00",
  both: "#2f8fd8",
  traced: "#d0679d",
};

/** The picture by itself, black on white. */
export function svgOf(scene: Scene, side = 640): string {
  const edges = scene.edges.map(({ from, to, weight, isTraced }) => {
    const [[x1, y1], [x2, y2]] = [placed(from, side), placed(to, side)];
    const colour = isTraced ? colours.traced : "#7f8c96";
    return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}" stroke-width="${(0.5 + 5 * weight).toFixed(2)}" stroke-opacity="${(0.15 + 0.75 * weight).toFixed(2)}"/>`;
  });
  const nodes = scene.nodes.map(({ at, role, isTraced }) => {
    const [x, y] = placed(at, side);
    const colour = isTraced ? colours.traced : colours[role];
    return role === "sender"
      ? `<rect x="${(x - 6).toFixed(1)}" y="${(y - 6).toFixed(1)}" width="12" height="12" fill="${colour}"/>`
      : `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="7" fill="${colour}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 ${side} ${side}" role="img" aria-label="Nodes in the plane, edges as wide as their posterior"><rect width="100%" height="100%" fill="white"/>${edges.join("")}${nodes.join("")}</svg>`;
}

/** Posterior as a table: a line for each receiver. */
export function csvOf({ posterior, receivers, senders }: Frame): string {
  const head = ["receiver", ...senders.map((_, column) => `to ${column + 1}`)].join(",");
  const rows = receivers.map((_, row) =>
    [row + 1, ...posterior.subarray(row * senders.length, (row + 1) * senders.length)].join(","),
  );
  return `${[head, ...rows].join("\n")}\n`;
}
