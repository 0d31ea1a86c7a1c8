import { EdgewiseError, type ErrorCode } from "edgewise";
import { fieldsOf } from "../run/failure.ts";
import { Interrupted } from "./interrupt.ts";

/** Where a command writes: results on one stream, messages on the other. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Codes that say the machinery failed, where every other says the caller can mend the input. */
const failures: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "engine_cannot",
  "engine_failed",
  "bad_program",
]);

/** Prints one value as the JSON document that `--json` promises. */
export function printJson(value: unknown, streams: Streams = process): void {
  streams.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Prints lines of a result on standard output. */
export function printLines(lines: readonly string[], streams: Streams = process): void {
  streams.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

/**
 * Reports why a command ended and returns the exit code to end with.
 *
 * On standard error as text, or with `json` as one document on standard output. The stack of an
 * unexpected failure is shown only where EDGEWISE_DEBUG is set.
 */
export function fail(error: unknown, json: boolean, streams: Streams = process): number {
  if (error instanceof Interrupted) return error.exitCode;
  const fields = fieldsOf(error);
  if (json) printJson({ error: fields }, streams);
  else streams.stderr.write(`${new EdgewiseError(fields).message}\n`);
  if (process.env.EDGEWISE_DEBUG && error instanceof Error) {
    streams.stderr.write(`${error.stack}\n`);
  }
  return exitCodeOf(error);
}

/** Exit code of a failure: 2 where the caller can mend it, 1 otherwise, above 128 for a signal. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  return error instanceof EdgewiseError && !failures.has(error.code) ? 2 : 1;
}

/** Ends the process without a word when whoever reads its output has gone, as in `| head`. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  // Messages nobody reads are no reason to stop the work.
  process.stderr.on("error", () => {});
}
