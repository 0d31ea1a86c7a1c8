/** What was done between two views, in words: what Undo and Redo say. */
import { beginning, type Point, type View } from "./view.ts";

/** Nothing where the views say the same. */
export function differenceOf(before: View, after: View): string {
  const changed = new Set(
    (Object.keys({ ...before, ...after }) as (keyof View)[]).filter(
      (name) => !isSame(before[name], after[name]),
    ),
  );
  if (changed.size === 0) return "";
  const large = (["mechanism", "points", "declaration"] as const).filter((name) =>
    changed.has(name),
  );
  if (large.length > 1) return isSame(after, beginning) ? "reset" : "whole view";
  // What else differs went along with it, such as the sliders of another mechanism.
  if (changed.has("mechanism")) return "mechanism";
  if (changed.has("points")) return nodes(before.points, after.points);
  if (changed.has("data"))
    return `nodes of a ${after.data.kind === "points" ? "plane" : after.data.kind}`;
  if (changed.has("declaration"))
    return declaration(before.declaration.document, after.declaration.document);
  if (changed.has("room")) return "room";
  if (changed.has("settings")) return part("slider", before.settings, after.settings) ?? "sliders";
  const rest = [...changed].find((name) => name !== "traced" && name !== "frame");
  if (rest !== undefined) return rest;
  if (changed.has("frame")) return after.frame === null ? "last update" : `update ${after.frame}`;
  return after.traced === null ? "trace no node" : `trace node ${after.traced + 1}`;
}

/** The word of a document that differs; its JSON where that is no document yet. */
function declaration(before: unknown, after: unknown): string {
  if (typeof before === "string" || typeof after === "string") return "JSON";
  return part("declaration", before as object, after as object) ?? "declaration";
}

/** The one part in which two things differ; nothing where there are several. */
function part(what: string, before: object, after: object): string | undefined {
  const [old, now] = [before, after] as Record<string, unknown>[];
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => !isSame(old?.[name], now?.[name]),
  );
  return names.length === 1 ? `${what} ${names[0]}` : undefined;
}

/** Nodes are called by their numbers in the picture, which begin with 1. */
function nodes(before: readonly Point[], after: readonly Point[]): string {
  const [shorter, longer] = before.length < after.length ? [before, after] : [after, before];
  const first = longer.findIndex((point, k) => !isSame(point, shorter[k]));
  if (longer.length === shorter.length) {
    const isOne = isSame(before.slice(first + 1), after.slice(first + 1));
    return isOne ? `move node ${first + 1}` : "move nodes";
  }
  const isOne = isSame(longer.toSpliced(first, 1), shorter);
  if (!isOne) return "scatter nodes";
  return longer === after ? "add node" : `remove node ${first + 1}`;
}

/** Lists share what did not change, so that a node that is dragged is found at once among many. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((part, k) => isSame(part, other[k]));
  return JSON.stringify(one) === JSON.stringify(other);
}
