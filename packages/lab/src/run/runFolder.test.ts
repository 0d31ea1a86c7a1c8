import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Job } from "../experiment/experiment.ts";
import type { Settings } from "./results.ts";
import { folderName, RunFolder } from "./runFolder.ts";

let parent = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "edgewise-run-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

const settings: Settings = {
  ...{ experiment: "toy", size: "quick", config: { steps: 3 }, engine: "wasm" },
  versions: { edgewise: "0.1.0" },
};
const jobs: readonly Job[] = ["a", "b"].flatMap((key) =>
  [1, 2].map((seed) => ({ key, seed, parameters: {} })),
);
const [first, second] = jobs as [Job, Job, ...Job[]];
const names = ["results.jsonl", "config.json", "report.html"];
const lines = (folder: RunFolder): string =>
  readFileSync(join(folder.path, "results.jsonl"), "utf8");

describe("a run's folder", () => {
  it("is named by what decides its numbers", () => {
    expect(folderName(settings)).toMatch(/^toy-quick-[0-9a-f]{8}$/);
    expect(folderName({ ...settings, config: { steps: 4 } })).not.toBe(folderName(settings));
    expect(folderName({ ...settings, versions: { edgewise: "0.2.0" } })).not.toBe(
      folderName(settings),
    );
  });

  it("keeps what is done, and the next one does the rest", () => {
    new RunFolder(parent, settings).record({ key: "a", seed: 1, rows: [{ error: 0.5 }] });
    const again = new RunFolder(parent, settings);
    expect(again.missing(jobs)).toEqual(jobs.slice(1));
    expect(again.rows(jobs)).toEqual([{ seed: 1, error: 0.5 }]);
  });

  it("tries again what failed, and tells it until it succeeds", () => {
    const folder = new RunFolder(parent, settings);
    folder.record({ key: "a", seed: 1, error: "out of luck" });
    expect(folder.missing(jobs)).toEqual(jobs);
    expect(folder.failures(jobs)).toMatchObject([{ key: "a", seed: 1, error: "out of luck" }]);
    folder.record({ key: "a", seed: 1, rows: [{ error: 1 }] });
    expect(new RunFolder(parent, settings).failures(jobs)).toEqual([]);
  });

  it("cuts off a line that was not finished, and does its work again", () => {
    const folder = new RunFolder(parent, settings);
    folder.record({ key: "a", seed: 1, rows: [{ error: 1 }] });
    appendFileSync(join(folder.path, "results.jsonl"), '{"key":"a","seed":2,"ro');
    const again = new RunFolder(parent, settings);
    expect(again.missing(jobs)).toContainEqual(second);
    again.record({ key: "a", seed: 2, rows: [{ error: 1 }] });
    expect(new RunFolder(parent, settings).missing(jobs)).toHaveLength(2);
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a number", "3"],
    ["a list", "[1]"],
    ["a key alone", '{"key":"b"}'],
    ["no rows", '{"key":"b","seed":1,"rows":[]}'],
    ["rows that are none", '{"key":"b","seed":1,"rows":7}'],
    ["rows of what is no cell", '{"key":"b","seed":1,"rows":[{"error":[1]}]}'],
  ])("tells of a line that is %s, does its work again, and drops it", (_, line) => {
    const folder = new RunFolder(parent, settings);
    folder.record({ key: "a", seed: 1, rows: [{ error: 1 }] });
    appendFileSync(folder.lines, `${line}\n`);
    folder.record({ key: "a", seed: 2, rows: [{ error: 1 }] });
    const again = new RunFolder(parent, settings);
    expect(again.damaged).toEqual([2]);
    expect(again.missing(jobs)).toEqual(jobs.slice(2));
    again.settle(jobs);
    expect(new RunFolder(parent, settings).damaged).toEqual([]);
  });

  it.each(names)("refuses a pipe or a device in place of %s, unopened", (name) => {
    const path = join(parent, folderName(settings), name);
    mkdirSync(join(path, ".."));
    execFileSync("mkfifo", [path]);
    const told = { code: "unreadable_file", where: path, fix: `move or remove ${path}` };
    expect(() => new RunFolder(parent, settings)).toThrow(
      expect.objectContaining({ ...told, got: "a pipe" }),
    );
    rmSync(path);
    symlinkSync("/dev/zero", path);
    expect(() => new RunFolder(parent, settings)).toThrow(
      expect.objectContaining({ ...told, got: "a device" }),
    );
  });

  it.each(names)("names a folder in place of %s", (name) => {
    const path = join(parent, folderName(settings), name);
    mkdirSync(path, { recursive: true });
    expect(() => new RunFolder(parent, settings)).toThrow(
      expect.objectContaining({ code: "unreadable_file", where: path, got: "a folder" }),
    );
  });

  it("names a file in place of itself", () => {
    const path = join(parent, folderName(settings));
    writeFileSync(path, "");
    expect(() => new RunFolder(parent, settings)).toThrow(
      expect.objectContaining({ where: path, fix: `move or remove ${path}` }),
    );
  });

  it("has the same bytes in whatever order the work ended", () => {
    const of = (order: readonly Job[]): string => {
      rmSync(join(parent, folderName(settings)), { recursive: true, force: true });
      const folder = new RunFolder(parent, settings);
      for (const { key, seed } of order) folder.record({ key, seed, rows: [{ seed: seed * 2 }] });
      folder.settle(jobs);
      return lines(folder);
    };
    expect(of(jobs)).toBe(of(jobs.toReversed()));
  });

  it("keeps the seeds of a longer run when a shorter one settles", () => {
    const folder = new RunFolder(parent, settings);
    for (const { key, seed } of jobs) folder.record({ key, seed, rows: [{ error: 1 }] });
    folder.settle([first]);
    expect(new RunFolder(parent, settings).missing(jobs)).toEqual([]);
  });
});
