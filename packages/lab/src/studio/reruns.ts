/** Experiments that the page has run again: one rerun at a time, on threads of this process. */
import { EventEmitter, once } from "node:events";
import { resolve } from "node:path";
import { EdgewiseError } from "edgewise";
import { experiments } from "../experiment/registry.ts";
import { fieldsOf } from "../run/failure.ts";
import { makeWithParents } from "../run/folders.ts";
import { Keeper } from "../run/keeper.ts";
import { secondsLeft } from "../run/remaining.ts";
import type { Standing } from "../run/workOff.ts";
import type { Asked } from "./asked.ts";
import type { RerunState, ToldRerun } from "./told.ts";

interface Folders {
  /** Folder in which runs are written, in `out/reproduce`. */
  readonly working: string;
  /** Folder of the store of runs. */
  readonly home: string;
}

export class Reruns {
  private readonly folders: Folders;
  private readonly news = new EventEmitter().setMaxListeners(0);
  private readonly closing = new AbortController();
  private last: ToldRerun | undefined;
  /** Counts what was told, so that nobody waits for news that are there. */
  private told = 0;
  private running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;

  constructor(folders: Folders) {
    this.folders = folders;
  }

  /** The rerun that goes on, or ended last. */
  get now(): ToldRerun | undefined {
    return this.last;
  }

  /** Begins a rerun; nothing where one goes on, or where the server is ending. */
  start(asked: Asked): ToldRerun | undefined {
    if (this.running !== undefined || this.closing.signal.aborted) return undefined;
    const rerun: ToldRerun = {
      ...{ state: "running", number: (this.last?.number ?? 0) + 1, ...asked },
      claims: asked.experiments.flatMap((name) => experiments[name]?.claims ?? []),
      ...{ started: Date.now(), warnings: [] },
    };
    this.tell(rerun);
    const stop = new AbortController();
    const ended = this.work(asked, stop.signal).then((state) => {
      this.running = undefined;
      this.tell({ ...rerun, warnings: this.last?.warnings ?? [], ...state });
    });
    this.running = { stop, ended };
    return rerun;
  }

  /** Stops the rerun that goes on; what it had finished is kept. */
  async stop(): Promise<void> {
    this.running?.stop.abort();
    await this.running?.ended;
  }

  /** What is to be told: at once how it stands, and then whenever it has changed. */
  async *states(gone: AbortSignal): AsyncGenerator<ToldRerun | undefined> {
    const signal = AbortSignal.any([gone, this.closing.signal]);
    for (let seen = -1; !signal.aborted; ) {
      // Its one way to fail is the signal, which the loop asks.
      if (seen === this.told) await once(this.news, "told", { signal }).catch(() => {});
      seen = this.told;
      if (!signal.aborted) yield this.last;
    }
  }

  /** Stops what goes on, and ends all that wait for news. */
  async close(): Promise<void> {
    const stopped = this.stop();
    this.closing.abort();
    await stopped;
  }

  private tell(rerun: ToldRerun): void {
    this.last = rerun;
    this.told++;
    this.news.emit("told");
  }

  /** Tells what has changed of the rerun that goes on, which is the last one. */
  private change(changed: Partial<ToldRerun>): void {
    this.tell({ ...this.last, ...changed } as ToldRerun);
  }

  private async work(asked: Asked, signal: AbortSignal): Promise<RerunState> {
    const { home, working } = this.folders;
    const output = resolve(working, "out/reproduce");
    const { experiments: names, size, seeds } = asked;
    const warn = (message: string): void =>
      this.change({ warnings: [...(this.last?.warnings ?? []), message] });
    try {
      await makeWithParents(output).catch((error: Error) => {
        throw noOutput(output, error);
      });
      // Loaded when it is needed: it draws figures, and a server that is looked at draws none.
      const { reproduce } = await import("../run/reproduce.ts");
      const keeper = await Keeper.open(warn, home, working);
      const started = performance.now();
      const onProgress = (standing: Standing): void => {
        const { done, ended, all, note } = standing;
        const left = secondsLeft(standing, (performance.now() - started) / 1000);
        this.change({ progress: { done, ended, all, note, secondsLeft: left } });
      };
      const options = { names, size, seeds, output, again: true, keeper, signal, warn, onProgress };
      const { verdicts, failures } = await reproduce(options).finally(() => keeper.close());
      return { state: "ended", verdicts, failures };
    } catch (error) {
      return signal.aborted ? { state: "stopped" } : { state: "failed", error: fieldsOf(error) };
    }
  }
}

const noOutput = (where: string, { message }: Error): EdgewiseError =>
  new EdgewiseError({
    code: "unreadable_file",
    where,
    got: `a folder that cannot be made: ${message}`,
    expected: "a folder that runs can be written in",
    fix: "allow writing there, or start edgewise studio with another folder",
  });
