/** Works off what is due of runs, on threads. */
import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Experiment, Job } from "../experiment/experiment.ts";
import type { Settings } from "./results.ts";
import type { RunFolder } from "./runFolder.ts";
import type { Work, Worked } from "./worker.ts";

export interface Run {
  readonly name: string;
  readonly experiment: Experiment;
  readonly config: object;
  readonly settings: Settings;
  readonly seeds: number;
  readonly folder: RunFolder;
  readonly jobs: readonly Job[];
  /** Jobs among them that are to be done. */
  readonly due: readonly Job[];
}

/** How far the work is, in jobs. */
export interface Standing {
  /** Jobs that are done, with the shares that are done of those that go on. */
  readonly done: number;
  /** Those that ended. */
  readonly ended: number;
  readonly all: number;
  /** Those that were done by a run before. */
  readonly before: number;
  /** What goes on. */
  readonly note: string;
}

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress: (state: Standing) => void;
  readonly file: string | undefined;
  /** Told the seconds that a job took. */
  readonly took: (run: Run, seconds: number) => void;
}

/** Runs every job that is due; each is recorded as it ends, and one that fails stops no other. */
export async function workOff(runs: readonly Run[], options: Options): Promise<void> {
  const { signal, onProgress, file, took } = options;
  const due = runs.flatMap((run) => run.due.map((job) => ({ run, job })));
  if (due.length === 0) return;
  const all = runs.reduce((sum, { jobs }) => sum + jobs.length, 0);
  const before = all - due.length;
  const shares = new Map<Job, number>();
  let ended = before;
  const isSource = import.meta.url.endsWith(".ts");
  const pool = new Piscina({
    filename: new URL(isSource ? "./worker.ts" : "./worker.js", import.meta.url).href,
    maxThreads: Math.min(availableParallelism(), due.length),
    idleTimeout: 1000,
  });
  try {
    await Promise.all(
      due.map(async ({ run, job }) => {
        const { name, config, folder } = run;
        const told = (): void => {
          const parts = [...shares.values()].reduce((a, b) => a + b, 0);
          onProgress({ done: ended + parts, ended, all, before, note: `${name} ${job.key}` });
        };
        const { port1, port2: port } = new MessageChannel();
        port1.on("message", (share: number) => {
          shares.set(job, share);
          told();
        });
        const work: Work = { experiment: name, config, job, file, port };
        const result = await pool
          .run(work, { transferList: [port], signal })
          .then(({ rows, seconds }: Worked) => {
            took(run, seconds);
            return { rows };
          })
          .catch((error: unknown) => {
            signal.throwIfAborted();
            return { error: error instanceof Error ? error.message : String(error) };
          })
          // Also of a job that was given up: an open port keeps the process alive.
          .finally(() => port1.close());
        folder.record({ key: job.key, seed: job.seed, ...result });
        shares.delete(job);
        ended++;
        told();
      }),
    );
  } finally {
    await pool.destroy();
  }
}
