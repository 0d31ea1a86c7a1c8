import { styleText } from "node:util";
import cliProgress from "cli-progress";

/** Progress of one piece of work, told on standard error. */
export interface Progress {
  /** Says how much is done; `note` names what is being worked on. */
  update(done: number, note?: string): void;
  /** Ends the display. Calling it twice is harmless. */
  stop(): void;
}

/** How it is told, and what a test replaces: the stream and the clock. */
export interface ProgressOptions {
  readonly stream?: NodeJS.WriteStream;
  /** Milliseconds that only ever grow. */
  readonly clock?: () => number;
  /** Of what `total` is 100: shares are told with it, and no number of steps. */
  readonly unit?: "%";
}

/** Milliseconds of work before anything is shown: short work stays silent. */
const silence = 2_000;
/** Milliseconds between two plain lines where there is no terminal. */
const betweenLines = 30_000;

const running = new Set<Progress>();

/**
 * Display of work in `total` steps: a bar on a terminal, plain lines elsewhere, and nothing for
 * work that ends within two seconds.
 *
 * Driven by `update` alone, so it also shows the progress of work that never waits.
 */
export function startProgress(
  title: string,
  total: number,
  { stream = process.stderr, clock = () => performance.now(), unit }: ProgressOptions = {},
): Progress {
  const display = isTerminal(stream)
    ? bar(title, total, stream, unit)
    : lines(title, total, stream, unit);
  const started = clock();
  const progress: Progress = {
    update(done, note = "") {
      const elapsed = clock() - started;
      if (running.has(progress) && elapsed >= silence) display.show(done, note, elapsed);
    },
    stop() {
      if (running.delete(progress)) display.close(clock() - started);
    },
  };
  running.add(progress);
  return progress;
}

/** Ends every display that is still open, so that a failure's message starts on its own line. */
export function stopProgress(): void {
  for (const progress of running) progress.stop();
}

interface Display {
  show(done: number, note: string, elapsed: number): void;
  close(elapsed: number): void;
}

function isTerminal(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== "dumb" && !process.env.CI;
}

type Unit = ProgressOptions["unit"];

function bar(title: string, total: number, stream: NodeJS.WriteStream, unit: Unit): Display {
  const steps = unit === undefined ? " {value}/{total}" : "";
  const drawn = new cliProgress.SingleBar({
    stream,
    format: `{title} ${styleText("cyan", "{bar}", { stream })} {percentage}%${steps} {note}`,
    barsize: Math.max(10, Math.min(40, (stream.columns || 80) - title.length - 40)),
    barCompleteChar: "█",
    barIncompleteChar: "░",
    // Its own handler would swallow Control-C, and what it hides would then stay hidden.
    gracefulExit: false,
    hideCursor: false,
    linewrap: true,
  });
  return {
    show(done, note) {
      if (!drawn.isActive) drawn.start(total, done, { title, note });
      drawn.update(done, { title, note });
    },
    close() {
      drawn.stop();
    },
  };
}

function lines(title: string, total: number, stream: NodeJS.WriteStream, unit: Unit): Display {
  const told = (done: number): string =>
    unit === undefined ? `${done} of ${total}` : `${done} ${unit}`;
  let last: { readonly at: number; readonly done: number } | undefined;
  return {
    show(done, note, elapsed) {
      if (last !== undefined && elapsed - last.at < betweenLines) {
        last = { at: last.at, done };
        return;
      }
      last = { at: elapsed, done };
      stream.write(`${`${title}: ${told(done)} ${note}`.trimEnd()}\n`);
    },
    close(elapsed) {
      if (last === undefined) return;
      stream.write(`${title}: ${told(last.done)} after ${(elapsed / 1000).toFixed(1)} s\n`);
    },
  };
}
