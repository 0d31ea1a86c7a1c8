import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disposeEngines } from "edgewise";
import { readSafetensors, writeSafetensors } from "edgewise/io";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { edgewise } from "./edgewise.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-engines-"));
const path = (name: string): string => join(folder, name);
const filled = (shape: number[], value: number) => ({
  dtype: "F32" as const,
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

beforeAll(() => {
  const tensors = [
    ["query", filled([1, 1, 3, 2], 1)],
    ["key", filled([1, 1, 4, 2], 1)],
    ["value", filled([1, 1, 4, 5], 2)],
  ] as const;
  writeFileSync(path("in.safetensors"), writeSafetensors(tensors));
  const cotangent = ["d_expectation", filled([1, 1, 3, 5], 1)] as const;
  writeFileSync(path("d.safetensors"), writeSafetensors([...tensors, cotangent]));
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => {
  await disposeEngines();
  rmSync(folder, { recursive: true, force: true });
});

/** A runtime without vectors. */
const withoutSimd = (): void => {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(): boolean } };
  vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
};
const run = (...words: string[]) =>
  edgewise("run", "cross", "--input", path("in.safetensors"), ...words);
const written = () => ["--output", path("out.safetensors")];
const errorOf = ({ out }: { out: string }) => JSON.parse(out).error;

describe("--engine", () => {
  it.each(["wasm", "reference"])("%s runs what it is asked for, and says so", async (engine) => {
    const { code, out } = await run(...written(), "--engine", engine, "--json");
    expect([code, JSON.parse(out)]).toMatchObject([0, { engine, threads: expect.any(Number) }]);
    const pulled = await edgewise(
      ...["gradient", "cross", "--input", path("d.safetensors"), ...written()],
      ...["--engine", engine, "--json"],
    );
    expect([pulled.code, JSON.parse(pulled.out)]).toMatchObject([
      0,
      { engine, threads: expect.any(Number) },
    ]);
  });

  it("left out is the fastest, and the answer names it", async () => {
    const { out } = await run(...written());
    expect(out).toMatch(/^cross on wasm in [\d.]+ ms\n/);
  });

  it("that cannot run here is refused with 1 and those that can, and nothing falls back", async () => {
    withoutSimd();
    const refused = await run(...written(), "--engine", "wasm", "--json");
    expect([refused.code, errorOf(refused)]).toMatchObject([
      1,
      {
        code: "engine_cannot",
        got: expect.stringMatching(/^wasm cannot run here: .*no WebAssembly SIMD/),
        expected: expect.stringContaining("reference runs everywhere"),
      },
    ]);
    // Where none is named there is still an answer, and it says by whom.
    const { code, out } = await run(...written(), "--json");
    expect([code, JSON.parse(out).engine]).toEqual([0, "reference"]);
  });
});

describe("--threads", () => {
  it("asks for the engine that has them", async () => {
    const { code, out } = await run(...written(), "--threads", "2", "--json");
    expect([code, JSON.parse(out).engine]).toEqual([0, "wasm"]);
  });

  it.each(["0", "1.5", "many", "-2"])("%s is refused with what it may be", async (threads) => {
    const { code, err } = await run(...written(), "--threads", threads);
    expect([code, err]).toEqual([2, expect.stringContaining("a whole number of at least 1")]);
  });

  it("is refused by the reference, which has one", async () => {
    const refused = await run(...written(), "--engine", "reference", "--threads", "2", "--json");
    expect([refused.code, errorOf(refused)]).toMatchObject([
      2,
      { code: "bad_option", got: "threads: 2 for reference" },
    ]);
    const { code } = await run(...written(), "--engine", "reference", "--threads", "1");
    expect(code).toBe(0);
  });
});

describe("--show-kernel", () => {
  const kernel = /^;; logPriorMass: .*\n\(func \$\S+ \(param i32 i32 i32 i32\)\n/;

  it("prints text of WebAssembly and runs nothing", async () => {
    const before = readdirSync(folder);
    const { code, out, err } = await edgewise("run", "self", "--show-kernel");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(kernel);
    expect(out.trimEnd().split("\n").at(-1)).toBe(")");
    expect(readdirSync(folder)).toEqual(before);
  });

  it("shows what a config and given tensors make of it", async () => {
    const plain = await edgewise("run", "cross", "--show-kernel");
    writeFileSync(path("c.json"), '{ "softcap": 20 }');
    const capped = await edgewise("run", "cross", "--show-kernel", "--config", path("c.json"));
    expect(capped.out).not.toBe(plain.out);
    const { code, out } = await run("--show-kernel", "--config", path("c.json"));
    expect([code, out]).toEqual([0, capped.out]);
  });

  it("with --output prints it, runs and writes", async () => {
    const { code, out } = await run("--show-kernel", ...written());
    expect([code, out]).toEqual([0, expect.stringMatching(kernel)]);
    expect(out).toContain("cross on wasm in");
    const { tensors } = readSafetensors(readFileSync(path("out.safetensors")), "out");
    expect(tensors.get("expectation")?.data[0]).toBeCloseTo(2, 6);
    const missing = await edgewise("run", "cross", "--show-kernel", ...written());
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("--input <file>")]);
  });

  it("with --json is one document", async () => {
    const shown = JSON.parse((await run("--show-kernel", "--json")).out);
    expect(Object.keys(shown)).toEqual(["mechanism", "engine", "kernels"]);
    const both = JSON.parse((await run("--show-kernel", ...written(), "--json")).out);
    expect(both).toMatchObject({ kernels: shown.kernels, outputs: { entropy: [1, 1, 3] } });
  });

  it("needs an engine that generates code", async () => {
    const refused = await run("--show-kernel", "--engine", "reference", "--json");
    expect([refused.code, errorOf(refused)]).toMatchObject([
      1,
      { code: "engine_cannot", got: expect.stringContaining("reference cannot show kernels") },
    ]);
  });

  it("is explained by --help", async () => {
    const help = (await edgewise("run", "--help")).out.replaceAll(/\s+/g, " ");
    expect(help).toContain("nothing runs unless --output is given too");
    expect(help).toContain("edgewise run self --show-kernel");
    expect((await edgewise("gradient", "--help")).out).not.toContain("--show-kernel");
  });
});

describe("edgewise list", () => {
  it("says of every engine what it has here", async () => {
    const { engines, mechanisms } = JSON.parse((await edgewise("list", "--json")).out);
    const declined = mechanisms.filter(({ engines: of }: { engines: object }) => {
      return (of as { wasm: unknown }).wasm !== true;
    });
    expect(declined).toMatchObject([
      { name: "conditional-mean", engines: { wasm: expect.stringContaining("single precision") } },
    ]);
    expect(engines).toEqual([
      {
        ...{ name: "wasm", precision: "float32", threads: expect.any(Number), simd: true },
        ...{ relaxedSimd: expect.any(Boolean), available: true, mechanisms: mechanisms.length - 1 },
      },
      {
        ...{ name: "reference", precision: "float64", threads: 1, simd: false, relaxedSimd: false },
        ...{ available: true, mechanisms: mechanisms.length },
      },
    ]);
    const { out } = await edgewise("list");
    expect(out).toMatch(/wasm +runs 20 of 21 mechanisms in float32, SIMD/);
  });

  it("gives the reason where an engine cannot run here", async () => {
    withoutSimd();
    const { engines, mechanisms } = JSON.parse((await edgewise("list", "--json")).out);
    expect(engines[0].available).toContain("no WebAssembly SIMD");
    expect(mechanisms[0].engines).toEqual({ wasm: engines[0].available, reference: true });
    expect((await edgewise("list")).out).toContain("cannot run here: this runtime has no");
  });
});

describe("commands that name their engine", () => {
  it("certify says which and why", async () => {
    const { out } = await edgewise("certify", "hopfield", "--draws", "2", "--json");
    expect(JSON.parse(out).engine).toBe("reference");
    expect((await edgewise("certify", "--help")).out).toContain("in double precision");
    expect((await edgewise("segment", "--help")).out).toContain("on the engine wasm");
  });
});
