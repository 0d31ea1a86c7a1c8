/** What stands in place of a file and has no end to read to. */
import type { Stats } from "node:fs";

/** A pipe, a socket or a device by name; opening one may wait for ever. Nothing of files and folders. */
export function endless(status: Stats | undefined): string | undefined {
  if (status === undefined || status.isFile() || status.isDirectory()) return undefined;
  if (status.isFIFO()) return "a pipe";
  return status.isSocket() ? "a socket" : "a device";
}
