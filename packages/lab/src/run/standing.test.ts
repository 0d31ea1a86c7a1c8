import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tempered } from "../experiments/aisi/tempered/experiment.ts";
import type { Settings } from "./results.ts";
import { RunFolder } from "./runFolder.ts";
import { standing } from "./standing.ts";

let output = "";
beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), "edgewise-standing-"));
});
afterEach(() => rmSync(output, { recursive: true }));

const { engine, quick: config } = tempered;
const settings: Settings = {
  ...{ experiment: "tempered", size: "quick", config, engine, versions: {} },
};

it("leaves out what is no run, and runs of which no seed is whole", async () => {
  writeFileSync(join(output, "report.html"), "");
  mkdirSync(join(output, "notes"));
  mkdirSync(join(output, "other"));
  writeFileSync(join(output, "other", "config.json"), "{");
  const folder = new RunFolder(output, settings);
  for (const { key, seed } of tempered.jobs(config, 1))
    folder.record({ key, seed, error: "out of luck" });
  expect(await standing(output, [], [])).toEqual([]);
});

it("tells the seeds that are whole, whatever the present call is of", async () => {
  const folder = new RunFolder(output, settings);
  for (const job of tempered.jobs(config, 1)) {
    const rows = await tempered.run(job, config, () => {});
    folder.record({ key: job.key, seed: job.seed, rows });
  }
  const [section, ...others] = await standing(output, [], []);
  expect(others).toEqual([]);
  expect(section).toMatchObject({ name: "tempered", seeds: 1, settings, failures: [] });
  expect(section?.figures.length).toBeGreaterThan(0);
});

it.each(["results.jsonl", "config.json"])("leaves out a run with a pipe for %s", async (name) => {
  const { path } = new RunFolder(output, settings);
  rmSync(join(path, name), { force: true });
  execFileSync("mkfifo", [join(path, name)]);
  expect(await standing(output, [], [])).toEqual([]);
});
