/** Results of a run: a line for each piece of work that is done, and which lines are none. */
import { readFileSync, statSync } from "node:fs";
import { EdgewiseError } from "edgewise";
import { z } from "zod";
import type { Job, Row } from "../experiment/experiment.ts";
import { endless } from "./regular.ts";

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
  readonly rows?: readonly Row[] | undefined;
  readonly error?: string | undefined;
}

export const settingsSchema: z.ZodType<Settings> = z.object({
  experiment: z.string(),
  size: z.enum(["quick", "full"]),
  config: z.record(z.string(), z.unknown()),
  engine: z.string(),
  versions: z.record(z.string(), z.string()),
});

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const end = { key: z.string(), seed: z.int() };
/** Work that is done has rows: every experiment measures something in each of its jobs. */
const resultSchema: z.ZodType<Result> = z.union([
  z.strictObject({ ...end, rows: z.array(z.record(z.string(), cell)).min(1) }),
  z.strictObject({ ...end, error: z.string() }),
]);

export const idOf = ({ key, seed }: Pick<Result, "key" | "seed">): string => `${key}#${seed}`;

/** Results by their work. */
export class Results {
  protected readonly known: Map<string, Result> = new Map<string, Result>();
  /** Numbers of lines that are no result, from 1; what they stood for is done again. */
  readonly damaged: readonly number[];

  constructor(lines: readonly string[]) {
    const damaged: number[] = [];
    for (const [k, line] of lines.entries()) {
      if (line === "") continue;
      const result = resultOf(line);
      if (result === undefined) damaged.push(k + 1);
      else this.known.set(idOf(result), result);
    }
    this.damaged = damaged;
  }

  /** Work that is not done yet; what failed is tried again. */
  missing(jobs: readonly Job[]): Job[] {
    return jobs.filter((job) => this.known.get(idOf(job))?.rows === undefined);
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

  /** Seeds that something is known of: the greatest. */
  get seeds(): number {
    return Math.max(0, ...[...this.known.values()].map(({ seed }) => seed));
  }
}

function resultOf(line: string): Result | undefined {
  try {
    return resultSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Lines of a file that are whole, and the bytes that they take; what stands behind was not finished. */
export function wholeLines(file: string): { lines: string[]; end: number; size: number } {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(10) + 1;
  const lines = bytes.subarray(0, end).toString("utf8").split("\n");
  return { lines, end, size: bytes.length };
}

/**
 * Work on a file of a run; what the file system refuses is told with how to mend it. What may never
 * end, such as a pipe, is refused unopened.
 *
 * @throws unreadable_file
 */
export function onFile<Answer>(path: string, work: () => Answer): Answer {
  try {
    const kind = endless(statSync(path, { throwIfNoEntry: false }));
    if (kind !== undefined) throw blocked(path, kind);
    return work();
  } catch (error) {
    if (error instanceof EdgewiseError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const isBlocked = ["EISDIR", "EEXIST", "ENOTDIR"].includes(code ?? "");
    if (isBlocked) throw blocked(path, code === "EISDIR" ? "a folder" : message);
    throw unusable(
      path,
      message,
      `allow reading and writing ${path}, or choose another folder with --output`,
    );
  }
}

const blocked = (path: string, got: string): EdgewiseError =>
  unusable(path, got, `move or remove ${path}`);

const unusable = (where: string, got: string, fix: string): EdgewiseError =>
  new EdgewiseError({
    code: "unreadable_file",
    ...{ where, got, fix },
    expected: "a file or folder of a run, which can be read and written",
  });
