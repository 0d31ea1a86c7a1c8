import { reference } from "edgewise/engines/reference";
import { wasm } from "edgewise/engines/wasm";
import { readModel } from "edgewise/schema";
import { describe, expect, it } from "vitest";
import { beginning } from "../state/view.ts";
import { declarationFrom, gallery, modelOf, plain, typescriptOf } from "./declaration.ts";
import { explained, placeIn, timed } from "./explainer.ts";

const { points } = beginning;

describe("a declaration", () => {
  it.each(gallery)(
    "$title: has a posterior, code, a document and kernels",
    async ({ declaration }) => {
      const engine = await wasm({ threads: 1 });
      const found = await explained(declaration, points, engine);
      engine.dispose();
      for (let row = 0; row < points.length; row++) {
        const own = found.frame.posterior.subarray(row * points.length, (row + 1) * points.length);
        // A node without any edge answers 0.
        const total = own.reduce((a, b) => a + b, 0);
        expect(Math.min(Math.abs(total - 1), Math.abs(total))).toBeLessThan(1e-5);
      }
      expect(found.kernels).toContain("(func");
      expect(readModel(found.document)).toEqual(modelOf(declaration));
      expect(JSON.parse(found.document)).toMatchObject({ edgewise: 1, name: "designed" });
      expect(found.engines.map(({ name }) => name)).toContain("reference");
    },
  );

  it("is the same model as the code that is shown for it", async () => {
    const names = Object.keys(await import("edgewise"));
    for (const { declaration } of gallery) {
      const code = typescriptOf(declaration);
      const [, imported] = /import \{ (.*) \} from "edgewise"/.exec(code) ?? [];
      for (const name of imported?.split(", ") ?? []) expect(names).toContain(name);
      const body = /const model = (edgeModel\([\s\S]*?\n\}\));?/.exec(code)?.[1] ?? "";
      const library = (await import("edgewise")) as unknown as Record<string, unknown>;
      const words = imported?.split(", ") ?? [];
      const made = new Function(...words, `return ${body}`)(...words.map((name) => library[name]));
      expect(JSON.stringify(made)).toBe(JSON.stringify(modelOf(declaration)));
    }
  });

  it("from a stranger's link is brought into range", () => {
    expect(declarationFrom(null)).toEqual(plain);
    const found = declarationFrom({
      graph: "star",
      prior: 3,
      scale: 1e9,
      temperature: 0,
      reach: 1.6,
    });
    expect(found).toEqual({ ...plain, scale: 100, temperature: 0.05, reach: 2 });
  });

  it("is timed beside plain attention", async () => {
    const engine = await wasm({ threads: 1 });
    const found = await timed(plain, engine);
    engine.dispose();
    expect(found.milliseconds).toBeGreaterThan(0);
    expect(found.plainMilliseconds).toBeGreaterThan(0);
  });
});

describe("an error in a text", () => {
  it.each([
    ["-0.5 * abs(i - j", 16, 17],
    ["-0.5 * abss(i - j)", 7, 11],
    ["1 +", 3, 4],
    ["slope * i", 0, 5],
  ])("of %j is at its characters", async (prior, from, to) => {
    const problem = await explained({ ...plain, prior }, points, reference()).then(
      () => "none",
      (error) => error.got as string,
    );
    expect(placeIn(prior, problem), problem).toEqual([from, to]);
  });
});
