import type { Picture } from "@edgewise/segment";
import { EdgewiseError } from "edgewise";
import sharp, { type Metadata } from "sharp";

/** Most pixels of a photo: 100 megapixels, four times what a large camera takes. */
const mostPixels = 100_000_000;

/** Formats that hold one raster picture, by the names that sharp has for them. */
const formats: ReadonlyMap<string, string> = new Map([
  ["jpeg", "JPEG"],
  ["png", "PNG"],
  ["webp", "WebP"],
  ["tiff", "TIFF"],
  ["heif", "AVIF or HEIF"],
  ["gif", "GIF"],
]);

const saveAgain = "open the file in a viewer to see what it is, and save it again as PNG or JPEG";

/**
 * Photo as 8-bit sRGB, three bytes a pixel, turned as its EXIF orientation says.
 *
 * @throws bad_image for what is no raster picture, is animated, broken, empty or enormous
 */
export async function decodePhoto(bytes: Uint8Array, where: string): Promise<Picture> {
  const format = refuseHeader(await readHeader(bytes, where), where);
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: mostPixels, failOn: "error" })
      .rotate()
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: rgb(data, info.channels) };
  } catch (error) {
    const got = `a picture in ${format} that cannot be decoded: ${reasonOf(error)}`;
    throw wrong(where, got, "a whole picture", saveAgain);
  }
}

/** What the file says about itself; nothing is decoded yet, so that no size is too large here. */
async function readHeader(bytes: Uint8Array, where: string): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false, failOn: "error" }).metadata();
  } catch (error) {
    const beginning = new TextDecoder("latin1").decode(bytes.subarray(0, 8));
    const shown = beginning.replace(/[^ -~]/g, ".");
    const got = bytes.length === 0 ? "an empty file" : `a file that begins with "${shown}"`;
    const expected = `a picture as ${[...formats.values()].join(", ")}`;
    throw wrong(where, `${got}: ${reasonOf(error)}`, expected, saveAgain);
  }
}

/** Name of the format, where the header is one of a photo that can be decoded. */
function refuseHeader(header: Metadata, where: string): string {
  const { format: found = "an unknown format", pages = 1, width = 0, height = 0 } = header;
  const format = formats.get(found);
  if (format === undefined) {
    const expected = `a photo as ${[...formats.values()].join(", ")}`;
    throw wrong(where, `a picture in ${found.toUpperCase()}`, expected, saveAgain);
  }
  if (pages > 1) {
    const fix = "save one of its pictures as PNG or JPEG";
    throw wrong(where, `a file in ${format} of ${pages} pictures`, "one still picture", fix);
  }
  if (width * height > mostPixels) {
    const megapixels = ((width * height) / 1e6).toFixed(0);
    const got = `a picture in ${format} of ${width} × ${height} pixels, ${megapixels} megapixels`;
    const most = mostPixels / 1e6;
    const fix = `shrink the photo to at most ${most} megapixels: each side to ${shrinkTo(width * height)} %`;
    throw wrong(where, got, `at most ${most} megapixels`, fix);
  }
  return format;
}

/** Per cent of its sides at which a picture of that many pixels is small enough. */
function shrinkTo(pixels: number): number {
  return Math.floor(100 * Math.sqrt(mostPixels / pixels));
}

function reasonOf(error: unknown): string {
  return (error as Error).message.split("\n")[0] ?? "";
}

function rgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const pixels = data.length / channels;
  const out = new Uint8Array(pixels * 3);
  for (let k = 0; k < pixels; k++)
    for (let c = 0; c < 3; c++)
      out[3 * k + c] = data[k * channels + Math.min(c, channels - 1)] as number;
  return out;
}

function wrong(where: string, got: string, expected: string, fix: string): EdgewiseError {
  return new EdgewiseError({ code: "bad_image", where, got, expected, fix });
}
