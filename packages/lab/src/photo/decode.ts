import type { Picture } from "@edgewise/segment";
import { EdgewiseError } from "edgewise";
import sharp from "sharp";

/** Most pixels of a photo: 100 megapixels, four times what a large camera takes. */
const mostPixels = 100_000_000;

/**
 * Photo as 8-bit sRGB, three bytes a pixel, turned as its EXIF orientation says.
 *
 * @throws bad_image for what is no picture, is animated, empty or enormous
 */
export async function decodePhoto(bytes: Uint8Array, where: string): Promise<Picture> {
  const open = () => sharp(bytes, { limitInputPixels: mostPixels, failOn: "error" });
  try {
    const { pages = 1 } = await open().metadata();
    if (pages > 1) throw wrong(where, `an animation of ${pages} pictures`, "one still picture");
    const { data, info } = await open()
      .rotate()
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: rgb(data, info.channels) };
  } catch (error) {
    if (error instanceof EdgewiseError) throw error;
    const reason = (error as Error).message.split("\n")[0] ?? "";
    const enormous = /pixel limit/.test(reason);
    throw wrong(
      where,
      reason,
      enormous ? `at most ${mostPixels / 1e6} megapixels` : "a PNG, JPEG or WebP picture",
    );
  }
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

function wrong(where: string, got: string, expected: string): EdgewiseError {
  return new EdgewiseError({
    code: "bad_image",
    where,
    got,
    expected,
    fix: "open the file in a viewer to see what it is, and save it again as PNG or JPEG",
  });
}
