/** Keeps runs in the store, where one can be had; the work itself needs none. */
import { resolve } from "node:path";
import type { EdgewiseError } from "edgewise";
import type { Verdict } from "../experiment/experiment.ts";
import type { Settings } from "./results.ts";
import type { RunFolder } from "./runFolder.ts";
import { type KeptRun, RunStore } from "./store.ts";

/**
 * What a run begins from: nothing; a part that is done, whose seconds count; or all of it, which is
 * done again, and whose verdicts stand until there are new ones.
 */
export type Beginning = "nothing" | "part" | "all";

export class Keeper {
  private store: RunStore | undefined;
  private readonly warn: (message: string) => void;
  private readonly working: string;

  private constructor(warn: (message: string) => void, working: string) {
    this.warn = warn;
    this.working = working;
  }

  /**
   * Opens the store; where it is in trouble, `warn` is told once, and nothing is kept. Folders that
   * are not whole lie in the working folder.
   */
  static async open(
    warn: (message: string) => void,
    home?: string,
    working = ".",
  ): Promise<Keeper> {
    const keeper = new Keeper(warn, working);
    await RunStore.open(home).then(
      (store) => {
        keeper.store = store;
      },
      (error: EdgewiseError) => keeper.giveUp(error),
    );
    return keeper;
  }

  begin(run: Kept, from: Beginning): void {
    this.keep(run, "running", (before) => ({
      started: Date.now(),
      seconds: from === "part" ? (before?.seconds ?? 0) : 0,
      verdicts: from === "all" && before?.seeds === run.seeds ? before.verdicts : [],
    }));
  }

  /** Adds seconds that jobs of a run took; verdicts of before stand where none are given. */
  add(run: Kept, seconds: number, state: KeptRun["state"], verdicts?: readonly Verdict[]): void {
    this.keep(run, state, (before) => ({
      started: before?.started ?? Date.now(),
      seconds: (before?.seconds ?? 0) + seconds,
      verdicts: verdicts ?? before?.verdicts ?? [],
    }));
  }

  close(): void {
    this.store?.close();
  }

  private keep(
    { folder, settings, seeds }: Kept,
    state: KeptRun["state"],
    of: (before: KeptRun | undefined) => Pick<KeptRun, "started" | "seconds" | "verdicts">,
  ): void {
    try {
      // Whole, since who reads it may stand in another folder.
      const path = resolve(this.working, folder.path);
      const before = this.store?.all().find((kept) => resolve(this.working, kept.folder) === path);
      const { pid } = process;
      const kept = before?.folder ?? path;
      this.store?.keep({ folder: kept, settings, seeds, state, pid, ...of(before) });
    } catch (error) {
      this.giveUp(error as EdgewiseError);
    }
  }

  private giveUp({ where, got, fix }: EdgewiseError): void {
    this.store?.close();
    this.store = undefined;
    this.warn(`runs are not kept in ${where}: ${got}; ${fix}`);
  }
}

interface Kept {
  readonly folder: RunFolder;
  readonly settings: Settings;
  readonly seeds: number;
}
