import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { causal, EdgewiseError, hopfield, type Inputs, prepare, self } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { type WasmEngine, wasm } from "edgewise/engines/wasm";
import { axis, binary, index, load, type Program, where } from "edgewise/ir";
import { describe, expect, it } from "vitest";
import { random } from "../random.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

function nodes(seed: number, count: number, width = 4): Inputs {
  const { normal } = random(seed);
  const shape = [1, 2, count, width];
  return { query: normal(shape), key: normal(shape), value: normal(shape) };
}

const edges = (engine: WasmEngine) => prepare(self({ graph: causal() }), { engine });

/** What a process of its own prints. */
function printedBy(code: string, ...flags: readonly string[]): string {
  const options = ["--conditions=edgewise-source", "--input-type=module", "--eval", code];
  return execFileSync(process.execPath, [...flags, ...options], {
    cwd: `${root}/packages/edgewise`,
    encoding: "utf8",
    timeout: 60_000,
  });
}

async function refusal(call: () => unknown): Promise<Pick<EdgewiseError, "code" | "got">> {
  try {
    await call();
  } catch (error) {
    if (error instanceof EdgewiseError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("memory", () => {
  it("stays what the largest call needed through 10,000 calls of changing shapes", async () => {
    const engine = await wasm({ threads: 1 });
    const attend = await edges(engine);
    const given = Array.from({ length: 50 }, (_, k) => nodes(k, 1 + k));
    const all = (): void => {
      for (const inputs of given) attend.sync(inputs);
    };
    all();
    const bytes = engine.memoryBytes;
    for (let round = 0; round < 200; round++) all();
    expect(engine.memoryBytes).toBe(bytes);
    expect(bytes).toBeLessThan(2 ** 20);
  });

  it("holds one round of an iteration, however many there are", async () => {
    const { normal } = random(7);
    const inputs = { state: normal([1, 20, 8]), patterns: normal([1, 400, 8]) };
    const bytes = async (maxIterations: number): Promise<number> => {
      const engine = await wasm({ threads: 1 });
      const model = hopfield({ maxIterations, tolerance: 0 });
      const recall = await prepare(model, { engine, read: ["state"] });
      recall.sync(inputs);
      return engine.memoryBytes;
    };
    expect(await bytes(500)).toBe(await bytes(2));
  });

  it("is used again by steps whose inputs are read no more", async () => {
    const engine = await wasm({ threads: 1 });
    const attend = await prepare(self(), { engine, read: ["expectation", "entropy"] });
    const [count, width] = [1000, 128];
    attend.sync(nodes(1, count, width));
    // Inputs and answer, and a tenth for what lies between.
    expect(engine.memoryBytes).toBeLessThan(1.1 * 4 * (2 * 4 * count * width) + 2 ** 18);
  });

  it("is let go of by dispose(), although what was prepared is kept", () => {
    const code = `
      import { cross, prepare } from "edgewise";
      import { wasm } from "edgewise/engines/wasm";
      const tensor = (count) => ({ data: new Float32Array(64 * count), shape: [1, 1, count, 64] });
      const engine = await wasm({ threads: 1 });
      const attend = await prepare(cross(), { engine });
      const inputs = { query: tensor(1), key: tensor(1e5), value: tensor(1e5) };
      const bytes = () => { gc(); const { external, arrayBuffers } = process.memoryUsage(); return external - arrayBuffers; };
      attend.sync(inputs);
      const before = bytes();
      engine.dispose();
      for (let k = 0; k < 5; k++) await new Promise((resolve) => setTimeout(resolve, 20, bytes()));
      console.log((before - bytes()) / 2 ** 20 > 40, typeof attend);`;
    expect(printedBy(code, "--expose-gc")).toBe("true function\n");
  });

  it("is refused with its size before any work begins", async () => {
    const engine = await wasm();
    const attend = await prepare(self(), { engine, read: ["posterior"] });
    const { normal } = random(1);
    const [query, key] = [normal([1, 1, 30000, 1]), normal([1, 1, 30000, 1])];
    const before = engine.memoryBytes;
    const { code, got } = await refusal(() => attend({ query, key, value: key }));
    expect(code).toBe("engine_cannot");
    expect(got).toMatch(/^a need of 3\.4 GiB for .*, 3\.4 GiB of it for .*\[1, 1, 30000, 30000\]$/);
    expect(engine.memoryBytes).toBeLessThanOrEqual(before);
    expect((await attend(nodes(1, 3))).info.edges).toBe(18);
  });
});

it("a loop that is longer than the dimension it adds to stays inside of it", async () => {
  const [b, t] = [axis("b", "B"), axis("t", "T")];
  const value = where(binary("less", index(t), 2), load("x", [index(b), index(t)]), 0);
  const program: Program = {
    name: "first two",
    inputs: [{ name: "x", shape: ["B", "T"] }],
    steps: [
      {
        kind: "map",
        over: [b, t],
        results: [{ name: "y", shape: ["B", 2], along: [], at: [index(b), index(t)], value }],
      },
    ],
    outputs: { y: "y" },
  };
  const shape = [2, 300_000];
  const x = { data: Float32Array.from({ length: 600_000 }, (_, k) => k % 7), shape };
  const engine = await wasm({ threads: 2 });
  const { outputs } = engine.runSync(engine.lower(program), { x });
  expect(outputs["y"]?.data).toEqual(Float32Array.of(0, 1, 1, 2));
  engine.dispose();
});

describe("engines", () => {
  it("do not disturb each other, side by side", async () => {
    const [one, other] = [await wasm(), await wasm()];
    const [first, second] = [await edges(one), await edges(other)];
    const truth = await prepare(self({ graph: causal() }), { engine: reference() });
    for (let k = 1; k < 20; k++) {
      const given = [nodes(k, k), nodes(2 * k, 21 - k)] as const;
      const got = [first.sync(given[0]), second.sync(given[1])];
      given.forEach((inputs, which) => {
        const { expectation } = truth.sync(inputs);
        got[which]?.expectation.data.forEach((value, e) => {
          expect(Math.abs(value - (expectation.data[e] ?? Number.NaN))).toBeLessThan(1e-5);
        });
      });
    }
  });

  it("compile a program once, whatever the lengths, and however often it is prepared", async () => {
    const engine = await wasm();
    const first = await edges(engine);
    first.sync(nodes(1, 3));
    const { compiled } = engine;
    const again = await edges(engine);
    for (let k = 1; k < 9; k++) again.sync(nodes(k, 5 * k));
    expect([compiled, engine.compiled]).toEqual([1, 1]);
  });

  it("say which features they make use of", async () => {
    expect((await wasm({ threads: 1, relaxedSimd: false })).features).toEqual({
      relaxedSimd: false,
      threads: 1,
      sharedMemory: false,
    });
    expect((await wasm({ threads: 3 })).features).toMatchObject({ threads: 3, sharedMemory: true });
  });

  it.each([0, 1.5, -1, 65, Number.NaN])("refuse %d threads", async (threads) => {
    expect((await refusal(() => wasm({ threads }))).code).toBe("bad_option");
  });

  it("refuse calls once they are disposed of, and may be disposed of twice", async () => {
    const engine = await wasm();
    const attend = await edges(engine);
    engine.dispose();
    engine.dispose();
    for (const call of [() => attend(nodes(1, 2)), () => attend.sync(nodes(1, 2))])
      expect(await refusal(call)).toMatchObject({
        code: "engine_failed",
        got: "a call after dispose()",
      });
  });

  it("refuse a call from inside the progress of another", async () => {
    const engine = await wasm();
    const attend = await edges(engine);
    const inside = (): unknown =>
      attend.sync(nodes(1, 40), { onProgress: () => attend.sync(nodes(1, 2)) });
    expect((await refusal(inside)).got).toContain("onProgress");
    expect(attend.sync(nodes(1, 3)).info.edges).toBe(12);
  });

  it("tell a progress that never goes back", async () => {
    const engine = await wasm({ threads: 2 });
    const attend = await edges(engine);
    const shares: number[] = [];
    attend.sync(nodes(1, 600), { onProgress: (share) => shares.push(share) });
    expect(shares.length).toBeGreaterThan(10);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    engine.dispose();
  });
});

describe("threads", () => {
  it("change no bit of an answer", async () => {
    const inputs = { ...nodes(3, 300), chooser_value: random(4).normal([1, 2, 300, 4]) };
    const answers = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const engine = await wasm({ threads });
        const attend = await prepare(self({ graph: causal() }), {
          engine,
          read: ["expectation", "logEvidence", "scatter", "mass"],
        });
        // Often enough that the other threads have come.
        for (let k = 0; k < 20; k++) attend.sync(inputs);
        const { info, ...tensors } = attend.sync(inputs);
        engine.dispose();
        expect(info.threads).toBe(threads);
        return { tensors, edges: info.edges };
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it("are gone when engines are disposed of, a hundred times", async () => {
    const ports = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;
    const before = ports();
    for (let k = 0; k < 100; k++) {
      const engine = await wasm({ threads: 2 });
      const attend = await edges(engine);
      attend.sync(nodes(1, k % 10 === 0 ? 600 : 6));
      engine.dispose();
    }
    await expect.poll(ports, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  });

  it("do not keep a process alive", () => {
    const code = `
      import { self, posteriorExpectation } from "edgewise";
      import { wasm } from "edgewise/engines/wasm";
      const shape = [1, 1, 1024, 2];
      const x = { data: Float32Array.from({ length: 2048 }, (_, k) => Math.sin(k)), shape };
      const engine = await wasm({ threads: 2 });
      for (let k = 0; k < 20; k++)
        await posteriorExpectation(self(), { query: x, key: x, value: x }, { engine });
      console.log("done");`;
    expect(printedBy(code)).toBe("done\n");
  });
});
