import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { catalog } from "edgewise";
import { describe, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../../..", import.meta.url));
const all = (readdirSync(packages, { recursive: true }) as string[]).filter(
  (file) =>
    /\/(src|test)\/.*\.ts$/.test(file) && !file.includes("node_modules") && !file.includes("dist/"),
);
const text = (files: readonly string[]): string =>
  files.map((file) => readFileSync(join(packages, file), "utf8")).join("\n");
const isTest = (file: string): boolean => file.endsWith(".test.ts");

describe("every error code", () => {
  const source = text(all.filter((file) => !isTest(file) && !file.endsWith("catalog.ts")));
  const tests = text(
    all.filter((file) => isTest(file) && !file.endsWith("architecture/errors.test.ts")),
  );

  it.each(Object.keys(catalog))("%s is raised by the code and met by a test", (code) => {
    expect(source).toContain(`"${code}"`);
    expect(tests).toContain(code);
  });
});
