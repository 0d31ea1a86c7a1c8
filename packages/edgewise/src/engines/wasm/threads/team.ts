/** Who runs a kernel's tasks: the calling thread alone, or a crew that is hired when it pays. */
import type { Runner, Told } from "../execute.ts";
import type { Memory } from "../memory.ts";
import type { KernelCall } from "../plan.ts";
import { Crew } from "./crew.ts";
import type { Start } from "./start.ts";

/** Edges or points that were worth sharing before threads are started: about a millisecond's. */
const worthStarting = 2 ** 18;

/** Crews that may be lost before the calling thread goes on alone. */
const mostCrews = 3;

/** How often a kernel tells how far it is. */
const piecesTold = 16;

export class Team implements Runner {
  private readonly threads: number;
  private readonly memory: Memory;
  private readonly start: Start;
  private readonly isAsked: boolean;
  private crew: Crew | undefined;
  private crews = 0;
  /** Why there are no threads: they could not be started. */
  private refusal: unknown;
  private work = 0;

  /** `isAsked`: whether the caller wants so many threads, rather than as many as there are. */
  constructor(threads: number, memory: Memory, start: Start, isAsked: boolean) {
    this.threads = threads;
    this.memory = memory;
    this.start = start;
    this.isAsked = isAsked;
  }

  /** Threads that can share the work, as far as is known. */
  get size(): number {
    return this.refusal === undefined ? this.threads : 1;
  }

  run(call: KernelCall, told: Told | undefined): Iterable<void> {
    return this.crewFor(call)?.run(call, told) ?? alone(call, told);
  }

  waitAtOnce(): void {
    this.crew?.waitAtOnce();
  }

  async wait(): Promise<void> {
    await this.crew?.wait();
  }

  dispose(): void {
    this.crew?.dispose();
    this.crew = undefined;
  }

  private crewFor({ threads, work }: KernelCall): Crew | undefined {
    if (this.crew?.isLost) this.dispose();
    if (threads === 1) return undefined;
    if (this.refusal !== undefined) {
      if (this.isAsked) throw this.refusal;
      return undefined;
    }
    this.work += work;
    if (this.crew === undefined && this.work >= worthStarting && this.crews < mostCrews) {
      this.crews++;
      try {
        this.crew = new Crew(this.threads, this.memory, this.start);
      } catch (error) {
        this.refusal = error;
        if (this.isAsked) throw error;
      }
    }
    return this.crew;
  }
}

function alone({ call, part, params, tasks, scratch }: KernelCall, told: Told | undefined): [] {
  const piece = told === undefined ? Math.max(1, tasks) : Math.ceil(tasks / piecesTold);
  for (let from = 0; from < tasks; from += piece) {
    call(params, from, Math.min(tasks, from + piece), scratch);
    told?.(part + Math.min(1, (from + piece) / tasks));
  }
  return [];
}
