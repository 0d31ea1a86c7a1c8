import { causal, edgeModel, gaussian, intersection, scaledDot, withoutSelf } from "edgewise";
import { describe, expect, it } from "vitest";
import { beginning, viewFrom } from "../state/view.ts";
import { declarationFrom, documentOf, mostCharacters, plain } from "./declaration.ts";
import { at, edgePlaces, kindOf, put } from "./document.ts";
import { gallery } from "./gallery.ts";
import { changed, wordOf, words } from "./words.ts";

const examples = gallery.flatMap((group) => group.examples);
const old = {
  ...{ graph: "complete", reach: 2, prior: "0", potential: "distance", scale: 8, score: "" },
  ...{ value: "carried", temperature: 1 },
};
const documentFrom = (given: unknown): unknown => declarationFrom(given).document;

describe("a declaration of a link", () => {
  it.each(examples)("$title: comes back as it was", ({ declaration }) => {
    expect(viewFrom({ ...beginning, declaration })?.declaration).toEqual(declaration);
  });

  it("from before there were documents is one now", () => {
    const prior = { kind: "expression", text: "0" } as const;
    const name = "designed";
    expect(documentFrom(old)).toEqual(
      documentOf(
        edgeModel({
          ...{ name, prior, square: true },
          potential: gaussian({ precision: 8, normalised: false }),
        }),
      ),
    );
    const other = { graph: "causal, without self-edges", potential: "inner product" };
    expect(
      documentFrom({ ...old, ...other, prior: "abss(", temperature: 1e9, value: "two hops" }),
    ).toEqual(
      documentOf({
        ...edgeModel({ name, square: true, temperature: 10, potential: scaledDot({ scale: 8 }) }),
        graph: intersection(causal(), withoutSelf()),
        prior: { kind: "expression", text: "abss(" },
        value: { kind: "hops", weights: [0.5, 0.5], reading: "annealed" },
      }),
    );
    expect(documentFrom({ ...old, score: "2 * score" })).toMatchObject({
      potential: { kind: "expression", text: "2 * score", of: { kind: "gaussian" } },
    });
  });

  it.each([
    ["nothing", null],
    ["a text", "declaration"],
    ["an unknown mechanism", { ...plain, base: "constructor" }],
    ["a list", { ...plain, document: [] }],
    ["a document that is too long", { ...plain, document: { name: "n".repeat(mostCharacters) } }],
    ["a text that is too long", { ...plain, document: "{".repeat(mostCharacters + 1) }],
    [
      "a document that is too deep",
      { ...plain, document: JSON.parse(`${'{"of":'.repeat(99)}0${"}".repeat(99)}`) },
    ],
    ["words of no form", { graph: "star", scale: 3 }],
  ])("%s is the plain one", (_, given) => {
    expect(declarationFrom(given)).toEqual(plain);
  });

  it("keeps a text that is no document yet", () => {
    expect(declarationFrom({ base: "tree", document: "{" })).toEqual({
      base: "tree",
      document: "{",
    });
  });
});

describe("a place in a document", () => {
  const document = { a: { b: [{ c: 1 }, { c: 2, d: 5 }], e: 6 }, f: 7 };

  it("is read, and written without touching what is beside it", () => {
    expect(at(document, ["a", "b", 1, "c"])).toBe(2);
    expect(at(document, ["a", "x", "y"])).toBeUndefined();
    const next = put(document, ["a", "b", 1, "c"], 3) as typeof document;
    expect(next).toEqual({ a: { b: [{ c: 1 }, { c: 3, d: 5 }], e: 6 }, f: 7 });
    expect(next.a.b[0]).toBe(document.a.b[0]);
    expect(put(document, ["a", "b"], undefined)).toEqual({ a: { e: 6 }, f: 7 });
    expect(put(document, ["a", "b", 0], undefined)).toMatchObject({ a: { b: [{ c: 2 }], e: 6 } });
    expect(put({}, ["x", "y"], 1)).toEqual({ x: { y: 1 } });
  });

  it("of inherited things is none", () => {
    expect(at({}, ["constructor"])).toBeUndefined();
    expect(wordOf("graph", { kind: "constructor" })).toBeUndefined();
  });

  it("of edges is found in models of every kind", () => {
    const counts = Object.fromEntries(
      examples.map(({ title, declaration: { document } }) => [
        title,
        `${kindOf(document)} ${edgePlaces(document).length}`,
      ]),
    );
    expect(counts).toMatchObject({
      ...{ "Self attention": "edge 1", "Slot attention": "latent 1" },
      ...{ "Block-slot attention": "latent 2", Matching: "joint 0" },
    });
  });
});

describe("another word", () => {
  it("takes the present one in where it is one of words, and gives it out again", () => {
    const both = changed("graph", { kind: "causal" }, "intersection");
    expect(both).toEqual({ kind: "intersection", of: [{ kind: "causal" }] });
    expect(changed("graph", both, "union")).toEqual({ kind: "union", of: [{ kind: "causal" }] });
    const capped = changed(
      "potential",
      { kind: "gaussian", precision: 2, normalised: true },
      "softcap",
    );
    expect(capped).toMatchObject({ kind: "softcap", of: { kind: "gaussian", precision: 2 } });
    expect(changed("potential", capped, "gaussian")).toMatchObject({ precision: 2 });
    expect(changed("potential", capped, "scaledDot")).toEqual({ kind: "scaledDot" });
  });

  it.each(
    Object.entries(words).flatMap(([part, own]) => Object.keys(own).map((kind) => [part, kind])),
  )("%s %s begins with every option that has no other home", (part, kind) => {
    const made = changed(part as keyof typeof words, undefined, kind as string);
    const { options } = wordOf(part as keyof typeof words, made) ?? { options: [] };
    for (const { key, begin } of options) if (begin !== undefined) expect(made).toHaveProperty(key);
  });
});
