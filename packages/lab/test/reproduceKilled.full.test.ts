/** A run that is killed at any moment goes on where it was, and ends with the same numbers. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { uniforms } from "edgewise";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "edgewise-killed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const launcher = fileURLToPath(new URL("../bin/edgewise.mjs", import.meta.url));

/** Runs a command in a folder of its own; kills it after some milliseconds, if it is told to. */
function run(name: string, killAfter?: number): Promise<number | null> {
  const words = ["reproduce", "multihop", "--quick", "--seeds", "2"];
  const child = spawn(process.execPath, [launcher, ...words, "--output", join(folder, name)], {
    env: { ...process.env, EDGEWISE_HOME: join(folder, `${name}-home`) },
    stdio: "ignore",
    detached: true,
  });
  const { pid } = child;
  const timer =
    killAfter === undefined || pid === undefined
      ? undefined
      : // The whole group: the launcher has a process of its own below it.
        setTimeout(() => process.kill(-pid, "SIGKILL"), killAfter);
  return new Promise((resolve) => {
    child.on("exit", (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function results(name: string): string {
  const [made] = readdirSync(join(folder, name)).filter((entry) => entry.startsWith("multihop"));
  return readFileSync(join(folder, name, made as string, "results.jsonl"), "utf8");
}

it("ten kills lose nothing", async () => {
  const started = performance.now();
  await run("whole");
  const whole = performance.now() - started;
  const uniform = uniforms(5);
  for (let k = 0; k < 10; k++) await run("killed", uniform() * whole * 0.6);
  await run("killed");
  expect(results("killed")).toBe(results("whole"));
});
