import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const src = fileURLToPath(new URL("../../src", import.meta.url));

/** What each layer may import; the same table stands in ARCHITECTURE.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  array: ["errors"],
  errors: [],
  ir: ["array", "errors"],
  model: ["ir", "array", "errors"],
  inference: ["model", "ir"],
  mechanisms: ["model", "inference"],
  posterior: [
    "model",
    "inference",
    "ir",
    "array",
    "errors",
    "engines/engine.ts",
    "engines/features.ts",
    "engines/choose.ts",
    "engines/shared",
  ],
  io: ["array", "errors"],
  schema: ["model", "errors"],
  "engines/engine.ts": ["ir", "array"],
  "engines/features.ts": [],
  "engines/choose.ts": [
    "engines/engine.ts",
    "engines/features.ts",
    "engines/reference",
    "engines/wasm",
    "ir",
    "errors",
  ],
  "engines/shared": ["engines/engine.ts", "ir", "array", "errors"],
  "engines/reference": ["engines/engine.ts", "engines/shared", "ir", "array", "errors"],
  "engines/wasm": [
    "engines/engine.ts",
    "engines/features.ts",
    "engines/shared",
    "ir",
    "array",
    "errors",
  ],
  "engines/jax": ["engines/engine.ts", "engines/shared", "ir", "array", "errors"],
  jax: ["engines/jax", "model", "inference", "posterior", "ir", "errors"],
  // A thread around the reference, not an engine beside it.
  "engines/worker": ["engines/engine.ts", "engines/shared", "engines/reference", "ir", "errors"],
  "index.ts": [
    "array",
    "errors",
    "model",
    "inference",
    "mechanisms",
    "posterior",
    "engines/engine.ts",
    "engines/features.ts",
    "engines/choose.ts",
  ],
};

const files = (readdirSync(src, { recursive: true }) as string[])
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .toSorted();
const text = (file: string): string => readFileSync(join(src, file), "utf8");

function layerOf(file: string): string {
  const [top = "", second = ""] = file.split("/");
  return top === "engines" ? `engines/${second}` : top;
}

/** Code that writes code is longer than code that runs. */
const isGenerator = (file: string): boolean => file.startsWith("engines/wasm/kernel/");

function imports(file: string): string[] {
  const found = [...text(file).matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map(
    ([, path = ""]) => path,
  );
  return found.map((path) => relative(src, join(src, dirname(file), path)));
}

describe("layers", () => {
  it.each(files)("%s imports only what its layer may", (file) => {
    const layer = layerOf(file);
    const may = allowed[layer];
    expect(may, `a rule for the layer ${layer}`).toBeDefined();
    const beyond = imports(file)
      .map(layerOf)
      .filter((other) => other !== layer && !may?.includes(other));
    expect(beyond).toEqual([]);
  });

  it("ARCHITECTURE.md shows the same table", () => {
    const page = readFileSync(join(src, "../../../ARCHITECTURE.md"), "utf8");
    for (const [layer, may] of Object.entries(allowed))
      expect(page).toContain(
        `| \`${layer}\` | ${may.map((other) => `\`${other}\``).join(", ") || "nothing"} |`,
      );
  });
});

describe("the thesis", () => {
  const mechanisms = files.filter((file) => file.startsWith("mechanisms/"));

  it.each(mechanisms)("%s declares and does not compute", (file) => {
    const code = text(file).replace(/\/\*[\s\S]*?\*\//g, "");
    expect(code).not.toMatch(/\bMath\.|\bfor \(|\bwhile \(|\[\w+\]\s*[+*/-]/);
  });

  it("only the intermediate representation defines a fold", () => {
    const others = files.filter(
      (file) => !file.startsWith("ir/") && /kind: "(normalise|weigh)",/.test(text(file)),
    );
    expect(others).toEqual([]);
  });

  it("randomness is an argument", () => {
    expect(files.filter((file) => /Math\.random|Date\.now/.test(text(file)))).toEqual([]);
  });
});

describe("sizes", () => {
  it.each(files)("%s can be read in one go", (file) => {
    const limit = file.startsWith("mechanisms/") ? 120 : isGenerator(file) ? 600 : 400;
    expect(text(file).split("\n").length).toBeLessThanOrEqual(limit);
  });
});

describe("names", () => {
  it.each(files.filter((file) => file.startsWith("mechanisms/")))(
    "%s exports its own name",
    (file) => {
      const name = file.replace("mechanisms/", "").replace(".ts", "");
      expect(text(file)).toContain(`export function ${name}(`);
    },
  );
});
