/** `edgewise studio` as a process: which folder it is of, and that nothing of it stays. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keptRuns } from "../../src/run/store.ts";
import { edgewise } from "../edgewise.ts";

const launcher = fileURLToPath(new URL("../../bin/edgewise.mjs", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edgewise-studio-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("refuses what is no folder, before any work", async () => {
  writeFileSync(join(folder, "file"), "");
  for (const [name, got] of [
    ["file", "which is no folder"],
    ["none", "where nothing is"],
  ]) {
    const { code, err } = await edgewise("studio", join(folder, name as string), "--no-open");
    expect(code).toBe(2);
    expect(err).toContain(`${got}\n`);
  }
});

it("writes reruns into its folder; an interrupt in the midst of one ends all of it", async () => {
  const { EDGEWISE_HOME: _, ...env } = process.env;
  const options = ["studio", folder, "--no-open", "--json"];
  const child = spawn(process.execPath, [launcher, ...options], {
    ...{ env, cwd: tmpdir(), stdio: ["ignore", "pipe", "inherit"] },
    detached: true,
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  try {
    const [line] = await once(child.stdout, "data");
    const { url } = JSON.parse(String(line)) as { url: string };
    const answer = await fetch(`${url}api/reruns`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ claims: ["K1"], size: "full", seeds: 20 }),
    });
    expect(answer.status).toBe(202);
    const home = join(folder, ".edgewise");
    while (!existsSync(join(home, "runs.sqlite")) || keptRuns(home).length === 0) await wait(50);
    await wait(500);
    child.kill("SIGINT");
    expect((await Promise.race([ended, wait(10_000, ["still running"])]))[0]).toBe(0);
    expect(keptRuns(home)).toMatchObject([{ state: "stopped", settings: { size: "full" } }]);
    expect(keptRuns(home)[0]?.folder).toContain(join(folder, "out/reproduce/identities-full"));
    // The launcher may have a process of its own below it: a group without members is gone.
    expect(() => process.kill(-(child.pid as number), 0)).toThrow(/ESRCH/);
  } finally {
    if (child.exitCode === null) process.kill(-(child.pid as number), "SIGKILL");
  }
});
