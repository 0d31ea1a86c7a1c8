import { describe, expect, it } from "vitest";
import { differenceOf } from "./difference.ts";
import { beginning, type Point, type View } from "./view.ts";

const view: View = { ...beginning, settings: { precision: 8, temperature: 1 } };
const { points } = view;
const moved = (index: number): Point[] =>
  points.map((point, k): Point => (k === index ? [0.9, 0.9] : point));
const declared = (words: object): Partial<View> => {
  const { base, document } = view.declaration;
  return { declaration: { base, document: { ...(document as object), ...words } } };
};
const after = (part: Partial<View>): string => differenceOf(view, { ...view, ...part });

describe("what was done between two views", () => {
  it.each<[string, Partial<View>]>([
    ["", {}],
    ["", { points: [...points], settings: { ...view.settings } }],
    ["room", { room: "design" }],
    ["mechanism", { mechanism: "multihop" }],
    ["mechanism", { mechanism: "multihop", settings: {}, frame: 3, room: "design" }],
    ["move node 1", { points: moved(0) }],
    ["move node 3", { points: moved(2), traced: 2 }],
    ["move node 12", { points: moved(11) }],
    ["move nodes", { points: points.map(([x, y]): Point => [y, x]) }],
    ["add node", { points: [...points, [0, 0]], traced: points.length }],
    ["remove node 1", { points: points.slice(1) }],
    ["remove node 12", { points: points.slice(0, -1), traced: 3 }],
    ["scatter nodes", { points: [...points, ...points] }],
    ["scatter nodes", { points: points.slice(4) }],
    ["slider temperature", { settings: { precision: 8, temperature: 2 } }],
    ["slider precision", { settings: { temperature: 1 } }],
    ["sliders", { settings: {} }],
    ["trace node 5", { traced: 4 }],
    ["trace no node", { traced: null }],
    ["update 5", { frame: 5, traced: 2 }],
    ["declaration prior", declared({ prior: { kind: "expression", text: "-abs(i - j)" } })],
    ["declaration", declared({ prior: { kind: "product", of: [] }, graph: { kind: "causal" } })],
    ["JSON", { declaration: { ...view.declaration, document: "{" } }],
    ["whole view", { mechanism: "multihop", points: moved(1) }],
  ])("%j", (words, part) => {
    expect(after(part)).toBe(words);
  });

  it("the last update is the one that has no number", () => {
    expect(differenceOf({ ...view, frame: 3 }, view)).toBe("last update");
  });

  it("back to the beginning is a reset", () => {
    expect(differenceOf({ ...view, mechanism: "multihop", points: moved(1) }, beginning)).toBe(
      "reset",
    );
  });

  it("of what this file has never heard of is called by its name", () => {
    expect(differenceOf(view, { ...view, head: 2 } as View)).toBe("head");
  });
});
