/** All that is to be seen, as one value: it is what a link holds and what undo goes back to. */
import { type Declaration, declarationFrom, plain } from "../design/declaration.ts";
import { mechanismOf, mechanisms } from "../mechanisms/index.ts";

export type Point = readonly [x: number, y: number];

export const rooms = ["explore", "design", "reproduce"] as const;

/** What is attended among: points of the plane, a text, or a file that this browser was given. */
export type Shown =
  | { readonly kind: "points" }
  | { readonly kind: "text"; readonly text: string; readonly unit: "words" | "characters" }
  | { readonly kind: "file"; readonly name: string; readonly head: number };

export interface View {
  readonly room: (typeof rooms)[number];
  readonly mechanism: string;
  readonly data: Shown;
  /** Nodes in the plane, in units in which −1 … 1 is the picture. */
  readonly points: readonly Point[];
  /** Slider values by name; those that are left out stand where they begin. */
  readonly settings: Readonly<Record<string, number>>;
  /** Node whose edges are traced. */
  readonly traced: number | null;
  /** Update of an iterative mechanism that is shown; null for the last one. */
  readonly frame: number | null;
  /** The mechanism of one's own. */
  readonly declaration: Declaration;
}

export const mostPoints = 2000;

/** Most letters of a text. */
export const mostLetters = 2000;

/** What a text begins with. */
export const sentence =
  "An attentive reader attends to what attention reads: readers read, and what is read is attended.";

/** Two loose clusters and a few strays: every mechanism does something with them. */
export const beginning: View = {
  room: "explore",
  mechanism: "self",
  data: { kind: "points" },
  points: [
    ...([
      [-0.62, 0.42],
      [-0.5, 0.58],
      [-0.72, 0.6],
      [-0.44, 0.4],
    ] as Point[]),
    ...([
      [0.5, 0.36],
      [0.64, 0.2],
      [0.42, 0.16],
      [0.7, 0.44],
    ] as Point[]),
    ...([
      [-0.1, -0.5],
      [0.06, -0.62],
      [0.2, -0.46],
      [-0.6, -0.3],
    ] as Point[]),
  ],
  settings: {},
  traced: 0,
  frame: null,
  declaration: plain,
};

/** Value of a slider of a mechanism, where a view may have set it. */
export function settingOf(view: Pick<View, "mechanism" | "settings">, name: string): number {
  const control = mechanismOf(view.mechanism).controls.find((own) => own.name === name);
  return view.settings[name] ?? control?.value ?? 0;
}

/** A view from what a stranger's link says, with everything in range; nothing where it says none. */
export function viewFrom(given: unknown): View | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { room, mechanism, data, points, settings, traced, frame, declaration } = given as Record<
    string,
    unknown
  >;
  if (typeof mechanism !== "string" || !Object.hasOwn(mechanisms, mechanism)) return undefined;
  if (!Array.isArray(points) || points.length < 2 || points.length > mostPoints) return undefined;
  const own: Point[] = [];
  for (const point of points) {
    if (!Array.isArray(point) || point.length !== 2 || !point.every(Number.isFinite))
      return undefined;
    own.push([clamp(point[0], -1, 1), clamp(point[1], -1, 1)]);
  }
  const shown = shownFrom(data);
  const { controls } = mechanismOf(mechanism);
  const known = typeof settings === "object" && settings !== null ? settings : {};
  return {
    // Links of before there were rooms are of Explore.
    room: rooms.find((name) => name === room) ?? "explore",
    declaration: declarationFrom(declaration),
    mechanism,
    data: shown,
    points: own,
    settings: Object.fromEntries(
      controls.flatMap(({ name, least, most }) => {
        const value = (known as Record<string, unknown>)[name];
        return typeof value === "number" && Number.isFinite(value)
          ? [[name, clamp(value, least, most)]]
          : [];
      }),
    ),
    traced: indexOr(traced, shown.kind === "points" ? own.length : 2 * mostPoints),
    frame: indexOr(frame, 1000),
  };
}

/** What is shown, from what a link says; points where it says nothing, as links of before do. */
function shownFrom(given: unknown): Shown {
  const { kind, text, unit, name, head } = (given ?? {}) as Record<string, unknown>;
  if (kind === "text" && typeof text === "string" && text.trim() !== "")
    return {
      ...{ kind, text: text.slice(0, mostLetters) },
      unit: unit === "characters" ? unit : "words",
    };
  if (kind === "file" && typeof name === "string")
    return { kind, name: name.slice(0, 200), head: indexOr(head, 1000) ?? 0 };
  return { kind: "points" };
}

const clamp = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

const indexOr = (value: unknown, length: number): number | null =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < length
    ? value
    : null;
