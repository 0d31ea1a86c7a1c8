import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edgewise } from "./edgewise.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-reproduce-"));
const output = join(folder, "out");
const before = process.env["EDGEWISE_HOME"];
beforeAll(() => {
  process.env["EDGEWISE_HOME"] = join(folder, "home");
});
afterAll(() => {
  if (before === undefined) delete process.env["EDGEWISE_HOME"];
  else process.env["EDGEWISE_HOME"] = before;
  rmSync(folder, { recursive: true, force: true });
});

describe("edgewise reproduce", () => {
  it.each([
    ["a claim", ["reproduce", "K99"], /K99[\s\S]*a claim or an experiment among K1/],
    [
      "an experiment",
      ["reproduce", "qqqqqqqq"],
      /among K1, [^\n]*\n {2}fix {7}leave it out to run/,
    ],
    [
      "a number of seeds",
      ["reproduce", "K6", "--seeds", "abc"],
      /got .*'abc'\n {2}expected {2}a whole number from 1 to 1000\n/,
    ],
    ["a number of a run", ["runs", "1.5"], /got {7}1\.5, no whole number\n/],
    ["a word for a run", ["runs", "abc"], /got {7}abc, no whole number\n/],
    ["a run", ["runs", "7"], /there is none yet[\s\S]*edgewise runs lists them/],
  ])("refuses %s that is none", async (_, words, message) => {
    const { code, err } = await edgewise(...words);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it("writes a run with its settings, results, figures and a report, and keeps it", async () => {
    const { code, out, err } = await edgewise(
      ...["reproduce", "identities", "--quick", "--seeds", "1", "--output", output, "--json"],
    );
    expect(code, err).toBe(0);
    // Nothing but progress, where it takes long enough to be told.
    expect(err).toMatch(/^(reproduce: \d+ % .*\n)*$/);
    const { claims, report, folders } = JSON.parse(out);
    expect(claims.map(({ id }: { id: string }) => id)).toContain("K1");
    for (const claim of claims)
      expect(Object.keys(claim).sort()).toEqual([
        "expected",
        "id",
        "interval",
        "measured",
        "verdict",
      ]);
    expect(readFileSync(report, "utf8")).toMatch(/^<!doctype html>[\s\S]*K1[\s\S]*<\/html>\n$/);
    expect(report).not.toMatch(/https?:/);
    const [run] = folders;
    for (const file of ["config.json", "results.jsonl", "report.html"])
      expect(existsSync(join(run, file)), file).toBe(true);
    const figures = readdirSync(join(run, "figures"));
    for (const kind of ["svg", "png", "csv"])
      expect(
        figures.some((name) => name.endsWith(kind)),
        kind,
      ).toBe(true);
    const { runs } = JSON.parse((await edgewise("runs", "--json")).out);
    expect(runs).toMatchObject([{ id: 1, folder: run, state: "finished", seeds: 1 }]);
  });

  it("shows a run by itself, and says which there are", async () => {
    const { out } = await edgewise("runs", "1");
    expect(out).toMatch(/^1 .* identities quick, 1 seed /);
    expect(out).toMatch(/\nexperiment +"identities"\n[\s\S]*\nK1 +reproduced/);
    expect((await edgewise("runs", "1", "1")).out).toBe(
      "their settings and verdicts do not differ\n",
    );
    const { code, err } = await edgewise("runs", "999");
    expect(code).toBe(2);
    expect(err).toMatch(/got {7}999, and no run of that number\n.*: 1\n/);
  });

  it("tells what figures show where no claim is about it, in a report on all that stands there", async () => {
    const run = ["reproduce", "laplace", "--quick", "--seeds", "1", "--output", output];
    const { out } = await edgewise(...run);
    expect(out).toMatch(/^.+: .+\.\n[\s\S]*wrote /);
    const { readings, report } = JSON.parse((await edgewise(...run, "--json")).out);
    expect(readings[0]).toMatchObject({ experiment: "laplace", title: expect.any(String) });
    expect(out).toContain(`${readings[0].title}: ${readings[0].reading}`);
    const page = readFileSync(report, "utf8");
    for (const name of ["identities", "laplace"]) expect(page).toContain(`<h2>${name}: `);
  });

  it("goes on past lines that are no result, and past a store that is none", async () => {
    const [name = ""] = readdirSync(output).filter((entry) => entry.startsWith("laplace"));
    const file = join(output, name, "results.jsonl");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, `null\n${whole}`);
    const store = join(folder, "home", "runs.sqlite");
    rmSync(store);
    mkdirSync(store);
    const { code, err } = await edgewise(
      ...["reproduce", "laplace", "--quick", "--seeds", "1", "--output", output],
    );
    expect(code).toBe(0);
    expect(err).toContain(`${file}: line 1: no result of a run`);
    expect(err).toContain(`runs are not kept in ${store}`);
    expect(readFileSync(file, "utf8")).toBe(whole);
    rmSync(store, { recursive: true });
  });

  it("refuses a pipe in place of the report, before any work", async () => {
    const place = join(folder, "piped");
    const report = join(place, "report.html");
    mkdirSync(place);
    execFileSync("mkfifo", [report]);
    const { code, err } = await edgewise(
      ...["reproduce", "identities", "--quick", "--seeds", "1", "--output", place],
    );
    expect(code).toBe(2);
    expect(err).toMatch(/got {7}a pipe\n/);
    expect(err).toContain(report);
    expect(readdirSync(place)).toEqual(["report.html"]);
  });

  it("tells rows that do not add up as a failure, with the file to remove", async () => {
    const [name = ""] = readdirSync(output).filter((entry) => entry.startsWith("laplace"));
    const file = join(output, name, "results.jsonl");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replaceAll(/"rows":\[.*\]/g, '"rows":[{}]'));
    const { code, out } = await edgewise(
      ...["reproduce", "laplace", "--quick", "--seeds", "1", "--output", output],
    );
    expect(code).toBe(1);
    expect(out).toContain(`remove ${file}, and its work is done again`);
    writeFileSync(file, whole);
  });

  it("does nothing again, and has the same bytes from nothing", async () => {
    const [name] = readdirSync(output).filter((entry) => entry.startsWith("identities"));
    const results = (): string =>
      readFileSync(join(output, name as string, "results.jsonl"), "utf8");
    const again = ["reproduce", "identities", "--quick", "--seeds", "1", "--output", output];
    const first = results();
    await edgewise(...again);
    expect(results()).toBe(first);
    rmSync(join(output, name as string), { recursive: true });
    await edgewise(...again);
    expect(results()).toBe(first);
  });
});
