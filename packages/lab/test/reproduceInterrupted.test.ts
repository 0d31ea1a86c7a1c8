/** A run that is interrupted ends at once, with the code of the signal and what it had finished. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edgewise-interrupted-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const launcher = fileURLToPath(new URL("../bin/edgewise.mjs", import.meta.url));

function lines(): string[] {
  const output = join(folder, "out");
  const [run] = existsSync(output) ? readdirSync(output) : [];
  const file = join(output, run ?? "", "results.jsonl");
  return run !== undefined && existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
}

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s ends it with %i",
  async (signal, expected) => {
    const child = spawn(
      process.execPath,
      [
        launcher,
        ...[
          "reproduce",
          "identities",
          "--quick",
          "--seeds",
          "200",
          "--output",
          join(folder, "out"),
        ],
      ],
      {
        env: { ...process.env, EDGEWISE_HOME: join(folder, "home") },
        stdio: "ignore",
        detached: true,
      },
    );
    const ended = once(child, "exit") as Promise<[number | null]>;
    try {
      while (lines().length < 2 && child.exitCode === null) await wait(50);
      child.kill(signal);
      const told = await Promise.race([ended, wait(10_000, ["still running"] as const)]);
      expect(told[0]).toBe(expected);
      for (const line of lines().slice(0, -1)) expect(JSON.parse(line)).toHaveProperty("rows");
    } finally {
      // The whole group, if there still is one: the launcher has a process of its own below it.
      if (child.exitCode === null) process.kill(-(child.pid as number), "SIGKILL");
    }
  },
  60_000,
);
