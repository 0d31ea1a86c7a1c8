import { spawnSync } from "node:child_process";
import {
  disposeEngines,
  type Engine,
  engineNamed,
  explain,
  posteriorExpectation,
  prepare,
  self,
  tensor,
} from "edgewise";
import { compile } from "edgewise/compile";
import { reference } from "edgewise/engines/reference";
import { wasm } from "edgewise/engines/wasm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { choose, engineNames, verdicts } from "../../src/engines/choose.ts";
import { engineFeatures } from "../../src/engines/features.ts";
import { withoutRelaxedSimd, withoutSimd } from "./runtimes.ts";

const x = tensor([
  [
    [
      [1, 0],
      [0, 1],
    ],
  ],
]);
const inputs = { query: x, key: x, value: x };
const program = compile(self());

afterEach(() => void vi.restoreAllMocks());

describe("without an engine", () => {
  it("the fastest that supports the program runs it, in its own precision", async () => {
    const { info, expectation } = await posteriorExpectation(self(), inputs);
    expect(info).toMatchObject({ engine: "wasm", threads: expect.any(Number) });
    expect(expectation.data).toBeInstanceOf(Float32Array);
    expect((await prepare(self())).engine).toBe("wasm");
  });

  it("all choices share one engine, hence one memory", async () => {
    const engine = await choose(program);
    expect(await choose(compile(self()))).toBe(engine);
    expect(await engineNamed("wasm")).toBe(engine);
    const several = await Promise.all([choose(program), choose(program), engineNamed("wasm")]);
    for (const one of several) expect(one).toBe(engine);
  });

  it("an engine that was disposed of is replaced by the next choice", async () => {
    const first = await choose(program);
    first.dispose();
    const second = await choose(program);
    expect(second).not.toBe(first);
    await disposeEngines();
    const { info } = await posteriorExpectation(self(), inputs);
    expect([await choose(program), info.engine]).not.toContain(second);
  });

  it("the reference runs it where the runtime has no SIMD, and explain says why", async () => {
    withoutSimd();
    const { info, expectation } = await posteriorExpectation(self(), inputs);
    expect([info.engine, expectation.data]).toEqual(["reference", expect.any(Float64Array)]);
    const { engine, why, engines, faster } = await explain(self());
    expect(engine).toBe("reference");
    expect(why).toMatch(/^wasm does not run it: this runtime has no WebAssembly SIMD.*; reference/);
    expect(engines[0]).toMatchObject({ name: "wasm", runs: false, simd: false });
    expect(faster).toEqual([expect.stringContaining("WebAssembly SIMD")]);
  });

  it("a process ends by itself, with its engine alive", () => {
    const code = `
      import { posteriorExpectation, self } from "edgewise";
      // Large enough to be shared among threads.
      const x = { data: new Float32Array(4096), shape: [1, 1, 1024, 4] };
      const { info } = await posteriorExpectation(self(), { query: x, key: x, value: x });
      console.log(info.engine);`;
    const { stdout, status, signal } = spawnSync(
      process.execPath,
      ["--conditions=edgewise-source", "--input-type=module", "--eval", code],
      { encoding: "utf8", timeout: 30_000, cwd: import.meta.dirname },
    );
    expect([stdout, status, signal]).toEqual(["wasm\n", 0, null]);
  });
});

describe("an engine by name", () => {
  it("with options is one of its own", async () => {
    const own = await engineNamed("wasm", {});
    expect(own).not.toBe(await engineNamed("wasm"));
    own.dispose();
    expect((await posteriorExpectation(self(), inputs)).info.engine).toBe("wasm");
  });

  it("that there is none of is refused with the nearest", async () => {
    await expect(engineNamed("wasn")).rejects.toMatchObject({
      code: "bad_option",
      expected: "one of wasm, reference",
      fix: expect.stringContaining("write wasm in place of wasn"),
    });
  });

  it.each([
    ["wasm", 0, "threads: 0", "a whole number"],
    ["wasm", 1.5, "threads: 1.5", "a whole number"],
    ["reference", 2, "threads: 2 for reference", "an engine that has threads: wasm"],
  ])("%s with %s threads is refused", async (name, threads, got, expected) => {
    await expect(engineNamed(name, { threads })).rejects.toMatchObject({
      code: "bad_option",
      got,
      expected: expect.stringContaining(expected),
    });
  });

  it("with a misspelt option is refused with the nearest", async () => {
    await expect(engineNamed("wasm", { treads: 2 } as object)).rejects.toThrow("write threads");
  });

  it("that cannot run here is refused, and nothing falls back", async () => {
    withoutSimd();
    await expect(engineNamed("wasm")).rejects.toMatchObject({
      code: "engine_cannot",
      got: expect.stringMatching(/^wasm cannot run here: .*no WebAssembly SIMD/),
      fix: expect.stringContaining("reference"),
    });
  });
});

describe("an engine that was given", () => {
  const lacking: Engine = {
    ...{ name: "lacking", lower: () => 0, dispose: () => {} },
    supports: () => [{ step: "logPartition", reason: "it has no folds" }],
    run: () => Promise.reject(new Error("was run")),
  };

  it("and lacks a step is refused with the reason, and nothing falls back", async () => {
    await expect(posteriorExpectation(self(), inputs, { engine: lacking })).rejects.toMatchObject({
      code: "engine_cannot",
      got: "lacking cannot run this: logPartition: it has no folds",
      expected: expect.stringContaining("reference runs everything"),
    });
  });

  it("before it is there is told apart from one", async () => {
    const engine = wasm() as unknown as Engine;
    await expect(prepare(self(), { engine })).rejects.toMatchObject({
      code: "bad_option",
      got: "a promise of an engine",
      fix: "write engine: await …",
    });
  });
});

describe("generated kernels", () => {
  it("are read off what was prepared, each under its step", async () => {
    const attend = await prepare(self());
    expect(attend.kernels()).toMatch(/^;; logPriorMass: \S.*\n\(func \$/);
    expect(attend.kernels().match(/^\(func/gm)?.length).toBeGreaterThanOrEqual(4);
  });

  it("are those of the readings that were asked for", async () => {
    const attend = await prepare(self(), { read: ["logEvidence"] });
    expect(attend.kernels()).toContain(";; logEvidence:");
    expect(attend.kernels()).not.toContain(";; entropy:");
  });

  it("are refused by an engine that generates none", async () => {
    const attend = await prepare(self(), { engine: reference() });
    expect(() => attend.kernels()).toThrow("reference cannot show kernels");
  });
});

describe("what the runtime offers", () => {
  it("is asked without loading an engine", () => {
    const here = engineFeatures();
    expect(here).toMatchObject({ simd: true, sharedMemory: true, inPage: false });
    expect(here.cores).toBeGreaterThanOrEqual(1);
  });

  it("is less where instructions or leave to compile are missing", () => {
    withoutRelaxedSimd();
    expect(engineFeatures()).toMatchObject({ simd: true, relaxedSimd: false });
    withoutSimd();
    expect(engineFeatures()).toMatchObject({ simd: false, relaxedSimd: false });
  });

  it("in a page has shared memory only with cross-origin isolation", () => {
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("navigator", { hardwareConcurrency: 8 });
    const page = engineFeatures();
    vi.stubGlobal("crossOriginIsolated", true);
    const isolated = engineFeatures();
    vi.unstubAllGlobals();
    expect(page).toMatchObject({ inPage: true, sharedMemory: false, cores: 8 });
    expect(isolated).toMatchObject({ inPage: true, sharedMemory: true });
  });
});

describe("the verdicts of all engines", () => {
  it("stand from the fastest to the slowest", async () => {
    const all = await verdicts(program);
    expect(all.map(({ name }) => name)).toEqual([...engineNames]);
    for (const { runs, reasons } of all) expect([runs, reasons]).toEqual([true, []]);
  });
});
