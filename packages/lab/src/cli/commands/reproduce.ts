import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { EdgewiseError } from "edgewise";
import { usualSeeds, type Verdict } from "../../experiment/experiment.ts";
import { secondsLeft } from "../../run/remaining.ts";
import type { Standing } from "../../run/workOff.ts";
import { readBytes } from "../files.ts";
import { makeFolder } from "../folder.ts";
import { interruptible } from "../interrupt.ts";
import { printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";

interface ReproduceOptions {
  readonly quick?: boolean;
  readonly seeds?: number;
  readonly output: string;
  readonly file?: string;
  readonly json?: boolean;
}

/** `edgewise reproduce`: the claims of the papers, run again. */
export function reproduce(program: Command): void {
  program
    .command("reproduce [claim...]")
    .description("run the experiments behind the papers' claims, and write figures and a report")
    .option("--quick", "small sizes, for a look at everything")
    .option(
      "--seeds <number>",
      `seeds of every experiment (default: ${usualSeeds.full}, quick ${usualSeeds.quick})`,
      wholeNumber,
    )
    .option("--output <folder>", "folder for runs and the report", "out/reproduce")
    .option("--file <text>", "text in UTF-8, for the experiment text")
    .addHelpText(
      "after",
      "\nExamples:\n  edgewise reproduce --quick\n  edgewise reproduce K6 K7 --seeds 3\n  edgewise reproduce multihop\n  edgewise reproduce text --file novel.txt\n\nWhat was done before is not done again: a run that was stopped goes on where it was.",
    )
    .action(async (given: readonly string[], options: ReproduceOptions) => {
      const { namesOf } = await import("../../experiment/named.ts");
      const names = namesOf(given, "claim of edgewise reproduce");
      const size = options.quick ? "quick" : "full";
      const file = await fileOf(names, options.file);
      await makeFolder(options.output);
      const { reproduce: run, isSurprise } = await import("../../run/reproduce.ts");
      const { Keeper } = await import("../../run/keeper.ts");
      const warn = (message: string): void => void process.stderr.write(`${message}\n`);
      const keeper = await Keeper.open(warn);
      try {
        const { verdicts, failures, readings, report, folders } = await interruptible(
          async (signal) => {
            const progress = startProgress("reproduce", 100, { unit: "%" });
            const started = performance.now();
            const reproduced = await run({
              ...{ names, file, keeper, signal, warn, output: options.output },
              ...{ size, seeds: options.seeds ?? usualSeeds[size] },
              onProgress: (standing) => {
                const percent = Math.floor((100 * standing.done) / standing.all);
                progress.update(percent, noteOf(standing, (performance.now() - started) / 1000));
              },
            });
            progress.stop();
            return reproduced;
          },
        );
        const told = verdicts.map(({ metric: _, reason: __, ...verdict }) => verdict);
        if (options.json) printJson({ claims: told, readings, report, folders, failures });
        else
          printLines([
            ...table(verdicts),
            ...readings.map(({ title, reading }) => `${title}: ${reading}`),
            ...failures.map((f) => `${f.experiment} ${f.key}, seed ${f.seed}, failed: ${f.error}`),
            `wrote ${report}`,
          ]);
        if (failures.length > 0 || verdicts.some(isSurprise)) process.exitCode = 1;
      } finally {
        keeper.close();
      }
    });
}

/** What goes on, jobs that are done, and the time left where it can be told. */
export function noteOf(standing: Standing, seconds: number): string {
  const { ended, all, note } = standing;
  const told = `${note}, ${ended} of ${all} jobs`;
  const left = secondsLeft(standing, seconds);
  return left === undefined ? told : `${told}, ${left} s left`;
}

/** The file that experiments among these are on, and what they say of it; each needs the other. */
async function fileOf(
  names: readonly string[],
  path: string | undefined,
): Promise<{ readonly path: string; readonly about: object } | undefined> {
  const { experiments } = await import("../../experiment/registry.ts");
  const name = names.find((chosen) => experiments[chosen]?.about !== undefined);
  const about = name === undefined ? undefined : experiments[name]?.about;
  if (path !== undefined && about !== undefined)
    return { path: resolve(path), about: await about(path, await readBytes(path)) };
  if (path !== undefined)
    throw new EdgewiseError({
      code: "bad_usage",
      where: "--file of edgewise reproduce",
      got: `${path}, and no experiment that reads it`,
      expected: "--file together with the experiment text",
      fix: `name it: edgewise reproduce text --file ${path}`,
    });
  if (about === undefined) return undefined;
  throw new EdgewiseError({
    code: "bad_usage",
    where: `experiment ${name} of edgewise reproduce`,
    got: "no --file",
    expected: "a text in UTF-8 that it is run on",
    fix: `name one: edgewise reproduce ${name} --file novel.txt`,
  });
}

function table(verdicts: readonly Verdict[]): string[] {
  const width = Math.max(0, ...verdicts.map(({ metric }) => metric.length));
  const number = (value: number): string => String(Number(value.toPrecision(3)));
  return verdicts.map(({ id, verdict, metric, measured, interval }) =>
    [
      id.padEnd(3),
      verdict.padEnd(14),
      metric.padEnd(width),
      number(measured),
      interval === null ? "" : `[${interval.map(number).join(", ")}]`,
    ]
      .join("  ")
      .trimEnd(),
  );
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError("It must be a whole number from 1 to 1000.");
}
