/** Folders of photos with masks. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { EdgewiseError } from "edgewise";
import { decode } from "fast-png";
import { readBytes } from "../cli/files.ts";
import { decodePhoto } from "../photo/decode.ts";
import { type Regions, regionsOf } from "./annotator.ts";
import { halfPicture, halfRegions } from "./half.ts";
import type { Sample } from "./sample.ts";

/** A photo with a mask, by the names of their files. */
export interface Pair {
  readonly name: string;
  readonly photo: string;
  readonly mask: string;
}

export interface Folder {
  readonly pairs: readonly Pair[];
  /** Photos that have no mask. */
  readonly skipped: readonly string[];
}

/**
 * Photos of a folder, NAME.jpg or NAME.jpeg, with their masks NAME.png, in order; the case of
 * extensions does not count.
 *
 * @throws unreadable_file, bad_image where there is none
 */
export async function samplesIn(folder: string): Promise<Folder> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const reasons: Record<string, string> = { ENOENT: "no such folder", ENOTDIR: "a file" };
    throw new EdgewiseError({
      code: "unreadable_file",
      where: folder,
      got: reasons[error.code ?? ""] ?? error.message,
      expected: "a folder that can be read",
      fix: "name the folder that the photos are in",
    });
  });
  const masks = new Map(
    files.filter((file) => /\.png$/i.test(file)).map((file) => [bare(file), file]),
  );
  const photos = files.filter((file) => /\.jpe?g$/i.test(file)).sort();
  const pairs = photos.flatMap((photo): Pair[] => {
    const mask = masks.get(bare(photo));
    return mask === undefined ? [] : [{ name: bare(photo), photo, mask }];
  });
  if (pairs.length > 0)
    return { pairs, skipped: photos.filter((photo) => !masks.has(bare(photo))) };
  throw new EdgewiseError({
    code: "bad_image",
    where: folder,
    got: `${files.length} files, of which ${photos.length} end in .jpg or .jpeg, and none of these has a .png of its name`,
    expected: "photos as NAME.jpg and their regions as NAME.png: its index is the region",
    fix: "name each mask like its photo",
  });
}

const bare = (file: string): string => file.replace(/\.[^.]*$/, "");

/**
 * A photo and its regions, at half size.
 *
 * @throws unreadable_file; bad_image for a mask that is not indexed or of another size, or where
 *   nothing is to be scored
 */
export async function loadSample(folder: string, pair: Pair): Promise<Sample> {
  const [photo, mask] = [join(folder, pair.photo), join(folder, pair.mask)];
  const picture = await decodePhoto(await readBytes(photo), photo);
  const regions = decodeRegions(await readBytes(mask), mask);
  if (regions.width !== picture.width || regions.height !== picture.height)
    throw bad(
      mask,
      `${regions.width} × ${regions.height} pixels`,
      `those of the photo, ${picture.width} × ${picture.height}`,
    );
  const half = halfRegions(regions);
  if (half.of.length === 0) throw bad(mask, "a single row or column", "two pixels either way");
  if (regionsOf(half).length === 0) throw bad(mask, "no region", "an index below 255 somewhere");
  return { name: pair.name, picture: halfPicture(picture), regions: half };
}

function decodeRegions(bytes: Uint8Array, path: string): Regions {
  try {
    const { width, height, data, channels, depth } = decode(bytes);
    if (channels === 1 && depth <= 8)
      return { width, height, of: unpacked(data, { width, height, depth }) };
    throw bad(path, `${channels} channels of ${depth} bits`, "one index a pixel, of 1 to 8 bits");
  } catch (error) {
    if (error instanceof EdgewiseError) throw error;
    throw bad(path, (error as Error).message, "an indexed PNG");
  }
}

/** Indices of fewer than 8 bits stand several to a byte, rows from whole bytes on. */
function unpacked(
  data: ArrayLike<number>,
  { width, height, depth }: { width: number; height: number; depth: number },
): Uint8Array {
  if (depth === 8) return Uint8Array.from(data);
  const stride = Math.ceil((width * depth) / 8);
  const indices = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * stride + (bit >> 3)] as number;
      indices[y * width + x] = (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  return indices;
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
