/** Calls take turns, since all of them work in one memory. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Team } from "./threads/team.ts";

/** Work that gives way now and then. */
class Running<Result> {
  private readonly work: Generator<void, Result>;
  private outcome: { readonly result: Result } | { readonly error: unknown } | undefined;

  constructor(work: Generator<void, Result>) {
    this.work = work;
  }

  /** Goes on until it gives way or is done, and tells which. */
  goOn(): boolean {
    if (this.outcome !== undefined) return true;
    try {
      const { done, value } = this.work.next();
      if (done) this.outcome = { result: value };
    } catch (error) {
      this.outcome = { error };
    }
    return this.outcome !== undefined;
  }

  result(): Result {
    if (this.outcome === undefined) throw new Error("the work is not done");
    if ("error" in this.outcome) throw this.outcome.error;
    return this.outcome.result;
  }
}

export class Turn {
  private readonly team: Team;
  private current: Running<unknown> | undefined;
  private last: Promise<void> = Promise.resolve();
  private isInside = false;

  constructor(team: Team) {
    this.team = team;
  }

  /** Does work at once; what others began is done first. */
  now<Result>(work: Generator<void, Result>): Result {
    if (this.current !== undefined) this.finish(this.current);
    const running = new Running(work);
    this.finish(running);
    return running.result();
  }

  /** Does work when its turn comes, and lets the page go on while only other threads work. */
  async later<Result>(begin: () => Generator<void, Result>): Promise<Result> {
    const before = this.last;
    let leave = (): void => {};
    this.last = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    const running = new Running(begin());
    this.current = running;
    try {
      while (!this.goOn(running)) await this.team.wait();
      return running.result();
    } finally {
      this.current = undefined;
      leave();
    }
  }

  private finish(running: Running<unknown>): void {
    while (!this.goOn(running)) this.team.waitAtOnce();
  }

  private goOn(running: Running<unknown>): boolean {
    if (this.isInside) throw nested();
    this.isInside = true;
    try {
      return running.goOn();
    } finally {
      this.isInside = false;
    }
  }
}

function nested(): EdgewiseError {
  return new EdgewiseError({
    code: "engine_failed",
    where: "wasm",
    got: "a call from inside the onProgress of another call",
    expected: "one call at a time: all of them work in one memory",
    fix: "start the call once the other has answered, or make a second engine with wasm()",
  });
}
