/** From labels at working size to labels of every photo pixel. */
import { featureWeights } from "./features.ts";
import type { Painting } from "./painting.ts";
import { bytesPerPixel, labOfPixel } from "./picture.ts";
import type { Prepared } from "./segment.ts";

/**
 * Mask of the photo, [height, width]: each pixel takes the label of the working pixel that it falls
 * on. Where labels differ around that one, it takes that of the working pixel which it is most like,
 * by colour and place, of the nine. Painted pixels keep their labels.
 *
 * @cost O(photo pixels), times nine along borders
 */
export function toPhoto(
  { picture, image, beliefs }: Prepared,
  labels: Uint8Array,
  painting: Painting,
): Uint8Array {
  const mask =
    picture.width === image.width && picture.height === image.height
      ? labels.slice()
      : enlarged({ picture, image, beliefs }, labels);
  painting.pixels.forEach((pixel, index) => {
    mask[pixel] = painting.labels[index]!;
  });
  return mask;
}

function enlarged(
  { picture, image, beliefs }: Pick<Prepared, "picture" | "image" | "beliefs">,
  labels: Uint8Array,
): Uint8Array {
  const { width, height } = picture;
  const columns = spans(width, image.width);
  const rows = spans(height, image.height);
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < image.height; y++) {
    const [top, bottom] = [rows[y]!, rows[y + 1]!];
    for (let x = 0; x < image.width; x++)
      mask.fill(
        labels[y * image.width + x]!,
        top * width + columns[x]!,
        top * width + columns[x + 1]!,
      );
    for (let row = top + 1; row < bottom; row++)
      mask.copyWithin(row * width, top * width, (top + 1) * width);
  }
  const isBorder = bordersOf(labels, image.width, image.height);
  const choose = chooser({ picture, image, beliefs }, labels);
  for (let home = 0; home < isBorder.length; home++) {
    if (isBorder[home] === 0) continue;
    const [x, y] = [home % image.width, Math.floor(home / image.width)];
    for (let row = rows[y]!; row < rows[y + 1]!; row++)
      for (let column = columns[x]!; column < columns[x + 1]!; column++) {
        const at = row * width + column;
        const across = ((column + 0.5) * image.width) / width - 0.5;
        const down = ((row + 0.5) * image.height) / height - 0.5;
        mask[at] = choose(at, across, down, home);
      }
  }
  return mask;
}

/** Where the photo's columns, or rows, of each working one begin, and where the last one ends. */
function spans(length: number, working: number): Int32Array {
  const starts = new Int32Array(working + 1).fill(length);
  for (let at = length - 1; at >= 0; at--) starts[Math.floor(((at + 0.5) * working) / length)] = at;
  return starts;
}

/** Whether any of the nine pixels around each one has another label. */
function bordersOf(labels: Uint8Array, width: number, height: number): Uint8Array {
  const found = new Uint8Array(labels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const own = labels[y * width + x];
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
          if (labels[row * width + column] !== own) found[y * width + x] = 1;
    }
  return found;
}

/** Inverse variance of place in the choice among working pixels, per squared working pixel. */
const placePrecision = 2;

function chooser(
  { picture, image, beliefs }: Pick<Prepared, "picture" | "image" | "beliefs">,
  labels: Uint8Array,
): (pixel: number, x: number, y: number, home: number) => number {
  const stride = bytesPerPixel(picture);
  const own = new Float32Array(3);
  const { lightness, colour } = featureWeights;
  const [light, tone] = [lightness, colour].map((w) => beliefs.pixelPrecision * w ** 2) as [
    number,
    number,
  ];
  return (pixel, x, y, home) => {
    labOfPixel(picture, { pixel, stride }, own);
    const [middleX, middleY] = [home % image.width, Math.floor(home / image.width)];
    let [best, least] = [labels[home]!, Number.POSITIVE_INFINITY];
    for (let row = middleY - 1; row <= middleY + 1; row++)
      for (let column = middleX - 1; column <= middleX + 1; column++) {
        if (row < 0 || column < 0 || row >= image.height || column >= image.width) continue;
        const at = row * image.width + column;
        const distance =
          light * (own[0]! - image.lab[at * 3]!) ** 2 +
          tone * (own[1]! - image.lab[at * 3 + 1]!) ** 2 +
          tone * (own[2]! - image.lab[at * 3 + 2]!) ** 2 +
          placePrecision * ((column - x) ** 2 + (row - y) ** 2);
        if (distance >= least) continue;
        least = distance;
        best = labels[at]!;
      }
    return best;
  };
}
