import { hopfield, parameter, self, slot } from "edgewise";
import { afterAll, describe, expect, it } from "vitest";
import { dataOf } from "../mechanisms/data.ts";
import { beginning } from "../state/view.ts";
import { type Declaration, documentOf, plain } from "./declaration.ts";
import { put } from "./document.ts";
import { disposed } from "./engines.ts";
import { explained } from "./explainer.ts";
import { gallery } from "./gallery.ts";
import { timed } from "./timing.ts";

const data = dataOf(beginning);
const examples = gallery.flatMap((group) => group.examples);
const withPrior = (text: string): Declaration => ({
  ...plain,
  document: put(plain.document, ["prior"], { kind: "expression", text }),
});

afterAll(disposed);

describe("a declaration of the gallery", () => {
  it.each(examples)("$title: has a posterior, code, a program, kernels and engines", async (of) => {
    const { course, found } = await explained(of.declaration, data);
    const frame = course.frames.at(-1);
    expect(frame?.weights.length).toBeGreaterThan(0);
    expect(frame?.weights.every(Number.isFinite)).toBe(true);
    expect(frame?.weights.some((weight) => weight > 0.05)).toBe(true);
    expect(found.drawn).toEqual([]);
    expect(found.typescript).toContain("export const model = ");
    expect(found.program.length).toBeGreaterThan(50);
    expect(found.kernels).toMatch(/\(func|^No kernels: wasm does not run it/);
    expect(found.engines.map(({ name }) => name)).toEqual(["wasm", "reference"]);
    expect(found.cost).toMatch(/[1-9].* edges, .* operations|0 edges/);
  });

  it.each(examples)("$title: is timed beside plain attention, or says why not", async (of) => {
    const { own, plain: other, nodes } = await timed(of.declaration, 0.1);
    expect(own).toHaveLength(7);
    expect(Math.min(...own, ...other)).toBeGreaterThanOrEqual(0);
    expect(nodes).toBeGreaterThan(1);
  });
});

describe("what the data do not have", () => {
  it("is drawn, and told of", async () => {
    const { found } = await explained(withPrior("-slope[head] * abs(i - j)"), data);
    expect(found.drawn).toEqual(["slope [24]"]);
    const learned = self({ temperature: parameter("temperature", ["H"]) });
    const other = await explained({ base: "self", document: documentOf(learned) }, data);
    expect(other.found.drawn).toEqual(["temperature [1]"]);
  });

  it("as a reading of a model is left out: a slot attention without an energy has no curve", async () => {
    const document = documentOf(slot({ update: "learned", maxIterations: 2 }));
    const { course, found } = await explained({ base: "slot", document }, data);
    expect(course.curve).toBeUndefined();
    expect(found.drawn).toContain("gru.bias_ih [6]");
  });
});

describe("a document", () => {
  it("that asks for endless rounds is refused", async () => {
    const document = put(documentOf(hopfield()), ["inference", "maxIterations"], 1e9);
    await expect(explained({ base: "hopfield", document }, data)).rejects.toMatchObject({
      got: "maxIterations 1000000000",
    });
  });

  it("of another kind than what it began with is looked at as what it is", async () => {
    const { found } = await explained({ base: "self", document: documentOf(hopfield()) }, data);
    expect(found.through).toBe("hopfield");
  });
});
