import { CommanderError } from "commander";
import { bench } from "./commands/bench.ts";
import { certify } from "./commands/certify.ts";
import { demo } from "./commands/demo.ts";
import { gradient } from "./commands/gradient.ts";
import { list } from "./commands/list.ts";
import { reproduce } from "./commands/reproduce.ts";
import { run } from "./commands/run.ts";
import { runs } from "./commands/runs.ts";
import { segment } from "./commands/segment.ts";
import { segmentBenchmark } from "./commands/segmentBenchmark.ts";
import { studio } from "./commands/studio.ts";
import { endWithReader, fail, printJson, printLines, type Streams } from "./output.ts";
import { createProgram, isAnswer, type RegisterCommand } from "./program.ts";
import { stopProgress } from "./progress.ts";

/** Commands of `edgewise`, in the order of the help. */
export const commands: readonly RegisterCommand[] = [
  list,
  run,
  gradient,
  segment,
  segmentBenchmark,
  certify,
  reproduce,
  runs,
  bench,
  demo,
  studio,
];

/** What `edgewise` alone prints: a first step for every command. */
export const examples: readonly string[] = [
  "edgewise list",
  "edgewise run self --input in.safetensors --output out.safetensors",
  "edgewise gradient self --input in.safetensors --output gradient.safetensors",
  "edgewise segment photo.jpg --clicks clicks.json --output mask.png",
  "edgewise segment-benchmark photos",
  "edgewise certify hopfield",
  "edgewise reproduce --quick",
  "edgewise runs",
  "edgewise bench dense-1024",
  "edgewise demo",
  "edgewise studio",
];

/** Runs one call of `edgewise` and returns its exit code; `argv` begins with the command's name. */
export async function main(
  argv: readonly string[],
  registered: readonly RegisterCommand[] = commands,
  streams: Streams = process,
): Promise<number> {
  const json = wantsJson(argv);
  try {
    const words = behindCommand(argv);
    if (words.length === 0) printExamples(json, streams);
    else await createProgram(registered, streams).parseAsync(words, { from: "user" });
    // A command that finished may still have something to say by its code, as a sweep does.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    stopProgress();
    if (error instanceof CommanderError && isAnswer(error)) return 0;
    return fail(error, json, streams);
  } finally {
    stopProgress();
  }
}

/** Runs the command of this process and leaves its exit code; the launcher calls it. */
export async function start(): Promise<void> {
  const argv = process.argv.slice(2);
  endWithReader();
  process.on("uncaughtException", (error) => process.exit(fail(error, wantsJson(argv))));
  process.exitCode = await main(argv);
}

/** Whether `--json` stands anywhere before `--`, even in a call that cannot be understood. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end < 0 ? undefined : end).includes("--json");
}

/** The same call with a leading `--json` moved behind the name of the command it is meant for. */
function behindCommand(argv: readonly string[]): string[] {
  const first = argv.findIndex((word) => word !== "--json");
  if (first < 0) return [];
  const [command = "", ...rest] = argv.slice(first);
  return first === 0 || command.startsWith("-") ? [command, ...rest] : [command, "--json", ...rest];
}

function printExamples(json: boolean, streams: Streams): void {
  if (json) printJson({ examples }, streams);
  else printLines([...examples, "", "edgewise --help lists every command"], streams);
}
