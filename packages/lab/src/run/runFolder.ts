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
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Job } from "../experiment/experiment.ts";
import { idOf, onFile, type Result, Results, type Settings, wholeLines } from "./results.ts";

/** Name of a run's folder: what decides its numbers decides it, seeds apart. */
export function folderName(settings: Settings): string {
  const hash = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
  return `${settings.experiment}-${settings.size}-${hash.slice(0, 8)}`;
}

export class RunFolder extends Results {
  readonly path: string;
  /** Path of the results. */
  readonly lines: string;

  /** Opens a run, and finds what is done of it. @throws unreadable_file */
  constructor(parent: string, settings: Settings) {
    const path = join(parent, folderName(settings));
    const lines = join(path, "results.jsonl");
    onFile(path, () => mkdirSync(path, { recursive: true }));
    replace(join(path, "config.json"), `${JSON.stringify(settings, undefined, 2)}\n`);
    refuseBlocked(join(path, "report.html"));
    super(onFile(lines, () => read(lines)));
    this.path = path;
    this.lines = lines;
  }

  record(result: Result): void {
    onFile(this.lines, () => {
      const file = openSync(this.lines, "a");
      try {
        writeSync(file, `${JSON.stringify(result)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    });
    this.known.set(idOf(result), result);
  }

  /** Puts the lines in the order of the work; other seeds that were run stay behind them. */
  settle(jobs: readonly Job[]): void {
    const ids = [...new Set([...jobs.map(idOf), ...[...this.known.keys()].sort()])];
    const results = ids.flatMap((id) => this.known.get(id) ?? []);
    replace(this.lines, results.map((result) => `${JSON.stringify(result)}\n`).join(""));
  }

  /** Writes a file of the run, whole or not at all. @throws unreadable_file */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    onFile(dirname(path), () => mkdirSync(dirname(path), { recursive: true }));
    replace(path, content);
    return path;
  }
}

/** Lines that are there. One that was not finished is cut off: its work is done again. */
function read(file: string): string[] {
  if (!existsSync(file)) return [];
  const { lines, end, size } = wholeLines(file);
  if (end < size) truncateSync(file, end);
  return lines;
}

/** Refuses what no file can be put in place of, before there is work for it. @throws unreadable_file */
export function refuseBlocked(path: string): void {
  onFile(path, () => {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isFolder) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  });
}

/** Puts a file in place of what stands there, whole or not at all. @throws unreadable_file */
export function replace(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  onFile(path, () => {
    try {
      writeFileSync(temporary, content, { flush: true });
      renameSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}
