import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edgewise } from "./edgewise.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-reproduce-text-"));
const output = join(folder, "out");
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  writeFileSync(path("empty.txt"), "");
  writeFileSync(path("short.txt"), "too short");
  writeFileSync(
    path("bytes.txt"),
    Uint8Array.from({ length: 9000 }, () => 0xff),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("edgewise reproduce text", () => {
  it.each([
    ["text without a file", ["text"], /no --file[\s\S]*reproduce text --file/],
    ["a file without a name", ["--file", "a.txt"], /name it: edgewise reproduce text --file a.txt/],
    ["a file for another", ["multihop", "--file", "a.txt"], /no experiment that reads it/],
    ["no such file", ["text", "--file", path("none.txt")], /no file of that name/],
    ["an empty file", ["text", "--file", path("empty.txt")], /an empty file/],
    ["a short file", ["text", "--file", path("short.txt")], /9 characters[\s\S]*at least 4000/],
    ["other bytes", ["text", "--file", path("bytes.txt")], /bytes that are not UTF-8/],
  ])("refuses %s before any work", async (_, words, message) => {
    const { code, err } = await edgewise("reproduce", ...words, "--output", output);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(existsSync(output)).toBe(false);
  });
});
