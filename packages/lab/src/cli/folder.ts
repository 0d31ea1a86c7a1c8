import { stat } from "node:fs/promises";
import { EdgewiseError } from "edgewise";
import { makeWithParents } from "../run/folders.ts";

/** Folder for outputs, made where it is missing. @throws unreadable_file */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(path);
  } catch (error) {
    const existing = await stat(path).catch(() => undefined);
    const isFile = existing !== undefined && !existing.isDirectory();
    throw new EdgewiseError({
      code: "unreadable_file",
      where: path === "" ? "the output path" : path,
      got: isFile ? "a file" : `a folder that cannot be made: ${(error as Error).message}`,
      expected: "a folder that exists and may be written in, or a place where one can be made",
      fix: isFile
        ? "name a folder with --output, or remove the file"
        : "choose another folder with --output, or allow writing there",
    });
  }
}
