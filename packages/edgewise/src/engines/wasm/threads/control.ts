/**
 * What the threads of one engine agree on, in shared memory: the kernel under way, and who works.
 *
 * A thread that takes part counts itself in before it looks whether the kernel is still open, and
 * out when nothing is left to take. The calling thread never waits for those who did not come: it
 * closes the kernel when all tasks are taken, and waits until nobody is counted in.
 */
import { mostThreads } from "../../features.ts";

/** Places of the words. */
export const word = {
  /** Number of the kernel under way times two, and one while it is open. */
  state: 0,
  /** Threads counted in, the calling one aside. */
  active: 1,
  /** First task that nobody has taken. */
  next: 2,
  kernel: 3,
  params: 4,
  tasks: 5,
  /** Tasks that are taken at once. */
  piece: 6,
  scratch: 7,
  scratchBytes: 8,
  /** Threads that may take part, the calling one included. */
  threads: 9,
  /** Length of what a thread failed with; 0 when none did. */
  failure: 10,
  failureText: 11,
  /** For each thread, 1 while it is counted in. */
  inside: 212,
} as const;

export const mostFailureText: number = word.inside - word.failureText;

export const controlBytes: number = 4 * (word.inside + mostThreads);

/** What a thread is told once, before the modules. */
export interface Welcome {
  readonly words: Int32Array;
  readonly memory: object;
  /** 1 for the first thread beside the calling one. */
  readonly place: number;
}

/** A look now and again before a thread goes to sleep, which takes longer to wake from. */
export const looks = 2000;
