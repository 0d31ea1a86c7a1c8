/**
 * Generated parts of the documentation, and the examples that it shows.
 *
 * `node --conditions=edgewise-source scripts/docs.ts` writes them; with `--check` it writes nothing
 * and exits 1 where a page is stale or an example does not run. In a page,
 * - `<!-- generated: NAME -->` … `<!-- /generated -->` is made here, by the name's first word;
 * - a block "ts runnable" is run as a module, "sh runnable" as calls of `edgewise`, each page in a
 *   folder of its own; "runnable fails" has to fail; "json FILE" and "ts FILE" are written first;
 * - the block "text output" after a runnable one holds what it printed, numbers rounded to four
 *   decimals, durations and threads left out, so that the text is the same everywhere.
 * Pictures that are drawn from what the code is are written, and checked, here too.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { engineNamed, engineNames } from "../packages/edgewise/src/engines/choose.ts";
import { inWorker } from "../packages/edgewise/src/engines/worker/index.ts";
import { compile } from "../packages/edgewise/src/inference/compile.ts";
import { gradient, print } from "../packages/edgewise/src/ir/index.ts";
import { golden } from "../packages/edgewise/test/golden/golden.ts";
import { main } from "../packages/lab/src/cli/main.ts";
import { describeRow } from "../packages/lab/src/contract/describe.ts";
import { withoutTensors } from "../packages/lab/src/contract/row.ts";
import { rows } from "../packages/lab/src/contract/rows.ts";
import { kernelPicture } from "./kernelPicture.ts";
import { kernelTables } from "./kernelTables.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const temporary = join(root, "out", `docs-${process.pid}`);

/** What the first word of a marker makes, of the words behind it and the name of the page. */
const sections: Record<string, (words: string, page: string) => string | Promise<string>> = {
  contract: (_, page) => contract(page),
  golden: (name) => goldenProgram(name),
  engines: () => engineTable(),
  kernel: (way) => block(kernelTables(way)),
};

/** Pictures that are drawn from what the code is. */
const pictures: Record<string, () => string> = { "docs/images/kernel.svg": kernelPicture };

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

const code = (text: string): string => `\`${text}\``;
const block = (text: string): string => `\`\`\`text\n${text}\n\`\`\``;

function contract(name: string): string {
  const { tensors, keys, outputs } = describeRow(found(rows, (row) => row.name === name, name));
  const shaped = (parts: typeof tensors): string =>
    table(
      ["name", "shape", "meaning"],
      parts.map((part) => [
        code(part.name) + (part.optional ? " (optional)" : ""),
        code(part.shape),
        part.about,
      ]),
    );
  const defaults = keys.map(({ name: key, default: value, about }) => [
    code(key),
    value === undefined ? "not set" : code(value),
    about,
  ]);
  const config = keys.length === 0 ? "None." : table(["key", "default", "meaning"], defaults);
  const parts = ["**Tensors**", shaped(tensors), "**Config keys**", config];
  return [...parts, "**Outputs**", shaped(outputs)].join("\n\n");
}

function goldenProgram(name: string): string {
  const { program, outputs, wrt } = found(golden, (one) => one.program.name === name, name);
  const list = (names: readonly string[]): string =>
    names.map((one) => `<code>${one}</code>`).join(", ");
  const summary = `Gradient of ${list(outputs)} with respect to ${list(wrt)}`;
  const backward = block(print(gradient(program, outputs, wrt)));
  return `${block(print(program))}\n\n<details>\n<summary>${summary}</summary>\n\n${backward}\n\n</details>`;
}

/** Every mechanism with its defaults and every golden program, on every engine. */
async function engineTable(): Promise<string> {
  const engines = [
    ...(await Promise.all(engineNames.map((name) => engineNamed(name)))),
    await inWorker(),
  ];
  const programs = [
    ...rows.map((row) => ({
      page: `mechanisms/${row.name}.md`,
      name: row.name,
      program: compile(row.declare(withoutTensors({})).model),
    })),
    ...golden.map(({ program }) => ({ page: "golden-programs.md", name: program.name, program })),
  ];
  const body = programs.map(({ page, name, program }) => {
    const gaps = engines.map((engine) => engine.supports(program));
    const verdicts = gaps.map(([gap]) => (gap ? `no: ${gap.step}: ${gap.reason}` : "yes"));
    return [`[${name}](${page})`, ...verdicts];
  });
  for (const engine of engines) engine.dispose();
  return table(["program", ...engines.map(({ name }) => code(name))], body);
}

function found<One>(all: readonly One[], is: (one: One) => boolean, name: string): One {
  const one = all.find(is);
  if (one === undefined) throw new Error(`there is no ${name} to describe`);
  return one;
}

/** Page with its generated sections made anew. */
async function withSections(text: string, page: string): Promise<string> {
  const marker = /(<!-- generated: (\S+) ?(.*?) -->\n)[\s\S]*?(<!-- \/generated -->)/g;
  const made: string[] = [];
  for (const [, , word = "", words = ""] of text.matchAll(marker))
    made.push((await sections[word]?.(words, page)) ?? `nothing makes the section ${word}`);
  return text.replace(marker, (_, open, __, ___, close) => `${open}\n${made.shift()}\n\n${close}`);
}

/** Rounded numbers of a Float32Array, printed as one: in single precision they would have more digits. */
class Single extends Float64Array {
  override get [Symbol.toStringTag](): "Float64Array" {
    return "Float32Array" as "Float64Array";
  }
}
Object.defineProperty(Single, "name", { value: "Float32Array" });

function rounded(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : +value.toFixed(4) + 0;
  if (value instanceof Float64Array) return value.map((x) => rounded(x) as number);
  if (value instanceof Float32Array) return Single.from(value, (x) => rounded(x) as number);
  if (Array.isArray(value)) return value.map(rounded);
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, rounded(part)]));
}

/** What a task prints, on either stream. */
async function printedBy(task: () => Promise<unknown>): Promise<string> {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  const log = (...of: unknown[]): boolean => write(`${format(...of.map(rounded))}\n`);
  const { log: usual } = console;
  const [out, err] = [process.stdout.write, process.stderr.write];
  Object.assign(process.stdout, { write });
  Object.assign(process.stderr, { write });
  Object.assign(console, { log });
  try {
    await task();
  } finally {
    Object.assign(process.stdout, { write: out });
    Object.assign(process.stderr, { write: err });
    Object.assign(console, { log: usual });
  }
  const text = written
    .join("")
    .replaceAll(/(in |"milliseconds":)\d[\d.]*( ms|,)/g, "$1…$2")
    .replaceAll(/(threads"?: ?)\d+/g, "$1…");
  return text.replaceAll(/-?\d+\.\d{5,}/g, (digits) => String(+Number(digits).toFixed(4)));
}

async function runExample(language: string, body: string, fails: boolean, file: string) {
  let failed = false;
  const printed = await printedBy(async () => {
    if (language === "sh")
      for (const line of body.trim().split("\n"))
        failed = (await main(line.split(" ").slice(1))) !== 0 || failed;
    else
      await import(pathToFileURL(file).href).catch((error: Error) => {
        failed = true;
        process.stdout.write(`${error.name === "EdgewiseError" ? error.message : error.stack}\n`);
      });
  });
  if (failed === fails) return printed;
  throw new Error(`an example ${fails ? "that has to fail does not" : "fails"}:\n${printed}`);
}

/** Page with its examples run and what they printed written behind them. */
async function withOutputs(text: string, folder: string): Promise<string> {
  let [made, at, printed] = ["", 0, ""];
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
  for (const match of text.matchAll(/^```(\S+) (.+)\n([\s\S]*?)^```$/gm)) {
    const [whole, language = "", info = "", body = ""] = match;
    const [word = "", mode] = info.split(" ");
    const file = join(folder, word === "runnable" ? `${match.index}.ts` : word);
    if (word !== "output") writeFileSync(file, body);
    if (word === "runnable") printed = await runExample(language, body, mode === "fails", file);
    made += text.slice(at, match.index);
    made += word === "output" ? `\`\`\`text output\n${printed.trimEnd()}\n\`\`\`` : whole;
    at = match.index + whole.length;
  }
  return made + text.slice(at);
}

/** Writes a file that is not as it should be; says so instead where that is only checked. */
function settle(file: string, fresh: string, check: boolean): string[] {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, "utf8") === fresh) return [];
  if (check) return [`${file} is stale: run scripts/docs.ts`];
  writeFileSync(path, fresh);
  return [];
}

/** Runs over every page and picture; what is stale or fails, as sentences. */
async function refresh(check: boolean): Promise<string[]> {
  const docs = (readdirSync(join(root, "docs"), { recursive: true }) as string[]).toSorted();
  const pages = docs.filter((file) => file.endsWith(".md")).map((file) => join("docs", file));
  const problems = Object.entries(pictures).flatMap(([file, draw]) => settle(file, draw(), check));
  for (const page of ["README.md", ...pages].filter((file) => existsSync(join(root, file)))) {
    const text = readFileSync(join(root, page), "utf8");
    try {
      const sectioned = await withSections(text, basename(page, ".md"));
      const fresh = await withOutputs(sectioned, join(temporary, page));
      problems.push(...settle(page, fresh, check));
    } catch (error) {
      problems.push(`${page}: ${(error as Error).message}`);
    }
  }
  return problems;
}

try {
  const problems = await refresh(process.argv.includes("--check"));
  process.exitCode = problems.length > 0 ? 1 : 0;
  process.stderr.write(problems.map((problem) => `${problem}\n`).join(""));
} finally {
  process.chdir(root);
  rmSync(temporary, { recursive: true, force: true });
}
