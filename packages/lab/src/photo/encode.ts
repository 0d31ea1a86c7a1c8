import { type Picture, palette } from "@edgewise/segment";
import { encode } from "fast-png";
import sharp from "sharp";

/** Indexed PNG of the photo's size: the index of a pixel is its label. */
export function encodeMask(
  mask: Uint8Array,
  { width, height }: Picture,
  labels: number,
): Uint8Array {
  const colours = palette(labels).map((colour) => [...colour]);
  return encode({ width, height, data: mask, depth: 8, channels: 1, palette: colours });
}

/** RGB picture as PNG. */
export function encodeRgb({ width, height, data }: Picture): Uint8Array {
  return encode({ width, height, data, depth: 8, channels: 3 });
}

/** Grey of one byte a pixel as PNG of another size, between pixels straight. */
export async function encodeGrey(
  { width, height, data }: Picture,
  size: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const raw = { width, height, channels: 1 as const };
  return await sharp(data, { raw })
    .resize(size.width, size.height, { fit: "fill", kernel: "linear" })
    .toColourspace("b-w")
    .png()
    .toBuffer();
}
