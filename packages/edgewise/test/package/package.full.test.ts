import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "edgewise-package-"));
const installed = join(folder, "node_modules/edgewise");

const call = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Every Node here: the pinned one, and the system's, which may be 20. */
const nodes = [...new Set([process.execPath, systemNode()])];

function systemNode(): string {
  const path = (process.env["PATH"] ?? "")
    .split(":")
    .filter((part) => !part.includes("node_modules"))
    .join(":");
  return execFileSync("sh", ["-c", "command -v node"], {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  }).trim();
}

function runModule(node: string, name: string, code: string): string {
  writeFileSync(join(folder, name), code);
  return call(node, [name], folder);
}

beforeAll(() => {
  call("npx", ["tsc", "-b"], root);
  const tarballs = ["edgewise", "segment", "lab"].map((name) => {
    const [{ filename }] = JSON.parse(
      call("npm", ["pack", "--json", "--pack-destination", folder], join(root, "packages", name)),
    );
    return `./${filename}`;
  });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  call("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(nodes)("the installed package under %s", (node) => {
  const { exports } = JSON.parse(
    readFileSync(join(root, "packages/edgewise/package.json"), "utf8"),
  );
  const subpaths = Object.keys(exports).filter(
    (path) => !path.endsWith(".json") && !path.endsWith("/thread"),
  );

  it.each(subpaths)("answers the import of %s", (path) => {
    const name = `edgewise${path.slice(1)}`;
    const names = runModule(
      node,
      "import.mjs",
      `console.log(Object.keys(await import("${name}")).length)`,
    );
    expect(Number(names)).toBeGreaterThan(0);
  });

  it("runs the first example of the README", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const [, example = ""] = /```ts runnable\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(example).toContain("posteriorExpectation");
    expect(runModule(node, "readme.mjs", example)).not.toBe("");
  });

  it("runs the engine wasm, named and chosen, shows its kernels, and ends", () => {
    const code = `
      import { causal, explain, posteriorExpectation, prepare, self, tensor } from "edgewise";
      import { showKernels, wasm } from "edgewise/engines/wasm";
      const x = tensor([[[[1, 0], [0, 1]]]]);
      const inputs = { query: x, key: x, value: x };
      const model = self({ graph: causal() });
      for (const engine of [await wasm(), undefined]) {
        const { info, expectation } = await posteriorExpectation(model, inputs, { ...(engine && { engine }) });
        console.log(info.engine, info.threads >= 1, info.edges, expectation.data.constructor.name, expectation.data[0]);
      }
      const attend = await prepare(model);
      console.log(attend.sync(inputs).expectation.data[1], attend.kernels().includes("(func"), showKernels(attend.program).includes("(func"));
      const { engine, engines, cost } = await explain(model, inputs);
      console.log(engine, engines.map(({ name, runs }) => name + " " + runs).join(), cost.edges);`;
    expect(runModule(node, "wasm.mjs", code)).toBe(
      [
        "wasm true 3 Float32Array 1",
        "wasm true 3 Float32Array 1",
        "0 true true",
        "wasm wasm true,reference true 3",
        "",
      ].join("\n"),
    );
  });

  it("infers in a worker, found through its exports, and ends", () => {
    const code = `
      import { causal, posteriorExpectation, self, tensor } from "edgewise";
      import { inWorker } from "edgewise/engines/worker";
      const query = tensor([[[[1, 0], [0, 1]]]]);
      const engine = await inWorker();
      const { expectation, info } = await posteriorExpectation(self({ graph: causal() }), { query, key: query, value: query }, { engine });
      console.log(info.engine, expectation.data[0]);`;
    expect(runModule(node, "worker.mjs", code)).toBe("worker 1\n");
  });
});

describe.each(nodes)("the installed WebAssembly engine under %s", (node) => {
  it("shares large calls among threads, which it finds from where it is, and ends", () => {
    const code = `
      import { posteriorExpectation, self } from "edgewise";
      import { wasm } from "edgewise/engines/wasm";
      const shape = [1, 1, 1024, 2];
      const x = { data: Float32Array.from({ length: 2048 }, (_, k) => Math.sin(k)), shape };
      const run = async (threads) => {
        const engine = await wasm({ threads });
        for (let k = 0; k < 20; k++)
          await posteriorExpectation(self(), { query: x, key: x, value: x }, { engine });
        return posteriorExpectation(self(), { query: x, key: x, value: x }, { engine });
      };
      const [one, two] = [await run(1), await run(2)];
      console.log(one.expectation.data.every((value, k) => value === two.expectation.data[k]));`;
    expect(runModule(node, "threads.mjs", code)).toBe("true\n");
  });
});

it("a worker takes tensors alone, tells failures in full, and refuses calls once it has ended", () => {
  const code = `
    import { cross, posteriorExpectation, tensor } from "edgewise";
    import { inWorker } from "edgewise/engines/worker";
    const engine = await inWorker();
    const query = { ...tensor([[[[1, 0]]]]), extra: () => 1 };
    const call = (key) => posteriorExpectation(cross(), { query, key, value: query }, { engine });
    const told = (promise) => promise.then(({ info }) => info.engine, ({ code }) => code);
    console.log(await told(call(query)), await told(call(tensor([[[[1]]]]))), await told(call(query)));
    engine.dispose();
    console.log(await told(call(query)));`;
  expect(runModule(process.execPath, "ends.mjs", code)).toBe(
    "worker shape_mismatch worker\nengine_failed\n",
  );
});

it("the command runs from an installed lab", () => {
  expect(call(process.execPath, ["node_modules/.bin/edgewise", "list"], folder)).toContain("cross");
});

it("edgewise bench runs the engines of an installed lab, and says which peers are missing", () => {
  const words = ["bench", "small", "reference", "--quick", "--json"];
  const answer = call(process.execPath, ["node_modules/.bin/edgewise", ...words], folder);
  const { rows, missing } = JSON.parse(answer) as {
    rows: { peer: string; status: string }[];
    missing: { peer: string; install: string }[];
  };
  expect(rows.map(({ status }) => status)).toEqual(rows.map(() => "measured"));
  expect(rows.map(({ peer }) => peer)).toContain("edgewise-reference");
  expect(missing).toContainEqual({
    peer: "jax-js",
    install: expect.stringMatching(/^npm install/),
  });
});

describe("the core", () => {
  it("holds no engine until one is chosen, and stays under 40 KB as pages load it", async () => {
    const bundle = await rolldown({ input: join(installed, "dist/index.js") });
    const { output } = await bundle.generate({ format: "esm", minify: true });
    const chunks = output.filter((part) => part.type === "chunk");
    const entry = chunks.find((chunk) => chunk.isEntry);
    const inside = entry?.moduleIds ?? [];
    const isEngine = (id: string): boolean => /engines\/(reference|wasm)/.test(id);
    expect(inside.filter(isEngine)).toEqual([]);
    for (const engine of ["engines/reference", "engines/wasm"])
      expect(
        chunks.some(({ moduleIds }) => moduleIds.some((id) => id.includes(engine))),
        engine,
      ).toBe(true);
    // Dependencies and shared chunks included: this is what a browser downloads first.
    const first = new Set<string>();
    const load = (name: string): void => {
      if (first.has(name)) return;
      first.add(name);
      for (const next of chunks.find(({ fileName }) => fileName === name)?.imports ?? [])
        load(next);
    };
    load(entry?.fileName ?? "");
    const early = chunks.filter(({ fileName }) => first.has(fileName));
    expect(early.flatMap(({ moduleIds }) => moduleIds).filter(isEngine)).toEqual([]);
    const size = early.reduce((sum, { code }) => sum + gzipSync(code).length, 0);
    expect(size).toBeLessThan(40_000);
  });

  it("ships no path of the machine that built it", () => {
    const files = call("sh", ["-c", `grep -rl '${root}' '${installed}' || true`], folder);
    expect(files).toBe("");
  });
});
