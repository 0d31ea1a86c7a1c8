import { rmSync } from "node:fs";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { EdgewiseError } from "edgewise";
import { duplicateKey } from "edgewise/io";
import { endless } from "../run/regular.ts";
import { checkWritable, type Destination, destinationOf, unwritable } from "./destination.ts";
import { interruptible } from "./interrupt.ts";
import { jsonComplaint } from "./jsonComplaint.ts";

export { checkWritable } from "./destination.ts";

/** Contents of a regular file: pipes and devices may never end. @throws unreadable_file */
export async function readBytes(path: string): Promise<Uint8Array> {
  const kind = endless(await stat(path).catch(() => undefined));
  if (kind !== undefined) {
    const fix = `save what comes from it as a file, and name that in place of ${path}`;
    throw unreadable(path, { got: kind, expected: "a regular file", fix });
  }
  try {
    return await readFile(path);
  } catch (error) {
    const reason = await reasonFor(path, error as NodeJS.ErrnoException);
    throw unreadable(path, { expected: "a file that can be read", ...reason });
  }
}

/** Value of a JSON file, with or without a byte-order mark. @throws unreadable_file, bad_file */
export async function readJson(path: string): Promise<unknown> {
  const text = decode(path, await readBytes(path));
  try {
    const json = JSON.parse(text);
    const twice = duplicateKey(text);
    if (twice !== undefined) throw givenTwice(path, twice);
    return json;
  } catch (error) {
    if (error instanceof EdgewiseError) throw error;
    throw new EdgewiseError({
      code: "bad_file",
      where: path,
      got: jsonComplaint(text, (error as SyntaxError).message),
      expected: "one JSON value",
      fix: `mend ${path} there`,
    });
  }
}

/**
 * Writes several files so that none is ever half there: each under a temporary name in its own
 * folder, then all renamed. A failure or an interrupt removes what is temporary.
 *
 * What is not an ordinary file, such as /dev/null, is written straight: renaming would replace it.
 *
 * @throws unreadable_file, bad_usage
 */
export async function writeAtomically(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await checkWritable(...files.keys());
  const outputs: Output[] = [];
  for (const [path, bytes] of files) {
    outputs.push({ path, bytes, ...(await destinationOf(path)) });
  }
  const discard = (): void => {
    for (const { temporary } of outputs) if (temporary) rmSync(temporary, { force: true });
  };
  // Also when something else ends the process meanwhile, such as a reader that has gone.
  process.once("exit", discard);
  try {
    await interruptible((interrupt) => writeAll(outputs, interrupt));
  } finally {
    discard();
    process.off("exit", discard);
  }
}

interface Output extends Destination {
  readonly path: string;
  readonly bytes: Uint8Array;
}

async function writeAll(outputs: readonly Output[], interrupt: AbortSignal): Promise<void> {
  for (const { path, bytes, target, temporary, mode } of outputs) {
    // "wx" never follows a link that somebody put under the temporary name.
    const options = temporary ? { flag: "wx", flush: true, mode } : {};
    await writeFile(temporary ?? target, bytes, { ...options, signal: interrupt }).catch(
      (error: Error) => explain(path, error, interrupt),
    );
  }
  // The last moment to stop: from here on every file is complete.
  interrupt.throwIfAborted();
  for (const { path, target, temporary } of outputs) {
    if (temporary === undefined) continue;
    await rename(temporary, target).catch((error: Error) => explain(path, error, interrupt));
  }
}

function explain(path: string, error: Error, interrupt: AbortSignal): never {
  interrupt.throwIfAborted();
  const got = `a failure while it was written: ${error.message}`;
  throw unwritable(path, got, "make room or choose another folder; nothing half-written was left");
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new EdgewiseError({
      code: "bad_file",
      where: path,
      got: "bytes that are not UTF-8",
      expected: "JSON in UTF-8",
      fix: `save ${path} as JSON in UTF-8`,
    });
  }
}

const unreadable = (
  path: string,
  told: Pick<EdgewiseError, "got" | "expected" | "fix">,
): EdgewiseError =>
  new EdgewiseError({
    code: "unreadable_file",
    where: path === "" ? "the input path" : path,
    ...told,
  });

/** What stood in the way of reading, and how to mend it. */
async function reasonFor(
  path: string,
  { code, message }: NodeJS.ErrnoException,
): Promise<{ got: string; fix: string }> {
  if (path === "") return { got: "an empty path", fix: "name a file" };
  if (code === "EISDIR") return { got: "a folder", fix: `name a file inside ${path}` };
  if (code === "EACCES" || code === "EPERM") {
    return { got: "a file that this user may not read", fix: `allow reading ${path}` };
  }
  if (code !== "ENOENT") return { got: message, fix: `check the path ${path}` };
  const folder = dirname(path);
  const exists = (await stat(folder).catch(() => undefined)) !== undefined;
  if (exists) return { got: "no file of that name", fix: `check the name; ${folder} exists` };
  return { got: `no folder ${folder}`, fix: "check the path; it starts at the working folder" };
}

function givenTwice(path: string, key: string): EdgewiseError {
  return new EdgewiseError({
    code: "bad_file",
    where: path,
    got: `the key ${key} twice`,
    expected: "each key once, so that nothing is lost",
    fix: `take one of the two out of ${path}`,
  });
}
