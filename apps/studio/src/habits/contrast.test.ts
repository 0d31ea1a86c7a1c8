import { readFileSync } from "node:fs";
import { wcagContrast } from "culori";
import { describe, expect, it } from "vitest";
import { colours } from "../explore/place.ts";

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

type Pair = readonly [light: string, dark: string];
const pairs = (text: string): readonly Pair[] =>
  [...text.matchAll(/light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, light, dark]) => [
    light as string,
    dark as string,
  ]);

const style = read("../style.css");
const properties = new Map(
  [...style.matchAll(/--(\w+): (light-dark\([^)]*\));/g)].map(([, name, value]) => [
    name as string,
    pairs(value as string)[0] as Pair,
  ]),
);
const of = (name: string): Pair => {
  const found = properties.get(name);
  if (found === undefined) throw new Error(`style.css has no colour --${name}`);
  return found;
};

const grounds = ["page", "sheet"] as const;

/** The least contrast of a colour with the grounds it stands on. */
const least = ([light, dark]: Pair, on: readonly string[] = grounds): number =>
  Math.min(
    ...on.flatMap((ground) => [
      wcagContrast(light, of(ground)[0]),
      wcagContrast(dark, of(ground)[1]),
    ]),
  );

/** What WCAG 2 asks for at level AA. */
const ofText = 4.5;
const ofParts = 3;

describe("contrast", () => {
  it("every colour of the style is a pair, and has a place here", () => {
    expect([...style.matchAll(/^ {2}--\w+:/gm)]).toHaveLength(properties.size);
    expect([...properties.keys()].sort()).toEqual([
      ...["accent", "edge", "ink", "line", "page", "sheet", "soft", "traced"],
    ]);
  });

  it.each(["ink", "soft", "accent", "traced"])("--%s can be read on page and sheet", (name) => {
    expect(least(of(name))).toBeGreaterThanOrEqual(ofText);
  });

  it("the sheet can be read on the accent, as in what is chosen", () => {
    expect(least(of("sheet"), ["accent"])).toBeGreaterThanOrEqual(ofText);
  });

  it.each(["edge", "accent", "traced"])("--%s is seen around what can be pressed", (name) => {
    expect(least(of(name))).toBeGreaterThanOrEqual(ofParts);
  });

  it("verdicts can be read", () => {
    const verdicts = pairs(read("../reproduce/Claim.svelte"));
    expect(verdicts.length).toBeGreaterThanOrEqual(3);
    for (const verdict of verdicts) expect(least(verdict)).toBeGreaterThanOrEqual(ofText);
  });

  it.each(Object.entries(colours))("a node that is %s is seen in the picture", (_, colour) => {
    expect(least([colour, colour], ["sheet"])).toBeGreaterThanOrEqual(ofParts);
  });
});
