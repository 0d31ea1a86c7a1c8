/** A run on a text is named by its content: the same from another place goes on with it. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { uniforms } from "edgewise";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "edgewise-reproduce-text-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const launcher = fileURLToPath(new URL("../bin/edgewise.mjs", import.meta.url));

function drawnFile(place: string, seed: number): string {
  const uniform = uniforms(seed);
  const letter = (): string => " abcdefgh"[Math.floor(9 * uniform())] as string;
  mkdirSync(join(folder, place), { recursive: true });
  const path = join(folder, place, "drawn.txt");
  writeFileSync(path, Array.from({ length: 5000 }, letter).join(""));
  return path;
}

/** Folder of a run that ended well. */
async function run(file: string, output: string): Promise<string> {
  const words = ["reproduce", "text", "--quick", "--seeds", "1", "--file", file, "--json"];
  const env = { ...process.env, EDGEWISE_HOME: join(folder, "home") };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [launcher, ...words, "--output", join(folder, output)],
    { env },
  );
  const { folders, failures } = JSON.parse(stdout);
  expect(failures).toEqual([]);
  return folders[0];
}

it("the same text gives the same bytes, another one a folder of its own", async () => {
  const results = (of: string): string => readFileSync(join(of, "results.jsonl"), "utf8");
  const first = await run(drawnFile("here", 1), "out");
  const kept = results(first);
  expect(await run(drawnFile("there", 1), "out")).toBe(first);
  expect(results(await run(drawnFile("there", 1), "again"))).toBe(kept);
  expect(await run(drawnFile("there", 2), "out")).not.toBe(first);
  expect(readFileSync(join(first, "config.json"), "utf8")).not.toContain(folder);
  expect(readdirSync(join(first, "figures"))).toHaveLength(6);
});
