/** What a thread of the pool does: one job of an experiment. */
import type { MessagePort } from "node:worker_threads";
import type { Job, Row } from "../experiment/experiment.ts";
import { experiments } from "../experiment/registry.ts";

export interface Work {
  readonly experiment: string;
  readonly config: object;
  readonly job: Job;
  /** Path of the file that the experiment is on, if it is on one. */
  readonly file?: string | undefined;
  /** Told which share of the job is done. */
  readonly port?: MessagePort;
}

export interface Worked {
  readonly rows: readonly Row[];
  /** Seconds that it took, without the wait for a thread. */
  readonly seconds: number;
}

export default async function work({ experiment, config, job, file, port }: Work): Promise<Worked> {
  const entry = experiments[experiment];
  if (entry === undefined) throw new Error(`no experiment ${experiment}`);
  const { run } = await entry.load();
  const started = performance.now();
  try {
    const rows = await run(job, config, (share) => port?.postMessage(share), file);
    return { rows, seconds: (performance.now() - started) / 1000 };
  } finally {
    port?.close();
  }
}
