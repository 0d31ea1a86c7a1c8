import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
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
    ["a number of seeds", ["reproduce", "K6", "--seeds", "0"], /whole number from 1/],
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
    expect(err).toMatch(/^(reproduce: \d+ of 100 .*\n)*$/);
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
