import { EdgewiseError } from "edgewise";

/**
 * Decoded photo, as any decoder or canvas hands it over.
 *
 * `data` holds rows from the top left, three bytes a pixel (RGB) or four (RGBA); which of the two
 * follows from its length. Alpha is ignored: what is seen is what is segmented.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Photo at working size, in the colour space where equal distances look equally different. */
export interface WorkingImage {
  readonly width: number;
  readonly height: number;
  /** OKLab times 100, interleaved: lightness 0…100, the two colour axes about −40…40. */
  readonly lab: Float32Array;
}

/** Most pixels that the cells are made from; larger photos are shrunk first. */
export const workingPixels: number = 640 * 480;

const channelNumber = 3;

/**
 * Photo shrunk to at most `workingPixels` and converted to OKLab.
 *
 * | argument | shape          | unit          |
 * | -------- | -------------- | ------------- |
 * | picture  | [height,width] | sRGB, 8 bits  |
 * | → lab    | [h, w, 3]      | OKLab × 100   |
 *
 * @throws bad_image
 */
export function workingImage(picture: Picture, pixels: number = workingPixels): WorkingImage {
  const stride = bytesPerPixel(picture);
  const shrink = Math.min(1, Math.sqrt(pixels / (picture.width * picture.height)));
  const width = Math.max(1, Math.floor(picture.width * shrink));
  const height = Math.max(1, Math.floor(picture.height * shrink));
  const lab = boxAverage(picture, { width, height, stride });
  for (let at = 0; at < lab.length; at += channelNumber) linearToLab(lab, at);
  return { width, height, lab };
}

/** Bytes that one pixel takes in `picture.data`: 3 or 4. */
export function bytesPerPixel({ width, height, data }: Picture): number {
  const sized = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  const stride = sized ? data.length / (width * height) : 0;
  if (stride === 3 || stride === 4) return stride;
  throw new EdgewiseError({
    code: "bad_image",
    where: "picture",
    got: `${data.length} bytes for ${width} × ${height} pixels`,
    expected: "whole positive sizes and width × height × 3 bytes (RGB) or × 4 (RGBA)",
    fix: "decode the photo to 8-bit RGB or RGBA without padding at the end of a row",
  });
}

interface Box {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
}

/** Mean of the light in each working pixel's box of photo pixels, [h, w, 3], linear 0…1. */
function boxAverage(picture: Picture, { width, height, stride }: Box): Float32Array {
  const linear = new Float32Array(width * height * channelNumber);
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * picture.height) / height);
    const bottom = Math.floor(((y + 1) * picture.height) / height);
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * picture.width) / width);
      const right = Math.floor(((x + 1) * picture.width) / width);
      const at = (y * width + x) * channelNumber;
      addBox(picture, { left, right, top, bottom, stride }, linear, at);
    }
  }
  return linear;
}

interface Span {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly stride: number;
}

function addBox(picture: Picture, span: Span, linear: Float32Array, at: number): void {
  const { left, right, top, bottom, stride } = span;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const from = (y * picture.width + x) * stride;
      red += linearOf[picture.data[from]!]!;
      green += linearOf[picture.data[from + 1]!]!;
      blue += linearOf[picture.data[from + 2]!]!;
    }
  }
  const pixels = (right - left) * (bottom - top);
  linear[at] = red / pixels;
  linear[at + 1] = green / pixels;
  linear[at + 2] = blue / pixels;
}

/** Linear light of each sRGB byte (IEC 61966-2-1). */
const linearOf = Float32Array.from({ length: 256 }, (_, byte) => {
  const signal = byte / 255;
  return signal <= 0.04045 ? signal / 12.92 : ((signal + 0.055) / 1.055) ** 2.4;
});

/** OKLab × 100 of photo pixel `pixel`, written to `lab` from its start. */
export function labOfPixel(
  { data }: Picture,
  { pixel, stride }: { pixel: number; stride: number },
  lab: Float32Array,
): void {
  for (let channel = 0; channel < channelNumber; channel++) {
    lab[channel] = linearOf[data[pixel * stride + channel]!]!;
  }
  linearToLab(lab, 0);
}

/**
 * OKLab × 100 of one linear sRGB pixel, in place.
 *
 * @source Ottosson (2020), "A perceptual color space for image processing".
 */
function linearToLab(pixel: Float32Array, at: number): void {
  const red = pixel[at]!;
  const green = pixel[at + 1]!;
  const blue = pixel[at + 2]!;
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  pixel[at] = 100 * (0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short);
  pixel[at + 1] = 100 * (1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short);
  pixel[at + 2] = 100 * (0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short);
}
