import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** End of a command because somebody asked for it; not a failure of anything. */
export class Interrupted extends Error {
  /** 128 and the number of the signal, as shells count: 130 for Control-C. */
  readonly exitCode: number;

  constructor(signal: (typeof signals)[number]) {
    super(`interrupted by ${signal}`);
    this.name = "Interrupted";
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Result of work that must tidy up when it is interrupted; an interrupt rejects with Interrupted.
 *
 * The signals are listened for only meanwhile: with a listener Node waits for the event loop, and
 * a long computation could not be stopped with Control-C.
 */
export async function interruptible<Result>(
  work: (interrupt: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const listeners = signals.map((signal) => {
    const listener = (): void => controller.abort(new Interrupted(signal));
    process.on(signal, listener);
    return { signal, listener };
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    // An aborted write rejects with an error of its own: the reason is what the caller needs.
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  }
}
