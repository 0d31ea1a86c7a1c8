import { access, constants, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { EdgewiseError } from "edgewise";

/** Where the bytes of one output go: to a temporary name first, or straight to their target. */
export interface Destination {
  readonly target: string;
  readonly temporary: string | undefined;
  /** Permissions of the file that is replaced, or those of a new one. */
  readonly mode: number;
}

/**
 * Refuses output paths that could not be written, before any work is done for them.
 *
 * Each needs a folder that exists and may be written in, must not be a folder itself, and must
 * differ from the others. An output that is also an input is fine: inputs are read first.
 *
 * @throws unreadable_file, bad_usage
 */
export async function checkWritable(...paths: readonly string[]): Promise<void> {
  const resolved = paths.map((path) => resolve(path));
  const twice = paths.find((_, at) => resolved.indexOf(resolved[at] as string) < at);
  if (twice !== undefined) {
    throw new EdgewiseError({
      code: "bad_usage",
      where: "edgewise",
      got: `the path ${twice} for two outputs`,
      expected: "a file of its own for every output",
      fix: "give one of the outputs another path",
    });
  }
  await Promise.all(paths.map(destinationOf));
}

/** Destination of an output path that can be written. @throws unreadable_file */
export async function destinationOf(path: string): Promise<Destination> {
  const folder = dirname(resolve(path));
  await checkFolder(path, folder);
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory() || /[/\\]$/.test(path) || path === "") {
    const got = path === "" ? "an empty path" : "a folder";
    throw unwritable(path, got, "add the name of a file to the path");
  }
  if (existing !== undefined) await checkAccess(path, path, "file");
  if (existing !== undefined && !existing.isFile()) {
    return { target: path, temporary: undefined, mode: existing.mode };
  }
  // Through a symbolic link to the file it stands for, so that the link survives.
  const target = existing === undefined ? resolve(path) : await realpath(path);
  await checkAccess(path, dirname(target), "folder");
  const temporary = join(dirname(target), `.edgewise-${process.pid}-${crypto.randomUUID()}.tmp`);
  return { target, temporary, mode: existing?.mode ?? 0o666 };
}

/** Failure about an output path, in the words of every other. */
export function unwritable(path: string, got: string, fix: string): EdgewiseError {
  return new EdgewiseError({
    code: "unreadable_file",
    where: path === "" ? "the output path" : path,
    got,
    expected: "an output file in a folder that exists and may be written in",
    fix,
  });
}

async function checkFolder(path: string, folder: string): Promise<void> {
  const status = await stat(folder).catch(() => undefined);
  if (status?.isDirectory()) return;
  const shown = dirname(path);
  const got = status === undefined ? `no folder ${shown}` : `${shown}, which is not a folder`;
  throw unwritable(path, got, `create the folder ${shown}, or write somewhere else`);
}

async function checkAccess(path: string, place: string, kind: "file" | "folder"): Promise<void> {
  try {
    await access(place, constants.W_OK);
  } catch {
    const got = `a ${kind} that this user may not write`;
    throw unwritable(path, got, `choose another path, or allow writing to the ${kind}`);
  }
}
