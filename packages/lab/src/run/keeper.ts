/** Keeps runs in the store, where one can be had; the work itself needs none. */
import type { EdgewiseError } from "edgewise";
import type { Verdict } from "../experiment/experiment.ts";
import type { Settings } from "./results.ts";
import type { RunFolder } from "./runFolder.ts";
import { type KeptRun, RunStore } from "./store.ts";

export class Keeper {
  private store: RunStore | undefined;
  private readonly warn: (message: string) => void;

  private constructor(warn: (message: string) => void) {
    this.warn = warn;
  }

  /** Opens the store; where it is in trouble, `warn` is told once, and nothing is kept. */
  static async open(warn: (message: string) => void, home?: string): Promise<Keeper> {
    const keeper = new Keeper(warn);
    await RunStore.open(home).then(
      (store) => {
        keeper.store = store;
      },
      (error: EdgewiseError) => keeper.giveUp(error),
    );
    return keeper;
  }

  /** A run that goes on: what it took before counts, unless it begins from nothing. */
  begin(run: Kept, isFresh: boolean): void {
    this.keep(run, "running", (before) => ({
      started: Date.now(),
      seconds: isFresh ? 0 : (before?.seconds ?? 0),
    }));
  }

  /** Adds seconds that jobs of a run took. */
  add(
    run: Kept,
    seconds: number,
    state: "running" | "finished" | "failed",
    verdicts?: Verdicts,
  ): void {
    this.keep(
      run,
      state,
      (before) => ({
        started: before?.started ?? Date.now(),
        seconds: (before?.seconds ?? 0) + seconds,
      }),
      verdicts,
    );
  }

  close(): void {
    this.store?.close();
  }

  private keep(
    { folder, settings, seeds }: Kept,
    state: KeptRun["state"],
    of: (before: KeptRun | undefined) => Pick<KeptRun, "started" | "seconds">,
    verdicts: Verdicts = [],
  ): void {
    try {
      const before = this.store?.all().find((kept) => kept.folder === folder.path);
      const { pid } = process;
      const { path } = folder;
      this.store?.keep({ folder: path, settings, seeds, state, pid, ...of(before), verdicts });
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

type Verdicts = readonly Verdict[];

interface Kept {
  readonly folder: RunFolder;
  readonly settings: Settings;
  readonly seeds: number;
}
