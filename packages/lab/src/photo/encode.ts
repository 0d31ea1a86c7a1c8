import { type Picture, palette } from "@edgewise/segment";
import { encode } from "fast-png";

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
