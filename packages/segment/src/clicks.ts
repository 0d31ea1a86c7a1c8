import { EdgewiseError, suggest } from "edgewise";
import { printable } from "./printable.ts";

/** A disc of photo pixels with one label. */
export interface Click {
  readonly x: number;
  readonly y: number;
  readonly label: number;
  /** Photo pixels. */
  readonly radius: number;
}

/** A brush drawn along a line of points, with one label. */
export interface Stroke {
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly label: number;
  /** Photo pixels. */
  readonly radius: number;
}

/** Clicks document after reading: everything in range, every radius filled in. */
export interface Clicks {
  readonly labels: readonly string[];
  readonly clicks: readonly Click[];
  readonly strokes: readonly Stroke[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Radius of a click that gives none, photo pixels. */
export const defaultRadius = 6;

/** Most labels that a mask of bytes can hold, 255 being kept for "not scored". */
export const mostLabels = 255;

/**
 * Clicks document checked against the photo that it is about.
 *
 * `{ "labels": ["sky", "dog"], "clicks": [{ "x": 12, "y": 40, "label": 0, "radius": 6 }],
 * "strokes": [{ "points": [[3, 4], [9, 4]], "radius": 4, "label": 1 }] }`, in pixels of the full
 * photo from the top left. `radius` of a click may be left out, and so may one of the two lists.
 *
 * @throws bad_clicks
 */
export function parseClicks(document: unknown, photo: Size): Clicks {
  const fields = readFields(document, "the clicks document", ["labels", "clicks", "strokes"]);
  const labels = readList(fields.labels, "labels").map(readLabelName);
  refuseLabelNumber(labels.length);
  const bounds = { ...photo, labels: labels.length };
  const clicks = readList(fields.clicks ?? [], "clicks").map((entry, index) =>
    readClick(entry, `clicks[${index}]`, bounds),
  );
  const strokes = readList(fields.strokes ?? [], "strokes").map((entry, index) =>
    readStroke(entry, `strokes[${index}]`, bounds),
  );
  if (clicks.length + strokes.length === 0) {
    const fix = 'add a click, such as { "x": 12, "y": 40, "label": 0 }';
    throw refuse("clicks", "no clicks and no strokes", "at least one of either", fix);
  }
  refuseContradictions({ labels, clicks, strokes });
  refuseLength(strokes);
  refuseCrossedClicks({ labels, clicks, strokes }, photo);
  return { labels, clicks, strokes };
}

function refuseLabelNumber(labels: number): void {
  if (labels >= 1 && labels <= mostLabels) return;
  const most = `use at most ${mostLabels} labels: merge some, or leave out those without clicks`;
  const fix = labels === 0 ? 'name the labels, such as ["sky", "dog"]' : most;
  throw refuse("labels", `${labels} names`, `1 to ${mostLabels} names`, fix);
}

interface Bounds extends Size {
  readonly labels: number;
}

function readClick(entry: unknown, where: string, bounds: Bounds): Click {
  const fields = readFields(entry, where, ["x", "y", "label", "radius"]);
  const { x, y } = readPoint([fields.x, fields.y], where, bounds);
  const label = readLabel(fields.label, where, bounds);
  return { x, y, label, radius: readRadius(fields.radius ?? defaultRadius, where) };
}

function readStroke(entry: unknown, where: string, bounds: Bounds): Stroke {
  const fields = readFields(entry, where, ["points", "radius", "label"]);
  const points = readList(fields.points, `${where}.points`).map((pair, index) => {
    const at = `${where}.points[${index}]`;
    const { x, y } = readPoint(readList(pair, at), at, bounds);
    return [x, y] as const;
  });
  if (points.length === 0) {
    throw refuse(`${where}.points`, "no points", "at least one [x, y]", "remove the stroke");
  }
  const label = readLabel(fields.label, where, bounds);
  return { points, label, radius: readRadius(fields.radius, where) };
}

function readPoint(pair: unknown[], where: string, { width, height }: Bounds): PointFields {
  const [x, y] = pair;
  if (pair.length === 2 && isIndex(x, width) && isIndex(y, height)) return { x, y };
  throw refuse(
    where,
    pair.length === 2 ? `x = ${show(x)}, y = ${show(y)}` : show(pair),
    `whole numbers with 0 ≤ x < ${width} and 0 ≤ y < ${height}, pixels of the full photo`,
    "move the point inside the photo, or check that the clicks belong to this photo",
  );
}

interface PointFields {
  readonly x: number;
  readonly y: number;
}

function readLabel(label: unknown, where: string, { labels }: Bounds): number {
  if (isIndex(label, labels)) return label;
  throw refuse(
    `${where}.label`,
    show(label),
    `the index of one of the ${labels} labels: a whole number from 0 to ${labels - 1}`,
    "write the index of a name in labels, or add the name to labels",
  );
}

function readRadius(radius: unknown, where: string): number {
  if (typeof radius === "number" && Number.isFinite(radius) && radius >= 0) return radius;
  throw refuse(
    `${where}.radius`,
    show(radius),
    "a number of photo pixels, 0 or more",
    `write "radius": ${defaultRadius}`,
  );
}

function readLabelName(name: unknown, index: number): string {
  if (typeof name === "string" && name.trim() !== "") return name;
  throw refuse(`labels[${index}]`, show(name), "a name in quotes", 'write a name such as "sky"');
}

function readList(list: unknown, where: string): unknown[] {
  if (Array.isArray(list)) return list;
  throw refuse(where, show(list), "a list in square brackets", `write ${where} as a list`);
}

function readFields(
  entry: unknown,
  where: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    const fix = `write ${where} as an object`;
    throw refuse(where, show(entry), `an object with ${known.join(", ")}`, fix);
  }
  for (const key of Object.keys(entry)) {
    if (known.includes(key)) continue;
    const fix = printable(suggest(key, known, `remove ${key}`));
    throw refuse(where, `the key ${printable(key)}`, `only ${known.join(", ")}`, fix);
  }
  return { ...entry };
}

/** Refuses a pixel that two marks name with different labels. */
function refuseContradictions({ labels, clicks, strokes }: Clicks): void {
  const seen = new Map<string, { label: number; where: string }>();
  const note = (x: number, y: number, label: number, where: string): void => {
    const earlier = seen.get(`${x},${y}`);
    if (earlier === undefined) seen.set(`${x},${y}`, { label, where });
    else if (earlier.label !== label) {
      throw refuse(
        where,
        `pixel (${x}, ${y}) as ${show(labels[label])}, which ${earlier.where} calls ${show(labels[earlier.label])}`,
        "one label for each clicked pixel",
        `remove ${where} or ${earlier.where}, or move one of them`,
      );
    }
  };
  clicks.forEach(({ x, y, label }, index) => {
    note(x, y, label, `clicks[${index}]`);
  });
  strokes.forEach(({ points, label }, index) => {
    points.forEach(([x, y], point) => {
      note(x, y, label, `strokes[${index}].points[${point}]`);
    });
  });
}

/** Most pixels of all strokes, end to end. */
const longest = 2_000_000;

function refuseLength(strokes: readonly Stroke[]): void {
  let total = 0;
  for (const { points } of strokes)
    for (let k = 1; k < points.length; k++)
      total += Math.hypot(points[k]![0] - points[k - 1]![0], points[k]![1] - points[k - 1]![1]);
  if (total <= longest) return;
  throw refuse(
    "strokes",
    `${Math.round(total)} pixels of line in all`,
    `at most ${longest} pixels: a stroke follows its points in their order`,
    "sort the points along the line that was drawn, or leave strokes out",
  );
}

/** Refuses a click on the line of a stroke that says otherwise. */
function refuseCrossedClicks({ labels, clicks, strokes }: Clicks, { width }: Size): void {
  if (clicks.length === 0) return;
  const lines = new Map<number, number>();
  strokes.forEach(({ points, label }, index) => {
    for (let k = 1; k < points.length; k++) {
      const [[fromX, fromY], [toX, toY]] = [points[k - 1]!, points[k]!];
      const steps = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1);
      for (let step = 0; step <= steps; step++) {
        const x = Math.round(fromX + (step * (toX - fromX)) / steps);
        const y = Math.round(fromY + (step * (toY - fromY)) / steps);
        lines.set(y * width + x, index * (mostLabels + 1) + label);
      }
    }
  });
  clicks.forEach(({ x, y, label }, index) => {
    const crossed = lines.get(y * width + x);
    if (crossed === undefined || crossed % (mostLabels + 1) === label) return;
    const stroke = Math.floor(crossed / (mostLabels + 1));
    throw refuse(
      `clicks[${index}]`,
      `pixel (${x}, ${y}) as ${show(labels[label])}, on the line of strokes[${stroke}], which is ${show(labels[crossed % (mostLabels + 1)])}`,
      "one label for each clicked pixel",
      `remove clicks[${index}] or strokes[${stroke}], or move one of them`,
    );
  });
}

function isIndex(value: unknown, below: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < below;
}

/** A value as the error prints it: JSON, but NaN and the infinities by name. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  return printable(JSON.stringify(value) ?? typeof value);
}

function refuse(where: string, got: string, expected: string, fix: string): EdgewiseError {
  return new EdgewiseError({ code: "bad_clicks", where, got, expected, fix });
}
