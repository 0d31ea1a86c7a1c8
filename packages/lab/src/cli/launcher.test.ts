import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const launcher = fileURLToPath(new URL("../../bin/edgewise.mjs", import.meta.url));

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgewise-launcher-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Package with the real launcher and a command that tells how it was started. */
async function install(place: string, files: Record<string, string>): Promise<string> {
  const root = join(folder, place);
  await mkdir(join(root, "bin"), { recursive: true });
  await copyFile(launcher, join(root, "bin/edgewise.mjs"));
  for (const [name, text] of Object.entries({ "package.json": '{"type":"module"}', ...files })) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return join(root, "bin/edgewise.mjs");
}

const tell = (origin: string): string => `
  export async function start() {
    const { argv, execArgv, ppid } = process;
    if (argv[2] === "wait") setInterval(() => {}, 1000);
    else process.exitCode = Number(argv[2] ?? 0);
    console.log(JSON.stringify({ origin: "${origin}", argv: argv.slice(2), execArgv, ppid }));
  }`;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ["", ""];
  child.stdout?.on("data", (chunk) => (out += chunk));
  child.stderr?.on("data", (chunk) => (err += chunk));
  return new Promise((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, out, err })),
  );
}

function launch(script: string, argv: string[], execArgv: string[] = []): ChildProcess {
  const env = { ...process.env, NODE_OPTIONS: "" };
  return spawn(process.execPath, [...execArgv, script, ...argv], { env });
}

describe("the launcher", () => {
  const both = { "src/cli/main.ts": tell("source"), "dist/cli/main.js": tell("built") };

  it("runs the source in the repository, in a child with the source condition", async () => {
    const child = launch(await install("lab", both), ["0", "--flag", "a b"]);
    const { code, out } = await ended(child);
    const told = JSON.parse(out);
    expect(code).toBe(0);
    expect(told).toMatchObject({ origin: "source", argv: ["0", "--flag", "a b"], ppid: child.pid });
    expect(told.execArgv).toContain("--conditions=edgewise-source");
  });

  it("needs no child where the condition is set already", async () => {
    const script = await install("lab", both);
    const { out } = await ended(launch(script, [], ["--conditions=edgewise-source"]));
    expect(JSON.parse(out)).toMatchObject({ origin: "source", ppid: process.pid });
  });

  it("runs what was built below node_modules, without a child", async () => {
    const script = await install("node_modules/@edgewise/lab", both);
    const { out } = await ended(launch(script, []));
    expect(JSON.parse(out)).toMatchObject({ origin: "built", execArgv: [], ppid: process.pid });
  });

  it("ends with the exit code of the command", async () => {
    expect((await ended(launch(await install("lab", both), ["3"]))).code).toBe(3);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("passes %s on, waits for the command and ends with %i", async (signal, code) => {
    const child = launch(await install("lab", both), ["wait"]);
    child.stdout?.once("data", () => child.kill(signal));
    expect(await ended(child)).toMatchObject({ code, signal: null });
  });

  it("says what to do where nothing is built", async () => {
    const script = await install("node_modules/lab", {});
    const { code, out, err } = await ended(launch(script, ["list"]));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("npm run build");
    const json = await ended(launch(script, ["list", "--json"]));
    expect([json.code, JSON.parse(json.out).error.code]).toEqual([2, "bad_usage"]);
  });
});

describe("under a Node that is too old", () => {
  /** The launcher as it would run there: only the version it reads is another. */
  const old = ["--import", "data:text/javascript,"]
    .join("=")
    .concat(
      encodeURIComponent("Object.defineProperty(process.versions, 'node', { value: '20.20.2' });"),
    );
  const files = { "src/cli/main.ts": tell("source") };

  it("says what to do, with exit code 2, where no other is installed", async () => {
    const { code, out, err } = await ended(launch(await install("lab", files), [], [old]));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Node 20.20.2");
    expect(err).toContain("npm ci");
  });

  it("restarts with the Node that the project pins", async () => {
    const script = await install("lab", {
      ...files,
      "node_modules/node/package.json": '{"version":"24.0.0"}',
    });
    const bin = join(folder, "lab/node_modules/node/bin");
    await mkdir(bin);
    await writeFile(join(bin, "node"), `#!/bin/sh\necho pinned "$@"\n`, { mode: 0o755 });
    const { code, out } = await ended(launch(script, ["list"], [old]));
    expect(code).toBe(0);
    expect(out).toMatch(/^pinned .*--conditions=edgewise-source .*edgewise\.mjs list\n$/);
  });

  it("does not take a pinned Node that is too old as well", async () => {
    const script = await install("lab", {
      ...files,
      "node_modules/node/package.json": '{"version":"22.1.0"}',
      "node_modules/node/bin/node": "",
    });
    expect((await ended(launch(script, [], [old]))).code).toBe(2);
  });
});
