/** Runs experiments: what is missing of them on threads, then verdicts, figures and reports. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import { claims } from "../experiment/claims.ts";
import type { Experiment, Figure, Job, Row, Verdict } from "../experiment/experiment.ts";
import { experiments } from "../experiment/registry.ts";
import { csvOf, pngOf, svgOf } from "../figure/figure.ts";
import { reportOf, type Section } from "../report/report.ts";
import { type Result, RunFolder, type Settings } from "./runFolder.ts";
import type { RunStore } from "./store.ts";
import type { Work } from "./worker.ts";

export interface ReproduceOptions {
  readonly names: readonly string[];
  /** File that the user named, and what the configuration of the experiments on it says of it. */
  readonly file?: { readonly path: string; readonly about: object } | undefined;
  readonly size: "quick" | "full";
  readonly seeds: number;
  readonly output: string;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  readonly onProgress: (state: Standing) => void;
}

/** How far the work is, in jobs; parts of jobs count. */
export interface Standing {
  readonly done: number;
  readonly all: number;
  /** Those that were done by a run before. */
  readonly before: number;
  /** What goes on. */
  readonly note: string;
}

export interface Reproduced {
  readonly verdicts: readonly Verdict[];
  readonly failures: readonly (Result & { readonly experiment: string })[];
  /** Path of the report on all of them. */
  readonly report: string;
  readonly folders: readonly string[];
}

interface Run {
  readonly name: string;
  readonly experiment: Experiment;
  readonly config: object;
  readonly settings: Settings;
  readonly folder: RunFolder;
  readonly jobs: readonly Job[];
}

export async function reproduce(options: ReproduceOptions): Promise<Reproduced> {
  const runs = await Promise.all(options.names.map((name) => opened(name, options)));
  await workOff(runs, options);
  const sections: Section[] = [];
  for (const run of runs) sections.push(await finish(run, options));
  const report = join(options.output, "report.html");
  const whole = runs[0]?.folder;
  if (whole !== undefined) {
    whole.write("../report.html", reportOf("What of the papers is reproduced", sections, options));
  }
  return {
    verdicts: sections.flatMap(({ verdicts }) => verdicts),
    failures: runs.flatMap(({ name, folder, jobs }) =>
      folder.failures(jobs).map((failure) => ({ experiment: name, ...failure })),
    ),
    report,
    folders: runs.map(({ folder }) => folder.path),
  };
}

/** Whether a claim that is known to come out in some way came out in another. */
export const isSurprise = ({ id, verdict }: Verdict): boolean => claims[id].outcome !== verdict;

async function opened(name: string, options: ReproduceOptions): Promise<Run> {
  const { size, seeds, output, file } = options;
  const experiment = (await experiments[name]?.load()) as Experiment;
  const about = experiments[name]?.about === undefined ? {} : file?.about;
  const config = experiment.schema.parse({ ...experiment[size], ...about });
  const { engine } = experiment;
  const settings = { experiment: name, size, config, engine, versions: versions() };
  const folder = new RunFolder(output, settings);
  return { name, experiment, config, settings, folder, jobs: experiment.jobs(config, seeds) };
}

function versions(): Settings["versions"] {
  const { version } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  return { edgewise: version, node: process.versions.node };
}

/** Runs every job that is missing; each is recorded as it ends, and one that fails stops no other. */
async function workOff(runs: readonly Run[], options: ReproduceOptions): Promise<void> {
  const { signal, onProgress, store, seeds, file } = options;
  const missing = runs.flatMap((run) => run.folder.missing(run.jobs).map((job) => ({ run, job })));
  const all = runs.reduce((sum, { jobs }) => sum + jobs.length, 0);
  const shares = new Map<Job, number>();
  const before = all - missing.length;
  let done = before;
  const started = Date.now();
  for (const run of runs) keep(run, "running", started, { store, seeds }, []);
  if (missing.length === 0) return;
  const isSource = import.meta.url.endsWith(".ts");
  const pool = new Piscina({
    filename: new URL(isSource ? "./worker.ts" : "./worker.js", import.meta.url).href,
    maxThreads: Math.min(availableParallelism(), missing.length),
    idleTimeout: 1000,
  });
  try {
    await Promise.all(
      missing.map(async ({ run: { name, config, folder }, job }) => {
        const { port1, port2: port } = new MessageChannel();
        const told = (share: number): void => {
          shares.set(job, share);
          const parts = [...shares.values()].reduce((a, b) => a + b, 0);
          onProgress({ done: done + parts, all, before, note: `${name} ${job.key}` });
        };
        port1.on("message", told);
        const work: Work = { experiment: name, config, job, file: file?.path, port };
        const result = await pool
          .run(work, { transferList: [port], signal })
          .then((rows) => ({ rows: rows as readonly Row[] }))
          .catch((error: unknown) => {
            signal.throwIfAborted();
            return { error: error instanceof Error ? error.message : String(error) };
          })
          // Also of a job that was given up: an open port keeps the process alive.
          .finally(() => port1.close());
        folder.record({ key: job.key, seed: job.seed, ...result });
        shares.delete(job);
        done++;
        told(0);
        shares.delete(job);
      }),
    );
  } finally {
    await pool.destroy();
  }
}

async function finish(run: Run, options: ReproduceOptions): Promise<Section> {
  const { name, experiment, config, settings, folder, jobs } = run;
  const summary = experiments[name]?.summary ?? name;
  folder.settle(jobs);
  const rows = folder.rows(jobs);
  const failures = folder.failures(jobs);
  const verdicts = failures.length === 0 ? experiment.verdicts(rows, config) : [];
  const figures = failures.length === 0 ? experiment.figures(rows, config) : [];
  const drawn = await Promise.all(figures.map((figure) => write(folder, figure)));
  const section: Section = {
    name,
    summary,
    settings,
    seeds: options.seeds,
    verdicts,
    failures,
    figures: drawn,
  };
  folder.write("report.html", reportOf(summary, [section], options));
  const state = failures.length === 0 ? "finished" : "failed";
  keep(run, state, Date.now(), options, verdicts);
  return section;
}

async function write(folder: RunFolder, figure: Figure): Promise<Section["figures"][number]> {
  const alone = svgOf(figure, true);
  const files = [
    folder.write(`figures/${figure.name}.svg`, alone),
    folder.write(`figures/${figure.name}.png`, await pngOf(alone)),
    folder.write(`figures/${figure.name}.csv`, csvOf(figure.table)),
  ];
  return { ...figure, svg: svgOf(figure, false), files };
}

function keep(
  { settings, folder }: Run,
  state: "running" | "finished" | "failed",
  at: number,
  { store, seeds }: Pick<ReproduceOptions, "store" | "seeds">,
  verdicts: readonly Verdict[],
): void {
  const before = store.all().find((kept) => kept.folder === folder.path);
  const started = state === "running" ? at : (before?.started ?? at);
  const seconds = state === "running" ? 0 : (at - started) / 1000;
  store.keep({ folder: folder.path, settings, seeds, state, started, seconds, verdicts });
}
