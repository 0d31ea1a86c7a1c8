/** Folders that are made with those above them. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it. Node's own `recursive` never ends below /proc, where none can
 * be.
 *
 * @throws an error of the file system where it cannot be made
 */
export async function makeWithParents(path: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) return;
  const parent = dirname(path);
  if (path !== "" && parent !== path) await makeWithParents(parent);
  await mkdir(path);
}
