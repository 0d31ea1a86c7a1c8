/** The runs of a working folder, in a small database; each is written by the process that runs it. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EdgewiseError } from "edgewise";
import type { Verdict } from "../experiment/experiment.ts";
import { makeWithParents } from "./folders.ts";
import { endless } from "./regular.ts";
import type { Settings } from "./results.ts";

export interface KeptRun {
  /** Number under which it is compared. */
  readonly id: number;
  readonly folder: string;
  readonly settings: Settings;
  readonly seeds: number;
  /** `stopped`: before its end, or its process is no more. */
  readonly state: "running" | "stopped" | "finished" | "failed";
  /** Process that runs it, or ran it last. */
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Seconds that its jobs took, added up: threads that work side by side count each. */
  readonly seconds: number;
  readonly verdicts: readonly Verdict[];
}

/** Where runs are kept: `EDGEWISE_HOME`, or `.edgewise` in the working folder. */
export const homeFolder = (working = "."): string =>
  resolve(process.env["EDGEWISE_HOME"] || join(working, ".edgewise"));

const fileIn = (home: string): string => join(home, "runs.sqlite");

/** Runs that a folder keeps; none where it keeps no store, and none is made. @throws unreadable_file */
export function keptRuns(home: string = homeFolder()): KeptRun[] {
  const file = fileIn(home);
  if (existsSync(home) && !statSync(home).isDirectory()) throw noFolder(home);
  if (!existsSync(file)) return [];
  refuseOther(file);
  return told(file, () => {
    const database = new DatabaseSync(file, { readOnly: true, timeout });
    try {
      return runsOf(database);
    } finally {
      database.close();
    }
  });
}

/** Milliseconds to wait for a store that another process writes. */
const timeout = 5000;

const columns = {
  ...{ id: "INTEGER PRIMARY KEY", folder: "TEXT NOT NULL UNIQUE", settings: "TEXT NOT NULL" },
  ...{ seeds: "INTEGER NOT NULL", state: "TEXT NOT NULL", pid: "INTEGER NOT NULL DEFAULT 0" },
  ...{ started: "INTEGER NOT NULL", seconds: "REAL NOT NULL", verdicts: "TEXT NOT NULL" },
} as const;

export class RunStore {
  readonly file: string;
  private readonly database: DatabaseSync;

  private constructor(file: string, database: DatabaseSync) {
    this.file = file;
    this.database = database;
  }

  /** Opens a store to write, and makes one where there is none. @throws unreadable_file */
  static async open(home: string = homeFolder()): Promise<RunStore> {
    const file = fileIn(home);
    try {
      await makeWithParents(home);
    } catch (error) {
      throw noFolder(home, error as Error);
    }
    refuseOther(file);
    return told(file, () => {
      const database = new DatabaseSync(file, { timeout });
      try {
        // One file, which can be read in a folder that may not be written.
        database.exec(`PRAGMA journal_mode = DELETE; ${made}`);
        // Read first: somebody else's table is left as it is.
        runsOf(database);
        addPid(database);
        return new RunStore(file, database);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  /** Keeps a run under its folder, in place of what was known of it. @throws unreadable_file */
  keep(run: Omit<KeptRun, "id">): void {
    const { folder, settings, seeds, state, pid, started, seconds, verdicts } = run;
    told(this.file, () =>
      this.database
        .prepare(`
          INSERT INTO runs (folder, settings, seeds, state, pid, started, seconds, verdicts)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (folder) DO UPDATE SET
            settings = excluded.settings, seeds = excluded.seeds, state = excluded.state,
            pid = excluded.pid, started = excluded.started, seconds = excluded.seconds,
            verdicts = excluded.verdicts`)
        .run(
          ...[folder, JSON.stringify(settings), seeds, state, pid, started, seconds],
          JSON.stringify(verdicts),
        ),
    );
  }

  /** @throws unreadable_file */
  all(): KeptRun[] {
    return told(this.file, () => runsOf(this.database));
  }

  close(): void {
    this.database.close();
  }
}

const made = `CREATE TABLE IF NOT EXISTS runs (
  ${Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(", ")}
) STRICT`;

/** Stores of before know no processes. */
function addPid(database: DatabaseSync): void {
  const names = database.prepare("PRAGMA table_info(runs)").all();
  if (names.some(({ name }) => name === "pid")) return;
  database.exec(`ALTER TABLE runs ADD COLUMN pid ${columns.pid}`);
}

function runsOf(database: DatabaseSync): KeptRun[] {
  // Named, so that a table of somebody else's is found out; all, since old stores have no process.
  const named = Object.keys(columns).filter((name) => name !== "pid");
  const rows = database.prepare(`SELECT ${named.join(", ")}, * FROM runs ORDER BY id`).all();
  return rows.map((row) => {
    const state = String(row["state"]) as KeptRun["state"];
    const pid = Number(row["pid"] ?? 0);
    return {
      id: Number(row["id"]),
      folder: String(row["folder"]),
      settings: JSON.parse(String(row["settings"])) as Settings,
      seeds: Number(row["seeds"]),
      state: state === "running" && !isAlive(pid) ? "stopped" : state,
      pid,
      started: Number(row["started"]),
      seconds: Number(row["seconds"]),
      verdicts: JSON.parse(String(row["verdicts"])) as Verdict[],
    };
  });
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be asked, and is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function told<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw trouble(file, error);
  }
}

function trouble(file: string, error: unknown): EdgewiseError {
  const { message } = error as Error;
  if (/locked|busy/.test(message)) {
    const fix = "end what holds it, or set EDGEWISE_HOME to another folder";
    return refusal(file, `a store that another process holds: ${message}`, fix);
  }
  if (!existsSync(file)) return noStore(dirname(file), message);
  const isOther = /no such (column|table)|no column|not a database/.test(message);
  return inTheWay(file, isOther ? `no store of runs: ${message}` : message);
}

/** Refuses what stands in place of a store and is no file, unopened. @throws unreadable_file */
function refuseOther(file: string): void {
  const status = statSync(file, { throwIfNoEntry: false });
  const kind = status?.isDirectory() ? "a folder" : endless(status);
  if (kind !== undefined) throw inTheWay(file, kind);
}

const inTheWay = (file: string, got: string): EdgewiseError =>
  refusal(file, got, `move or remove ${file}, or set EDGEWISE_HOME to another folder`);

/** A home that is none: something else stands there, or `error` says why it cannot be made. */
function noFolder(home: string, error?: Error): EdgewiseError {
  const isThere = existsSync(home) && !statSync(home).isDirectory();
  return refusal(
    home,
    isThere ? "a file in place of a folder" : `a folder that cannot be made: ${error?.message}`,
    "set EDGEWISE_HOME to a folder",
  );
}

const noStore = (home: string, message: string): EdgewiseError =>
  refusal(
    home,
    `a folder in which no store can be made: ${message}`,
    "set EDGEWISE_HOME to a folder that may be written in",
  );

const refusal = (where: string, got: string, fix: string): EdgewiseError =>
  new EdgewiseError({
    code: "unreadable_file",
    ...{ where, got, fix },
    expected: "the store of runs, or a folder where one can be made",
  });
