/** Runs experiments: what is missing of them on threads, then verdicts, figures and reports. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { claims } from "../experiment/claims.ts";
import type { Experiment, Figure, Verdict } from "../experiment/experiment.ts";
import { experiments } from "../experiment/registry.ts";
import { csvOf, pngOf, svgOf } from "../figure/figure.ts";
import { reportOf, type Section } from "../report/report.ts";
import type { Beginning, Keeper } from "./keeper.ts";
import { read } from "./reading.ts";
import type { Result, Settings } from "./results.ts";
import { RunFolder, refuseBlocked, replace } from "./runFolder.ts";
import { standing } from "./standing.ts";
import { type Run, type Standing, workOff } from "./workOff.ts";

export interface ReproduceOptions {
  readonly names: readonly string[];
  /** File that the user named, and what the configuration of the experiments on it says of it. */
  readonly file?: { readonly path: string; readonly about: object } | undefined;
  readonly size: "quick" | "full";
  readonly seeds: number;
  readonly output: string;
  /** Whether runs that are done are done again; one that was stopped goes on in any case. */
  readonly again?: boolean;
  readonly keeper: Keeper;
  readonly signal: AbortSignal;
  readonly onProgress: (state: Standing) => void;
  /** Told what was found damaged, and does not stop the work. */
  readonly warn: (message: string) => void;
}

export interface Reproduced {
  readonly verdicts: readonly Verdict[];
  readonly failures: readonly (Result & { readonly experiment: string })[];
  /** What the figures of experiments that are about no claim show. */
  readonly readings: readonly Reading[];
  /** Path of the report on all runs of the output folder. */
  readonly report: string;
  readonly folders: readonly string[];
}

export interface Reading extends Pick<Figure, "title" | "reading"> {
  readonly experiment: string;
  /** Name of the figure. */
  readonly figure: string;
}

export async function reproduce(options: ReproduceOptions): Promise<Reproduced> {
  const { names, output, signal, onProgress, keeper, file } = options;
  const report = join(output, "report.html");
  refuseBlocked(report);
  const runs = await Promise.all(names.map((name) => opened(name, options)));
  for (const run of runs) keeper.begin(run, beginningOf(run));
  const seconds = new Map<Run, number>();
  try {
    await workOff(runs, {
      ...{ signal, onProgress, file: file?.path },
      took: (run, time) => seconds.set(run, (seconds.get(run) ?? 0) + time),
    });
  } catch (error) {
    for (const run of runs) keeper.add(run, seconds.get(run) ?? 0, "stopped");
    throw error;
  }
  const sections: Section[] = [];
  for (const run of runs) {
    const section = await finish(run);
    sections.push(section);
    const state = section.failures.length === 0 ? "finished" : "failed";
    keeper.add(run, seconds.get(run) ?? 0, state, section.verdicts);
  }
  replace(report, reportOf(await standing(output, runs, sections)));
  return {
    verdicts: sections.flatMap(({ verdicts }) => verdicts),
    failures: sections.flatMap(({ name, failures }) =>
      failures.map((failure) => ({ experiment: name, ...failure })),
    ),
    readings: sections
      .filter(({ name }) => experiments[name]?.claims.length === 0)
      .flatMap(readings),
    report,
    folders: runs.map(({ folder }) => folder.path),
  };
}

/** Whether a claim that is known to come out in some way came out in another. */
export const isSurprise = ({ id, verdict }: Verdict): boolean => claims[id].outcome !== verdict;

async function opened(name: string, options: ReproduceOptions): Promise<Run> {
  const { size, seeds, output, file, warn } = options;
  const experiment = (await experiments[name]?.load()) as Experiment;
  const about = experiments[name]?.about === undefined ? {} : file?.about;
  const config = experiment.schema.parse({ ...experiment[size], ...about });
  const { engine } = experiment;
  const settings = { experiment: name, size, config, engine, versions: versions() };
  const folder = new RunFolder(output, settings);
  const { damaged, lines } = folder;
  if (damaged.length > 0)
    warn(
      `${lines}: line${damaged.length > 1 ? "s" : ""} ${damaged.join(", ")}: no result of a run; work that has none is done again`,
    );
  const jobs = experiment.jobs(config, seeds);
  const missing = folder.missing(jobs);
  const due = missing.length === 0 && options.again === true ? jobs : missing;
  return { name, experiment, config, settings, folder, jobs, due, seeds };
}

function beginningOf({ folder, jobs, due }: Run): Beginning {
  if (due.length < jobs.length) return "part";
  return folder.missing(jobs).length === 0 ? "all" : "nothing";
}

function versions(): Settings["versions"] {
  const { version } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  return { edgewise: version, node: process.versions.node };
}

async function finish({ folder, jobs, ...run }: Run): Promise<Section> {
  folder.settle(jobs);
  const { section, figures } = read({ ...run, results: folder, jobs, file: folder.lines });
  for (const figure of figures) await write(folder, figure);
  folder.write("report.html", reportOf([section]));
  return section;
}

async function write(folder: RunFolder, figure: Figure): Promise<void> {
  const alone = svgOf(figure, true);
  folder.write(`figures/${figure.name}.svg`, alone);
  folder.write(`figures/${figure.name}.png`, await pngOf(alone));
  folder.write(`figures/${figure.name}.csv`, csvOf(figure.table));
}

const readings = ({ name, figures }: Section): Reading[] =>
  figures.map(({ name: figure, title, reading }) => ({ experiment: name, figure, title, reading }));
