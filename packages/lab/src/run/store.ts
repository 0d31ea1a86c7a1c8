/** The runs of a working folder, in a small database that one process writes. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Verdict } from "../experiment/experiment.ts";
import type { Settings } from "./runFolder.ts";

export interface KeptRun {
  /** Number under which it is compared. */
  readonly id: number;
  readonly folder: string;
  readonly settings: Settings;
  readonly seeds: number;
  readonly state: "running" | "finished" | "failed";
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly seconds: number;
  readonly verdicts: readonly Verdict[];
}

/** Where runs are kept: `EDGEWISE_HOME`, or `.edgewise` in the working folder. */
export const homeFolder = (): string => resolve(process.env["EDGEWISE_HOME"] || ".edgewise");

export class RunStore {
  private readonly database: DatabaseSync;

  constructor(home: string = homeFolder()) {
    mkdirSync(home, { recursive: true });
    this.database = new DatabaseSync(join(home, "runs.sqlite"));
    this.database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS runs (
        id INTEGER PRIMARY KEY,
        folder TEXT NOT NULL UNIQUE,
        settings TEXT NOT NULL,
        seeds INTEGER NOT NULL,
        state TEXT NOT NULL,
        started INTEGER NOT NULL,
        seconds REAL NOT NULL,
        verdicts TEXT NOT NULL
      ) STRICT`);
  }

  /** Keeps a run under its folder, in place of what was known of it. */
  keep({ folder, settings, seeds, state, started, seconds, verdicts }: Omit<KeptRun, "id">): void {
    this.database
      .prepare(`
        INSERT INTO runs (folder, settings, seeds, state, started, seconds, verdicts)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (folder) DO UPDATE SET
          settings = excluded.settings, seeds = excluded.seeds, state = excluded.state,
          started = excluded.started, seconds = excluded.seconds, verdicts = excluded.verdicts`)
      .run(
        folder,
        JSON.stringify(settings),
        seeds,
        state,
        started,
        seconds,
        JSON.stringify(verdicts),
      );
  }

  all(): KeptRun[] {
    const rows = this.database.prepare("SELECT * FROM runs ORDER BY id").all();
    return rows.map((row) => ({
      id: Number(row["id"]),
      folder: String(row["folder"]),
      settings: JSON.parse(String(row["settings"])) as Settings,
      seeds: Number(row["seeds"]),
      state: String(row["state"]) as KeptRun["state"],
      started: Number(row["started"]),
      seconds: Number(row["seconds"]),
      verdicts: JSON.parse(String(row["verdicts"])) as Verdict[],
    }));
  }

  close(): void {
    this.database.close();
  }
}
