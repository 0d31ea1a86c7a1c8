import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { EdgewiseError, suggest } from "edgewise";
import type { Report } from "../../bench/bench.ts";
import type { Field } from "../../bench/run/field.ts";
import { checkWritable } from "../destination.ts";
import { writeAtomically } from "../files.ts";
import { makeFolder } from "../folder.ts";
import { interruptible } from "../interrupt.ts";
import { printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";

interface BenchOptions {
  readonly threads: readonly number[];
  readonly rounds: number;
  readonly repeats: number;
  readonly peers?: readonly string[];
  readonly output: string;
  readonly quick?: boolean;
  readonly browser?: boolean;
  readonly json?: boolean;
}

/** `edgewise bench`: workloads, and the peers that are installed, in one run. */
export function bench(program: Command): void {
  program
    .command("bench [name...]")
    .description("time workloads beside the peers that are installed, answers checked first")
    .option("--threads <counts>", "thread counts to compare at", threadCounts, [1, 2])
    .option("--rounds <number>", "rounds that count, after one that does not", wholeNumber, 7)
    .option("--repeats <number>", "runs of a workload before a goal is missed", wholeNumber, 3)
    .option("--peers <names>", "only these peers, by commas", names)
    .option("--output <folder>", "folder for bench.json, bench.svg and bench.txt", "out/bench")
    .option("--quick", "short lengths, one round: does everything run?")
    .option("--browser", "dense attention in a page of Chromium")
    .addHelpText("after", "\nExample:\n  edgewise bench dense-1024 window-256 --threads 1")
    .action(async (given: readonly string[], options: BenchOptions) => {
      const report = await measured(given, options);
      const { filesOf, textOf } = await import("../../bench/report/report.ts");
      const files = await filesOf(report, options.output);
      await writeAtomically(files);
      if (options.json) printJson(report);
      else printLines([...textOf(report), "", ...[...files.keys()].map((file) => `wrote ${file}`)]);
      const { hasFailed } = await import("../../bench/bench.ts");
      if (hasFailed(report)) process.exitCode = 1;
    });
}

/** Everything that is known before it starts is checked before anything is started. */
async function measured(given: readonly string[], options: BenchOptions): Promise<Report> {
  const { bench: run } = await import("../../bench/bench.ts");
  const { suites, browserSuites } = await import("../../bench/workload/suites.ts");
  const inBrowser = options.browser === true;
  const offered = inBrowser ? browserSuites : suites;
  refuseUnknown(
    "workload",
    given,
    offered.map(({ name }) => name),
  );
  const chosen = offered.filter(({ name }) => given.length === 0 || given.includes(name));
  await makeFolder(options.output);
  await checkWritable(...outputNames.map((name) => join(options.output, name)));
  return interruptible(async (signal) => {
    const field = await openField(inBrowser, signal);
    try {
      const { contenders, missing } = chosenPeers(field, options.peers);
      const progress = startProgress("bench", chosen.length);
      const report = await run({
        ...options,
        ...field,
        quick: options.quick === true,
        suites: chosen,
        contenders,
        missing,
        signal,
        onProgress: (done, note) => progress.update(Math.floor(done), note),
      });
      progress.stop();
      return report;
    } finally {
      await field.close();
    }
  });
}

const outputNames = ["bench.json", "bench.svg", "bench.txt"];

async function openField(inBrowser: boolean, signal: AbortSignal): Promise<Field> {
  if (inBrowser) return (await import("../../bench/browser/field.ts")).pageField(signal);
  return (await import("../../bench/run/field.ts")).nodeField();
}

function chosenPeers(
  { contenders, missing }: Field,
  asked: readonly string[] | undefined,
): Pick<Field, "contenders" | "missing"> {
  if (asked === undefined) return { contenders, missing };
  const all = [...contenders.map(({ peer }) => peer.name), ...missing.map(({ peer }) => peer)];
  refuseUnknown("peer", asked, all);
  const absent = missing.find(({ peer }) => asked.includes(peer));
  if (absent !== undefined)
    throw new EdgewiseError({
      code: "bad_usage",
      where: "edgewise bench",
      got: `the peer ${absent.peer}, which is not installed`,
      expected: `peers among ${contenders.map(({ peer }) => peer.name).join(", ")}`,
      fix: absent.install,
    });
  return { contenders: contenders.filter(({ peer }) => asked.includes(peer.name)), missing: [] };
}

function refuseUnknown(what: string, given: readonly string[], known: readonly string[]): void {
  const wrong = given.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new EdgewiseError({
    code: "bad_usage",
    where: `${what} of edgewise bench`,
    got: wrong,
    expected: `${what}s among ${known.join(", ")}`,
    fix: suggest(wrong, known, `leave the ${what} out to run all there are`),
  });
}

const names = (text: string): string[] => text.split(",").filter((name) => name !== "");

function threadCounts(text: string): number[] {
  const counts = text.split(",").map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 64)) return counts;
  throw new InvalidArgumentError("It must be whole numbers from 1 to 64, by commas.");
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError("It must be a whole number from 1 to 1000.");
}
