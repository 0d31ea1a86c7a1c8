import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { catalog } from "edgewise";
import { describe, expect, it } from "vitest";
import { golden } from "../golden/golden.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const read = (page: string): string => readFileSync(join(root, page), "utf8");
const names = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(ending) && !file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -ending.length))
    .toSorted();
/** Name on the command line and of the page: `feedForward.ts` declares `feed-forward`. */
const kebab = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const headings = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);

const pages = (readdirSync(join(root, "docs"), { recursive: true }) as string[])
  .filter((file) => file.endsWith(".md"))
  .map((file) => join("docs", file));

describe("pages of the mechanisms", () => {
  const mechanisms = names("packages/edgewise/src/mechanisms", ".ts").map(kebab).toSorted();

  it("are one for each mechanism, and no other", () => {
    expect(names("docs/mechanisms", ".md")).toEqual(mechanisms);
  });

  it.each(mechanisms)("%s: its page has every part, and runs", (name) => {
    const page = read(`docs/mechanisms/${name}.md`);
    const parts = ["Declaration", "Equation", "Limit case", "In TypeScript", "On the command line"];
    expect(headings(page)).toEqual(expect.arrayContaining([name, ...parts, "Notes", "References"]));
    expect(page).toContain("<!-- generated: contract -->");
    expect(page).toContain("```ts runnable");
    expect(page).toContain(`edgewise run ${name} `);
    expect(read("docs/README.md")).toContain(`(mechanisms/${name}.md)`);
  });
});

describe("the page of errors", () => {
  const text = read("docs/errors.md");
  const sections = text.split(/^## /m).slice(1);

  it("has a section for every code, and no other", () => {
    const codes = Object.keys(catalog).map((code) => code.replaceAll("_", "-"));
    expect(sections.map((section) => section.split("\n")[0])).toEqual(codes);
  });

  it.each(Object.entries(catalog))("%s: meaning, a real message, a remedy", (code, meaning) => {
    const section = sections.find((one) => one.startsWith(`${code.replaceAll("_", "-")}\n`)) ?? "";
    expect(section.toLowerCase()).toContain(meaning.toLowerCase());
    expect(section).toMatch(new RegExp(`\`\`\`text output\n${code} in `));
    expect(section).toContain("**Mend it.**");
  });
});

describe("the page of golden programs", () => {
  it.each(golden.map(({ program }) => program.name))("shows %s", (name) => {
    expect(read("docs/golden-programs.md")).toContain(`<!-- generated: golden ${name} -->`);
  });
});

describe("every page", () => {
  it("is up to date, and its examples run and print what it says", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--conditions=edgewise-source", join(root, "scripts/docs.ts"), "--check"],
      { encoding: "utf8", cwd: root },
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it.each(["README.md", ...pages].filter((page) => existsSync(join(root, page))))(
    "%s links to what exists",
    (page) => {
      const prose = read(page).replaceAll(/^```[\s\S]*?^```/gm, "");
      const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
      const broken = links.filter((link) => !/^[a-z]+:/.test(link) && !resolves(link, page));
      expect(broken).toEqual([]);
    },
  );
});

/** Whether a relative link names a file that is there, and an anchor in it. */
function resolves(link: string, page: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return false;
  if (anchor === undefined) return true;
  const slugs = headings(read(target)).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return slugs.includes(anchor);
}
