/**
 * A run on disk: its resolved configuration, and one line for every piece of work that is done.
 *
 * Lines are appended and flushed as work ends, so that a process that is killed loses nothing that
 * it had finished; the next one reads them and goes on. At the end they are put in the order of the
 * work, and the same configuration gives the same bytes.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Job, Row } from "../experiment/experiment.ts";

/** What a run is made of, and what decides its numbers. */
export interface Settings {
  readonly experiment: string;
  readonly size: "quick" | "full";
  readonly config: object;
  readonly engine: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** End of a job: its rows, or why there are none. */
export interface Result {
  readonly key: string;
  readonly seed: number;
  readonly rows?: readonly Row[];
  readonly error?: string;
}

/** Name of a run's folder: what decides its numbers decides it, seeds apart. */
export function folderName(settings: Settings): string {
  const hash = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
  return `${settings.experiment}-${settings.size}-${hash.slice(0, 8)}`;
}

const idOf = ({ key, seed }: Pick<Result, "key" | "seed">): string => `${key}#${seed}`;

export class RunFolder {
  readonly path: string;
  private readonly lines: string;
  private readonly known = new Map<string, Result>();

  /** Opens a run, and finds what is done of it. */
  constructor(parent: string, settings: Settings) {
    this.path = join(parent, folderName(settings));
    this.lines = join(this.path, "results.jsonl");
    mkdirSync(this.path, { recursive: true });
    replace(join(this.path, "config.json"), `${JSON.stringify(settings, undefined, 2)}\n`);
    if (existsSync(this.lines)) this.read();
  }

  /** A line that was not finished is cut off: its work is done again. */
  private read(): void {
    const bytes = readFileSync(this.lines);
    const end = bytes.lastIndexOf(10) + 1;
    if (end < bytes.length) truncateSync(this.lines, end);
    for (const line of bytes.subarray(0, end).toString("utf8").split("\n")) {
      if (line === "") continue;
      const result = JSON.parse(line) as Result;
      this.known.set(idOf(result), result);
    }
  }

  /** Work that is not done yet; what failed is tried again. */
  missing(jobs: readonly Job[]): Job[] {
    return jobs.filter((job) => this.known.get(idOf(job))?.rows === undefined);
  }

  record(result: Result): void {
    const file = openSync(this.lines, "a");
    try {
      writeSync(file, `${JSON.stringify(result)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.known.set(idOf(result), result);
  }

  /** Rows of the work, in its order; each with the seed that it is of. */
  rows(jobs: readonly Job[]): Row[] {
    return jobs.flatMap((job) =>
      (this.known.get(idOf(job))?.rows ?? []).map((row) => ({ seed: job.seed, ...row })),
    );
  }

  failures(jobs: readonly Job[]): Result[] {
    return jobs.flatMap((job) => {
      const result = this.known.get(idOf(job));
      return result?.error === undefined ? [] : [result];
    });
  }

  /** Puts the lines in the order of the work; other seeds that were run stay behind them. */
  settle(jobs: readonly Job[]): void {
    const ids = [...new Set([...jobs.map(idOf), ...[...this.known.keys()].sort()])];
    const results = ids.flatMap((id) => this.known.get(id) ?? []);
    replace(this.lines, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
  }

  /** Writes a file of the run, whole or not at all. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    mkdirSync(join(path, ".."), { recursive: true });
    replace(path, content);
    return path;
  }
}

function replace(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { flush: true });
  renameSync(temporary, path);
}
