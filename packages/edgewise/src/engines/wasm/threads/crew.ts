/** Threads that share the tasks of kernels with the thread that calls. */
import { EdgewiseError } from "../../../errors/edgewiseError.ts";
import type { Thread } from "../../shared/threads.ts";
import type { Told } from "../execute.ts";
import type { Memory } from "../memory.ts";
import type { Compiled } from "../modules.ts";
import type { KernelCall } from "../plan.ts";
import { controlBytes, looks, type Welcome, word } from "./control.ts";
import { mayWait } from "./mayWait.ts";
import type { Start } from "./start.ts";

/** Pieces of a kernel's tasks for each thread: small enough that none waits long for the last. */
const piecesEach = 16;

/** Milliseconds that a thread may be silent, beyond a hundred times what its piece should take. */
const usualPatience = 10_000;

const { performance } = globalThis as unknown as { performance: { now(): number } };

export class Crew {
  private readonly words = new Int32Array(new SharedArrayBuffer(controlBytes));
  private readonly threads: readonly Thread[];
  private readonly sent = new WeakSet<Compiled>();
  /** Threads that ended by themselves, by place, and why. */
  private readonly ended = new Map<number, string>();
  private failed = false;
  private wake: () => void = () => {};

  private readonly patience: number;

  constructor(count: number, memory: Memory, start: Start, patience: number = usualPatience) {
    this.patience = patience;
    const threads: Thread[] = [];
    this.threads = threads;
    try {
      for (let place = 1; place < count; place++) {
        const thread = start();
        threads.push(thread);
        thread.listen(
          () => {},
          (reason) => this.end(place, reason),
        );
        thread.tell({ words: this.words, memory: memory.memory, place } satisfies Welcome);
      }
    } catch (error) {
      this.dispose();
      throw notStarted(error);
    }
  }

  /** Whether a thread ended by itself or failed: the others are no longer used either. */
  get isLost(): boolean {
    return this.failed || this.ended.size > 0;
  }

  /** Runs a kernel's tasks; gives way while only others still work. @throws engine_failed */
  *run(call: KernelCall, told: Told | undefined): Generator<void, void> {
    this.introduce(call.source);
    const piece = this.open(call);
    const start = performance.now();
    let pieces = 0;
    try {
      pieces = this.take(call, piece, told);
    } finally {
      const each = (performance.now() - start) / Math.max(1, pieces);
      yield* this.close(this.patience + 100 * each);
    }
  }

  dispose(): void {
    this.threads.forEach((thread, k) => {
      this.end(k + 1, "dispose()");
      thread.terminate();
    });
  }

  /** Waits a little for a thread to leave, and holds up this one. */
  waitAtOnce(): void {
    const active = Atomics.load(this.words, word.active);
    if (active !== 0 && mayWait) Atomics.wait(this.words, word.active, active, 100);
  }

  /** The same while the page goes on. */
  async wait(): Promise<void> {
    const active = Atomics.load(this.words, word.active);
    if (active === 0) return;
    const { waitAsync } = Atomics as unknown as { waitAsync?: WaitAsync };
    const left = waitAsync?.(this.words, word.active, active, 100).value;
    const end = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    await Promise.race([left ?? pause(), end]);
  }

  private introduce(source: Compiled): void {
    if (this.sent.has(source)) return;
    this.sent.add(source);
    for (const thread of this.threads) thread.tell(source);
  }

  /** Opens a kernel to the threads; tells how many tasks make a piece. */
  private open({ number, params, tasks, threads, scratch, scratchBytes }: KernelCall): number {
    const { words } = this;
    const piece = Math.ceil(tasks / (threads * piecesEach));
    words[word.kernel] = number;
    words[word.params] = params;
    words[word.tasks] = tasks;
    words[word.piece] = piece;
    words[word.scratch] = scratch;
    words[word.scratchBytes] = scratchBytes;
    words[word.threads] = threads;
    words[word.failure] = 0;
    Atomics.store(words, word.next, 0);
    Atomics.store(words, word.state, words[word.state]! + 3);
    Atomics.notify(words, word.state);
    return piece;
  }

  private take(
    { call, params, tasks, scratch, part }: KernelCall,
    piece: number,
    told: Told | undefined,
  ): number {
    for (let pieces = 0; ; pieces++) {
      const from = Atomics.add(this.words, word.next, piece);
      if (from >= tasks) return pieces;
      call(params, from, Math.min(tasks, from + piece), scratch);
      told?.(part + Math.min(1, (from + piece) / tasks));
    }
  }

  private *close(most: number): Generator<void, void> {
    const { words } = this;
    Atomics.sub(words, word.state, 1);
    for (let k = 0; k < looks && Atomics.load(words, word.active) !== 0; k++);
    const start = performance.now();
    while (Atomics.load(words, word.active) !== 0) {
      if (performance.now() - start > most) this.fail(`silence for ${(most / 1e3).toFixed(0)} s`);
      this.mourn();
      yield;
    }
    const length = Atomics.load(words, word.failure);
    if (length === 0) return;
    const text = words.subarray(word.failureText, word.failureText + length);
    this.fail(String.fromCharCode(...text));
  }

  /** Refuses once those who are left inside will never leave, and no others are. */
  private mourn(): void {
    const lost = [...this.ended].filter(
      ([place]) => Atomics.load(this.words, word.inside + place) === 1,
    );
    const [first] = lost;
    if (first !== undefined && lost.length === Atomics.load(this.words, word.active))
      this.fail(first[1]);
  }

  private fail(reason: string): never {
    this.failed = true;
    throw failed(reason);
  }

  private end(place: number, reason: string): void {
    if (!this.ended.has(place)) this.ended.set(place, reason);
    this.wake();
  }
}

type WaitAsync = (
  words: Int32Array,
  at: number,
  value: number,
  most: number,
) => { readonly value: unknown };

const { setTimeout } = globalThis as unknown as {
  setTimeout(call: () => void, after: number): void;
};
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function notStarted(error: unknown): EdgewiseError {
  return new EdgewiseError({
    code: "engine_failed",
    where: "a thread of wasm",
    got: String(error),
    expected: "a thread that starts: a page may start those of its own origin",
    fix: "make the engine with threads: 1, or serve its modules from the page's own origin",
  });
}

function failed(reason: string): EdgewiseError {
  return new EdgewiseError({
    code: "engine_failed",
    where: "a thread of wasm",
    got: reason,
    expected: "its part of the tasks",
    fix: "call again, which starts new threads, or make the engine with threads: 1",
  });
}
