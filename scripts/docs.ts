/**
 * Generated parts of the documentation, and the examples that it shows.
 *
 * `node --conditions=edgewise-source scripts/docs.ts` writes them; with `--check` it writes nothing
 * and exits 1 where a page is stale or an example does not run. In a page,
 *
 * - `<!-- generated: NAME -->` … `<!-- /generated -->` is made here, by the name's first word;
 * - a block "ts runnable" is run as a module, "sh runnable" as calls of `edgewise`, each page in a
 *   folder of its own; "runnable fails" is one that has to fail;
 * - a block "json FILE" is written to that file first;
 * - the block "text output" after a runnable one holds what it printed. Numbers are rounded to
 *   four decimals and durations left out, so that the text is the same everywhere.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { golden } from "../packages/edgewise/test/golden/golden.ts";
import { engineNamed, engineNames } from "../packages/edgewise/src/engines/choose.ts";
import type { Engine } from "../packages/edgewise/src/engines/engine.ts";
import { inWorker } from "../packages/edgewise/src/engines/worker/index.ts";
import { compile } from "../packages/edgewise/src/inference/compile.ts";
import { gradient, type Program, print } from "../packages/edgewise/src/ir/index.ts";
import { main } from "../packages/lab/src/cli/main.ts";
import { describeRow } from "../packages/lab/src/contract/describe.ts";
import { rows } from "../packages/lab/src/contract/rows.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const temporary = join(root, "out", `docs-${process.pid}`);

/** What a marker's first word makes, of the words behind it and the name of the page. */
const sections: Readonly<Record<string, (rest: string, page: string) => string | Promise<string>>> =
  {
    contract: (_, page) => contract(page),
    golden: (name) => goldenProgram(name),
    engines: () => engineTable(),
  };

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

const code = (text: string): string => `\`${text}\``;

function contract(name: string): string {
  const row = rows.find((each) => each.name === name);
  if (row === undefined) throw new Error(`the contract has no row ${name}`);
  const { tensors, keys, outputs } = describeRow(row);
  const optional = (is: boolean): string => (is ? " (optional)" : "");
  const shaped = (parts: typeof tensors): string[][] =>
    parts.map((part) => [code(part.name) + optional(part.optional), code(part.shape), part.about]);
  return [
    "**Tensors**",
    table(["name", "shape", "meaning"], shaped(tensors)),
    "**Config keys**",
    table(
      ["key", "default", "meaning"],
      keys.map((key) => [
        code(key.name),
        key.default === undefined ? "not set" : code(key.default),
        key.about,
      ]),
    ),
    "**Outputs**",
    table(["name", "shape", "meaning"], shaped(outputs)),
  ].join("\n\n");
}

function goldenProgram(name: string): string {
  const found = golden.find(({ program }) => program.name === name);
  if (found === undefined) throw new Error(`there is no golden program ${name}`);
  const { program, outputs, wrt } = found;
  const backward = print(gradient(program, outputs, wrt));
  const about = `Gradient of ${outputs.map(code).join(", ")} with respect to ${wrt.map(code).join(", ")}`;
  const text = (body: string): string => `\`\`\`text\n${body}\n\`\`\``;
  const summary = about.replaceAll(/`([^`]+)`/g, "<code>$1</code>");
  return `${text(print(program))}\n\n<details>\n<summary>${summary}</summary>\n\n${text(backward)}\n\n</details>`;
}

/** Every program of the contract and every golden one, forwards and backwards, on every engine. */
async function engineTable(): Promise<string> {
  const engines: Engine[] = [...(await Promise.all(engineNames.map(engineNamed)))];
  engines.push((await inWorker()) as Engine);
  const none = { config: {}, has: () => false, shapeOf: () => [] };
  const programs = rows.map((row): [string, Program] => {
    const { model } = row.declare(none);
    return [`[${row.name}](mechanisms/${row.name}.md)`, compile(model)];
  });
  programs.push(
    ...golden.map(({ program }): [string, Program] => [
      `[${program.name}](golden-programs.md)`,
      program,
    ]),
  );
  const verdict = (engine: Engine, program: Program): string =>
    engine
      .supports(program)
      .map(({ step, reason }) => `no: ${step}: ${reason}`)
      .join("; ") || "yes";
  const facts = [
    ["answers at once (`sync`)", ...engines.map((e) => (e.runSync === undefined ? "no" : "yes"))],
    [
      "chosen by name (`--engine`)",
      ...engines.map((e) => (engineNames.includes(e.name) ? "yes" : "no")),
    ],
  ];
  const body = programs.map(([name, program]) => [
    name,
    ...engines.map((e) => verdict(e, program)),
  ]);
  for (const engine of engines) engine.dispose();
  return table(["", ...engines.map(({ name }) => code(name))], [...facts, ...body]);
}

/** Page with its generated sections made anew. */
async function withSections(text: string, page: string): Promise<string> {
  const marker = /(<!-- generated: (\S+) ?(.*?) -->\n)[\s\S]*?(<!-- \/generated -->)/g;
  const made: string[] = [];
  for (const [, , word = "", rest = ""] of text.matchAll(marker)) {
    const section = sections[word];
    if (section === undefined) throw new Error(`nothing makes the section ${word}`);
    made.push(await section(rest, page));
  }
  return text.replace(marker, (_, open, __, ___, close) => `${open}\n${made.shift()}\n\n${close}`);
}

const rounded = (value: unknown): unknown => {
  if (typeof value === "number")
    return Number.isInteger(value) ? value : Number(value.toFixed(4)) + 0;
  if (value instanceof Float64Array || value instanceof Float32Array)
    return value.map((x) => rounded(x) as number);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rounded(part)]));
};

/** What a task prints, on either stream. */
async function printedBy(task: () => Promise<unknown>): Promise<string> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr];
  const own = streams.map(({ write }) => write);
  const { log } = console;
  const write = (text: string): boolean => written.push(text) > 0;
  for (const stream of streams) Object.assign(stream, { write });
  Object.assign(console, { log: (...of: unknown[]) => write(`${format(...of.map(rounded))}\n`) });
  try {
    await task();
  } finally {
    streams.forEach((stream, k) => {
      Object.assign(stream, { write: own[k] });
    });
    Object.assign(console, { log });
  }
  return written.join("").replaceAll(/(in |"milliseconds":)[\d.]+/g, "$1…");
}

async function runExample(language: string, body: string, fails: boolean, file: string) {
  let failed = false;
  const printed = await printedBy(async () => {
    if (language === "sh") {
      for (const line of body.trim().split("\n")) {
        const words = line.split(" ").slice(1);
        failed = (await main(words)) !== 0 || failed;
      }
      return;
    }
    writeFileSync(file, body);
    await import(pathToFileURL(file).href).catch((error: Error) => {
      failed = true;
      process.stdout.write(`${error.name === "EdgewiseError" ? error.message : error.stack}\n`);
    });
  });
  if (failed === fails) return printed;
  throw new Error(`${fails ? "an example that has to fail does not" : "an example fails"}:\n${printed}`);
}

/** Page with its examples run and what they printed written behind them. */
async function withOutputs(text: string, folder: string): Promise<string> {
  const fence = /^```(\S+) (.+)\n([\s\S]*?)^```$/gm;
  let [made, at, printed] = ["", 0, ""];
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
  for (const match of text.matchAll(fence)) {
    const [whole, language = "", info = "", body = ""] = match;
    const [word = "", mode] = info.split(" ");
    if (language === "json") writeFileSync(word, body);
    if (word === "runnable")
      printed = await runExample(language, body, mode === "fails", join(folder, `${match.index}.ts`));
    const now = info === "output" ? `\`\`\`text output\n${printed.trimEnd()}\n\`\`\`` : whole;
    made += text.slice(at, match.index) + now;
    at = match.index + whole.length;
  }
  process.chdir(root);
  return made + text.slice(at);
}

/** Runs over every page; says which are stale or fail. */
async function refresh(check: boolean): Promise<string[]> {
  const pages = (readdirSync(join(root, "docs"), { recursive: true }) as string[])
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file));
  const problems: string[] = [];
  for (const page of ["README.md", ...pages.toSorted()].filter((p) => existsSync(join(root, p)))) {
    const text = readFileSync(join(root, page), "utf8");
    const name = basename(page, ".md");
    try {
      const fresh = await withOutputs(await withSections(text, name), join(temporary, dirname(page), name));
      if (fresh === text) continue;
      if (check) problems.push(`${page} is stale: run scripts/docs.ts`);
      else writeFileSync(join(root, page), fresh);
    } catch (error) {
      problems.push(`${page}: ${(error as Error).message}`);
    }
  }
  return problems;
}

try {
  const problems = await refresh(process.argv.includes("--check"));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  process.chdir(root);
  rmSync(temporary, { recursive: true, force: true });
}
