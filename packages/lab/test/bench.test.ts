import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { edgewise } from "./edgewise.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const launcher = fileURLToPath(new URL("../bin/edgewise.mjs", import.meta.url));

/** The command in a process of its own, in a group of its own. */
function start(...words: string[]): ChildProcess {
  const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" };
  return spawn(process.execPath, [launcher, "bench", ...words], { detached: true, env });
}

async function ended(
  child: ChildProcess,
): Promise<{ code: number | null; out: string; err: string }> {
  let [out, err] = ["", ""];
  child.stdout?.on("data", (text) => (out += text));
  child.stderr?.on("data", (text) => (err += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

/** Processes of a group that are still there. */
const members = (group: number): string[] =>
  readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // The name may hold anything: fields are counted from its closing parenthesis.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return Number(fields[2]) === group && fields[0] !== "Z";
    } catch {
      return false;
    }
  });

describe("edgewise bench", () => {
  it("answers with one JSON document, and writes it with a table and a plot", async () => {
    const output = join(folder, "quick");
    const peers = ["--peers", "edgewise-wasm,ort-web"];
    const { code, out } = await ended(
      start("small", "--quick", "--threads", "1", ...peers, "--output", output, "--json"),
    );
    const { rows, ceilings, versions } = JSON.parse(out);
    expect(code).toBe(0);
    expect(rows).toMatchObject(
      ["edgewise-wasm", "ort-web"].map((peer) => ({
        ...{ workload: "small", peer, threads: 1, status: "measured" },
        ...{ median_ms: expect.any(Number), p10_ms: expect.any(Number) },
        ...{ p90_ms: expect.any(Number), gflops: expect.any(Number) },
        ceiling_fraction: expect.any(Number),
      })),
    );
    expect(ceilings).toMatchObject({ gflops: expect.any(Number) });
    expect(versions).toMatchObject({ "onnxruntime-web": "1.30.0" });
    expect(JSON.parse(readFileSync(join(output, "bench.json"), "utf8")).rows).toEqual(rows);
    expect(readFileSync(join(output, "bench.svg"), "utf8")).toContain("ort-web, 1 thread");
    expect(readFileSync(join(output, "bench.txt"), "utf8")).toMatch(/^small +ort-web +1 /m);
  }, 20_000);

  it("prints the table, and who is not installed, on standard output alone", async () => {
    const { code, out, err } = await ended(
      start("small", "--quick", "--threads", "1", "--output", join(folder, "text")),
    );
    expect(code).toBe(0);
    expect(err).toMatch(/^(bench: .*\n)*$/);
    expect(out).toMatch(/^workload +peer +threads/m);
    expect(out).toMatch(/^small +edgewise-wasm +1 /m);
    expect(out).toContain("nothing is said about speed");
  }, 20_000);

  it("interrupted leaves no process, no file and exit code 130", async () => {
    const output = join(folder, "interrupted");
    const child = start("dense-4096", "--peers", "jax-js", "--output", output);
    const group = child.pid as number;
    const end = ended(child);
    // Its peers are there once the group has more than the command itself.
    while (members(group).length < 3) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill("SIGINT");
    expect((await end).code).toBe(130);
    expect(members(group)).toEqual([]);
    expect(existsSync(output) ? readdirSync(output) : []).toEqual([]);
  }, 20_000);
});

describe("what edgewise bench refuses", () => {
  const output = ["--output", join(folder, "refused")];

  it.each([
    [["dense-1025"], /dense-1025[\s\S]*Did you mean dense-1024|dense-1024/],
    [["small", "--peers", "ort-wbe"], /ort-web/],
    [["small", "--threads", "0"], /whole numbers from 1/],
    [["small", "--rounds", "many"], /whole number/],
  ])("%s is bad usage", async (words, told) => {
    const { code, err, out } = await edgewise("bench", ...words, ...output);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(told);
  });
});
