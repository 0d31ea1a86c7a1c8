import { EdgewiseError } from "edgewise";
import type { Clicks } from "./clicks.ts";
import { type Painted, paint, paintedAt, unpainted } from "./painting.ts";
import { type Colour, palette } from "./palette.ts";
import { bytesPerPixel, type Picture } from "./picture.ts";

export interface OverlayOptions {
  /** Share of the label's colour in the inside of a region, 0…1. */
  readonly opacity?: number;
  /** Clicks whose discs are outlined in white. */
  readonly clicks?: Clicks;
}

const borderShade = 0.35;
const white: Colour = [255, 255, 255];

/**
 * Photo with each region tinted in its label's colour, borders dark, clicked discs outlined.
 *
 * | argument | shape           | unit         |
 * | -------- | --------------- | ------------ |
 * | picture  | [height, width] | sRGB, 8 bits |
 * | mask     | [height, width] | label        |
 * | → data   | [height, width] | RGB, 8 bits  |
 *
 * @throws bad_image
 */
export function overlay(picture: Picture, mask: Uint8Array, options: OverlayOptions = {}): Picture {
  const { opacity = 0.45, clicks } = options;
  const { width, height } = picture;
  const stride = bytesPerPixel(picture);
  refuseOtherSize(picture, mask);
  const colours = palette(mask.reduce((most, label) => Math.max(most, label), 0) + 1);
  const painting = clicks === undefined ? undefined : paintedOn(picture, clicks);
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const label = colours[mask[pixel]!]!;
    const onBorder = differsFromNext(mask, pixel, width);
    const onDisc = painting !== undefined && isOutline(painting, pixel, width);
    for (let channel = 0; channel < 3; channel++) {
      const seen = picture.data[pixel * stride + channel]!;
      const tinted = seen + (label[channel]! - seen) * opacity;
      data[pixel * 3 + channel] = onDisc ? white[channel]! : tinted * (onBorder ? borderShade : 1);
    }
  }
  return { width, height, data };
}

function paintedOn(picture: Picture, clicks: Clicks): Painted {
  const { pixels, labels } = paint(clicks, picture);
  return paintedAt(pixels, labels, picture);
}

/** Whether the pixel right of or below this one has another label. */
function differsFromNext(mask: Uint8Array, pixel: number, width: number): boolean {
  const right = (pixel + 1) % width === 0 ? mask[pixel] : mask[pixel + 1];
  const below = mask[pixel + width] ?? mask[pixel];
  return right !== mask[pixel] || below !== mask[pixel];
}

/** Whether a painted pixel has a neighbour, or the picture's edge, that is not painted like it. */
function isOutline(painting: Painted, pixel: number, width: number): boolean {
  const own = painting[pixel]!;
  if (own === unpainted) return false;
  const column = pixel % width;
  const left = column === 0 ? unpainted : painting[pixel - 1];
  const right = column === width - 1 ? unpainted : painting[pixel + 1];
  return [left, right, painting[pixel - width], painting[pixel + width]].some(
    (next) => next !== own,
  );
}

function refuseOtherSize({ width, height }: Picture, mask: Uint8Array): void {
  if (mask.length === width * height) return;
  throw new EdgewiseError({
    code: "bad_image",
    where: "overlay",
    got: `a mask of ${mask.length} pixels over a photo of ${width} × ${height}`,
    expected: `a mask of ${width * height} pixels, one for each of the photo's`,
    fix: "pass the mask that segment returned for this photo",
  });
}
