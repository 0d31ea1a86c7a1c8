import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { claims } from "./claims.ts";
import { experiments } from "./registry.ts";

const source = readFileSync(new URL("./registry.ts", import.meta.url), "utf8");
const folders = new Map(
  [...source.matchAll(/import\("(\.\.\/experiments\/[^"]+)\/experiment\.ts"\)\)\.(\w+)/g)].map(
    ([, folder], k) => [Object.keys(experiments)[k] as string, folder as string],
  ),
);

describe.each(Object.entries(experiments))("the experiment %s", (name, entry) => {
  it("is what the registry says", async () => {
    const experiment = await entry.load();
    expect(experiment.name).toBe(name);
    expect(experiment.claims).toEqual(entry.claims);
  });

  it("has sizes that its schema takes, and jobs that are told apart", async () => {
    const { schema, quick, full, jobs } = await entry.load();
    for (const config of [quick, full]) {
      expect(schema.parse(config)).toEqual(config);
      expect(schema.safeParse({ ...config, unknown: 1 }).success).toBe(false);
      const ids = jobs(config, 2).map(({ key, seed }) => `${key}#${seed}`);
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(jobs(full, 1)).toEqual(jobs(full, 3).filter(({ seed }) => seed === 1));
  });

  it("has a page that says what reproduces", () => {
    const page = fileURLToPath(new URL(`${folders.get(name)}/README.md`, import.meta.url));
    expect(existsSync(page), page).toBe(true);
  });
});

it("every claim has one experiment", () => {
  const found = Object.values(experiments).flatMap(({ claims: of }) => of);
  expect(found.toSorted()).toEqual(Object.keys(claims).toSorted());
});
