import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as library from "edgewise";
import { reference } from "edgewise/engines/reference";
import { readModel } from "edgewise/schema";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { callingOf } from "./calling.ts";
import { documentOf } from "./declaration.ts";
import { gallery } from "./gallery.ts";
import { typescriptOf } from "./typescript.ts";

const {
  absolute,
  betaGeometric,
  bilinear,
  binary,
  blockSlot,
  blocks,
  causal,
  chain,
  classifier,
  conditionalMean,
  cross,
  draw,
  edges,
  edgesFrom,
  expanding,
  expression,
  feedForward,
  gaussian,
  geometric,
  given,
  graph,
  hard,
  hopfield,
  intersection,
  matching,
  motif,
  multihop,
  parameter,
  perOffset,
  predictiveCoding,
  probabilistic,
  product,
  proportional,
  relative,
  resolvent,
  rotary,
  scored,
  self,
  slot,
  softcap,
  tree,
  union,
  window,
  withoutSelf,
} = library;

const prior = product(perOffset("own"), given(), geometric({ stop: parameter("stop", ["H"]) }));

/** Every mechanism, and every word that none of them has where it begins. */
const models: library.Model[] = [
  ...[absolute(), cross(), self(), rotary(), relative(), multihop(), expanding(), hard()],
  ...[classifier(), feedForward(), hopfield(), slot(), blockSlot(), predictiveCoding()],
  ...[probabilistic(), conditionalMean(), chain(), tree(), matching(), motif()],
  hopfield({ precision: 2, maxIterations: 5, tolerance: 1e-6, gradient: "implicit" }),
  slot({ update: "learned" }),
  slot({ update: "mean", responsibilities: "distance" }),
  slot({ update: "mean" }),
  blockSlot({ form: "composed" }),
  predictiveCoding({
    ...{ layers: 3, update: "closed", variant: "edgewise" },
    topPrecision: parameter("top_precision", ["n0"]),
  }),
  predictiveCoding({ layers: 2, link: "tanh", vectors: true }),
  tree({ roots: "many" }),
  matching({ method: "exact", temperature: 2 }),
  motif({ graph: causal(), logWeight: "log_weight", support: "shapes" }),
  cross({ prior, offset: "last", tempering: "joint", whenEmpty: "throw" }),
  graph(union(edges([[0, 1]]), intersection(window({ back: 3 }), withoutSelf()))),
  graph(edgesFrom()),
  graph(edgesFrom("roads")),
  graph(
    blocks({
      size: 2,
      pattern: [
        [1, 0],
        [0, 1],
      ],
    }),
  ),
  rotary({ pairing: "interleaved", base: 500 }),
  multihop({ value: resolvent({ continuation: 0.5 }) }),
  expanding({ scheme: "vb", share: "group", selfEdges: false, tail: 0, alpha: 2 }),
  hard({ choose: "samples", count: 3, estimator: "gumbel" }),
  probabilistic({
    ...{ keyIterations: 2, annotated: true },
    queryPrecision: parameter("query_precision", ["B", "H", "M"]),
  }),
  cross({ potential: softcap({ cap: 20 }), prior: product(expression("-slope[head] * j")) }),
  cross({ potential: softcap({ cap: parameter("cap"), of: gaussian() }) }),
  cross({ potential: scored("20 * tanh(score / a)", gaussian(), { scalars: ["a"] }) }),
  cross({ potential: scored("score / a", undefined, { scalars: ["a"] }) }),
  cross({ potential: bilinear() }),
  cross({ potential: { kind: "bilinear", weight: "weight" } }),
  cross({ choice: binary({ noise: "probit" }), value: proportional() }),
  cross({ inference: draw({ choose: "top", count: 2 }) }),
  conditionalMean({ kernel: "gaussian", bandwidth: 2, ridge: parameter("ridge") }),
  self({
    ...{ name: 'a "name"\n', graph: causal(), prior: betaGeometric({ beta: 9 }) },
    ...{ square: true, inference: library.expand({ maxIterations: 3 }) },
  }),
];

const documents = [
  ...models.map(documentOf),
  ...gallery.flatMap(({ examples }) => examples.map(({ declaration }) => declaration.document)),
];
const codeOf = async (document: unknown): Promise<string> => {
  const model = readModel(JSON.stringify(document));
  const { program } = await library.prepare(model, { engine: reference() });
  return typescriptOf(document, callingOf(model, program));
};

/** The model that a module declares, without running the rest of it. */
function declared(code: string): library.Model {
  const body = /export const model = ([\s\S]*?);\n\n/.exec(code)?.[1] ?? "";
  const names =
    /import \{([^}]*)\}/
      .exec(code)?.[1]
      ?.split(",")
      .map((name) => name.trim()) ?? [];
  const known = names.filter((name) => name !== "");
  const words = known.map((name) => (library as unknown as Record<string, unknown>)[name]);
  return new Function(...known, `return ${body}`)(...words);
}

describe("the TypeScript of a document", () => {
  it.each(documents.map((document) => [(document as { name: string }).name, document] as const))(
    "%s: declares the same model",
    async (_, document) => {
      expect(documentOf(declared(await codeOf(document)))).toEqual(document);
    },
  );

  it("leaves out what is as usual", async () => {
    const code = await codeOf(documentOf(cross()));
    expect(code).toContain('export const model = edgeModel({ name: "cross" });');
    expect(code).toContain('import { edgeModel, prepare } from "edgewise";');
    expect(code).toContain("//   query, // [B, H, N, D]");
    expect(code).toContain("The answer has expectation, logEvidence and entropy.");
  });

  it("names what a call takes: variables for tensors with dots, a seed for draws", async () => {
    const coded = await codeOf(documentOf(predictiveCoding()));
    expect(coded).toContain('"state.1": state_1');
    const drawn = await codeOf(documentOf(hard({ choose: "samples", count: 3 })));
    expect(drawn).toContain("{ seed: 1 }");
    expect(await codeOf(documentOf(hard()))).not.toContain("seed");
  });

  it("passes the compiler's checks", async () => {
    const folder = mkdtempSync(join(import.meta.dirname, "typed-"));
    try {
      const files = await Promise.all(
        documents.map(async (document, k) => {
          const file = join(folder, `model${k}.ts`);
          writeFileSync(file, await codeOf(document));
          return file;
        }),
      );
      const program = ts.createProgram(files, {
        ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true },
        ...{ module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, types: [] },
        ...{ moduleResolution: ts.ModuleResolutionKind.Bundler, allowImportingTsExtensions: true },
        ...{ customConditions: ["edgewise-source"], lib: ["lib.es2023.d.ts", "lib.dom.d.ts"] },
      });
      const told = files.flatMap((file) => {
        const source = program.getSourceFile(file);
        return [
          ...program.getSyntacticDiagnostics(source),
          ...program.getSemanticDiagnostics(source),
        ];
      });
      const texts = told.map(
        ({ messageText, file }) =>
          `${file?.text.slice(0, 300)}\n${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      );
      expect(texts).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
