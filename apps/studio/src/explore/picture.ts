/** What is shown of a course: the few edges that can be seen, and numbers of each node. */
import type { Course, End, Frame } from "../mechanisms/mechanism.ts";
import type { Point } from "../state/view.ts";

/** Edges of a picture at most, and the least share of a node's heaviest edge that is drawn. */
const mostEdges = 4000;
const leastShare = 0.1;

/** Rows and columns of a matrix that are drawn one by one; more are drawn as blocks. */
export const mostCells = 512;

export interface Edge {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
}

/** One node that chooses, in numbers. */
export interface Row {
  readonly heaviest: Edge;
  readonly entropy?: number;
  readonly logEvidence?: number;
}

/** Edges of the node that is traced. */
export interface Trace {
  readonly row: number;
  /** From it, the heaviest ones, with what was believed of them beforehand. */
  readonly from: readonly (Edge & { readonly prior?: number })[];
  /** To it. */
  readonly to: readonly Edge[];
}

/** A matrix as it is drawn: of each block the value farthest from 0. */
export interface Cells {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  /** Rows, or columns, of a cell. */
  readonly each: number;
}

export interface Picture {
  readonly receivers: End & { readonly places: readonly Point[] };
  readonly senders: End & { readonly places: readonly Point[] };
  readonly isOneSet: boolean;
  readonly isSigned: boolean;
  readonly edges: readonly Edge[];
  readonly rows: readonly Row[];
  readonly cells: Cells;
  /** Weight that is drawn as the most: a round number. */
  readonly scale: number;
  readonly trace?: Trace;
  readonly more: Course["more"];
  readonly totals: Course["totals"];
  readonly step?: string;
  readonly steps: number;
  /** Step that is shown. */
  readonly shown: number;
  readonly curve?: Course["curve"];
}

/**
 * A step of a course as a picture.
 *
 * @param step the last one for null
 * @param traced node of the data that is traced
 */
export function pictureOf(course: Course, step: number | null, traced: number | null): Picture {
  const { frames, receivers, senders, isOneSet, isSigned = false, more, totals, curve } = course;
  const shown = Math.min(step ?? frames.length - 1, frames.length - 1);
  const frame = frames[shown] as Frame;
  const each = Math.max(1, Math.floor(mostEdges / Math.max(1, frame.receivers.length)));
  const { edges, rows, most } = seen(frame, each);
  const row = traced === null ? -1 : receivers.nodes.indexOf(traced);
  const column = traced === null ? -1 : senders.nodes.indexOf(traced);
  return {
    receivers: { ...receivers, places: frame.receivers },
    senders: { ...senders, places: frame.senders },
    ...{ isOneSet, isSigned, edges, rows, more, totals, shown, steps: frames.length },
    ...{ cells: cellsOf(frame), scale: roundUp(most) },
    ...(course.step !== undefined && { step: course.step }),
    ...(curve !== undefined && { curve }),
    ...((row >= 0 || column >= 0) && { trace: traceOf(frame, row, column) }),
  };
}

/** The heaviest edges of each node, and how much the heaviest of all weighs. */
function seen(
  { weights, receivers, senders, entropy, logEvidence }: Frame,
  each: number,
): { edges: Edge[]; rows: Row[]; most: number } {
  const width = senders.length;
  const edges: Edge[] = [];
  let most = 0;
  const rows = receivers.map((_, row): Row => {
    const own = heaviest(weights, row, width, each);
    const first = own[0] ?? { row, column: 0, weight: 0 };
    const top = Math.abs(first.weight);
    most = Math.max(most, top);
    for (const edge of own)
      if (Math.abs(edge.weight) >= leastShare * top && top > 0) edges.push(edge);
    return {
      heaviest: first,
      ...(entropy !== undefined && { entropy: entropy[row] as number }),
      ...(logEvidence !== undefined && { logEvidence: logEvidence[row] as number }),
    };
  });
  return { edges, rows, most };
}

/** A few edges of a row, heaviest first. */
function heaviest(weights: Float32Array, row: number, width: number, most: number): Edge[] {
  const from = row * width;
  if (most >= width)
    return Array.from({ length: width }, (_, column) => edge(column)).sort(descending);
  // Few of many: the lightest of those found gives way.
  const found: number[] = [];
  let least = 0;
  for (let column = 0; column < width; column++) {
    const size = Math.abs(weights[from + column] as number);
    if (found.length === most && size <= least) continue;
    let at = found.length;
    while (at > 0 && Math.abs(weights[from + (found[at - 1] as number)] as number) < size) at--;
    found.splice(at, 0, column);
    if (found.length > most) found.pop();
    least = Math.abs(weights[from + (found.at(-1) as number)] as number);
  }
  return found.map(edge);

  function edge(column: number): Edge {
    return { row, column, weight: weights[from + column] as number };
  }
}

const descending = (a: Edge, b: Edge): number => Math.abs(b.weight) - Math.abs(a.weight);

function traceOf(
  { weights, prior, receivers, senders }: Frame,
  row: number,
  column: number,
): Trace {
  const width = senders.length;
  const from = row < 0 ? [] : heaviest(weights, row, width, 6);
  const to =
    column < 0
      ? []
      : receivers
          .map((_, k): Edge => ({ row: k, column, weight: weights[k * width + column] as number }))
          .filter((edge) => edge.row !== row)
          .sort(descending)
          .slice(0, 6)
          .filter((edge) => Math.abs(edge.weight) > 0.005);
  return {
    row,
    from: from.map((edge) => ({
      ...edge,
      ...(prior !== undefined && { prior: prior[row * width + edge.column] as number }),
    })),
    to,
  };
}

function cellsOf({ weights, receivers, senders }: Frame): Cells {
  const [rows, columns] = [receivers.length, senders.length];
  const each = Math.ceil(Math.max(rows, columns) / mostCells);
  if (each === 1) return { width: columns, height: rows, values: weights, each };
  const [width, height] = [Math.ceil(columns / each), Math.ceil(rows / each)];
  const values = new Float32Array(width * height);
  for (let row = 0; row < rows; row++) {
    const to = Math.floor(row / each) * width;
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      const cell = to + ((column / each) | 0);
      const weight = weights[at] as number;
      if (Math.abs(weight) > Math.abs(values[cell] as number)) values[cell] = weight;
    }
  }
  return { width, height, values, each };
}

/** The least of 1, 2, 3, 5 and 7 times a power of ten that is no less. */
export function roundUp(value: number): number {
  if (!(value > 1e-12)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const digits = [1, 2, 3, 5, 7, 10].find((digit) => digit * power >= value * (1 - 1e-6)) ?? 10;
  return Number((digits * power).toPrecision(1));
}

/** A step as a table: a line for each receiver, a column for each sender. */
export function csvOf(course: Course, step: number): string {
  const { weights, receivers, senders } = course.frames[step] as Frame;
  const quoted = (text: string): string =>
    /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const head = ["receiver", ...course.senders.labels.map((label) => quoted(`to ${label}`))];
  const rows = receivers.map((_, row) =>
    [
      quoted(course.receivers.labels[row] ?? ""),
      ...weights.subarray(row * senders.length, (row + 1) * senders.length),
    ].join(","),
  );
  return `${[head.join(","), ...rows].join("\n")}\n`;
}
