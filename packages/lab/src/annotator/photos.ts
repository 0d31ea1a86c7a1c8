/** Folders of photos with masks. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { EdgewiseError } from "edgewise";
import { decode } from "fast-png";
import { readBytes } from "../cli/files.ts";
import { decodePhoto } from "../photo/decode.ts";
import { type Regions, regionsOf } from "./annotator.ts";
import { halfPicture, halfRegions } from "./half.ts";
import type { Sample } from "./sample.ts";

/**
 * Names of the photos of a folder that have a mask: NAME.jpg beside NAME.png, in order.
 *
 * @throws unreadable_file, bad_image where there is none
 */
export async function samplesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new EdgewiseError({
      code: "unreadable_file",
      where: folder,
      got: error.code === "ENOENT" ? "no such folder" : (error.code ?? error.message),
      expected: "a folder that can be read",
      fix: "check the path",
    });
  });
  const present = new Set(files);
  const names = files
    .filter((file) => file.endsWith(".jpg"))
    .map((file) => basename(file, ".jpg"))
    .filter((name) => present.has(`${name}.png`))
    .sort();
  if (names.length > 0) return names;
  throw new EdgewiseError({
    code: "bad_image",
    where: folder,
    got: `${files.length} files, and no NAME.jpg with a NAME.png beside it`,
    expected: "photos as NAME.jpg and their regions as NAME.png: its index is the region",
    fix: "name each mask like its photo",
  });
}

/**
 * A photo and its regions, at half size.
 *
 * @throws unreadable_file; bad_image for a mask that is not indexed or of another size, or where
 *   nothing is to be scored
 */
export async function loadSample(folder: string, name: string): Promise<Sample> {
  const [photo, mask] = [join(folder, `${name}.jpg`), join(folder, `${name}.png`)];
  const picture = await decodePhoto(await readBytes(photo), photo);
  const regions = decodeRegions(await readBytes(mask), mask);
  if (regions.width !== picture.width || regions.height !== picture.height)
    throw bad(
      mask,
      `${regions.width} × ${regions.height} pixels`,
      `those of the photo, ${picture.width} × ${picture.height}`,
    );
  const half = halfRegions(regions);
  if (regionsOf(half).length === 0) throw bad(mask, "no region", "an index below 255 somewhere");
  return { name, picture: halfPicture(picture), regions: half };
}

function decodeRegions(bytes: Uint8Array, path: string): Regions {
  try {
    const { width, height, data, channels, depth } = decode(bytes);
    if (channels === 1 && depth === 8) return { width, height, of: Uint8Array.from(data) };
    throw bad(path, `${channels} channels of ${depth} bits`, "indices of 8 bits");
  } catch (error) {
    if (error instanceof EdgewiseError) throw error;
    throw bad(path, (error as Error).message, "an indexed PNG");
  }
}

function bad(path: string, got: string, expected: string): EdgewiseError {
  return new EdgewiseError({
    code: "bad_image",
    where: path,
    got,
    expected,
    fix: "write the regions as an indexed PNG of the photo's size, 255 for what is not scored",
  });
}
