import { type Painting, unpainted } from "./annotation.ts";
import type { Cells } from "./cells.ts";
import { featureDefaults } from "./features.ts";
import { bytesPerPixel, labOfPixel, type Picture } from "./picture.ts";
import { removeSpecks } from "./specks.ts";

/** Inverse variance of a pixel's colour around its cell's mean, in squared feature units. */
const colourPrecision = 0.03;
/** Inverse variance of a pixel's place around its cell's middle, per squared side of a cell. */
const placePrecision = 1.5;

/** Smallest piece of a label that nobody clicked, as a share of a cell; less is grain. */
const smallestPiece = 0.25;

export interface CellPosterior {
  readonly labels: number;
  /** [count, labels] */
  readonly posterior: Float64Array;
}

/**
 * Label of every photo pixel, [height, width].
 *
 * Painted pixels keep the label they were given. A pixel in a cell whose neighbours agree with it
 * takes the cell's label. Along a border each pixel attends to its cell and the cells that touch
 * it (uniform prior, Gaussian potential in colour and place) and takes the label that it expects.
 * Pieces smaller than a quarter of a cell then join what surrounds them.
 *
 * @cost O(pixels), times about seven cells along borders
 */
export function labelPixels(
  picture: Picture,
  { cells, cellOfPixel }: { cells: Cells; cellOfPixel: Cells["of"] },
  { labels, posterior }: CellPosterior,
  painting: Painting,
): Uint8Array {
  const best = bestLabels({ labels, posterior });
  const contested = cells.neighbours.map((others, cell) =>
    others.some((other) => best[other] !== best[cell]),
  );
  const attend = pixelAttention(picture, cells, { labels, posterior });
  const mask = new Uint8Array(painting.length);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const cell = cellOfPixel[pixel]!;
    if (painting[pixel] !== unpainted) mask[pixel] = painting[pixel]!;
    else mask[pixel] = contested[cell] ? attend(pixel, cell) : best[cell]!;
  }
  const smallest = (smallestPiece * mask.length) / cells.count;
  removeSpecks(mask, painting, { width: picture.width, height: picture.height, smallest });
  return mask;
}

/** Most probable label of each cell, the lower index at a tie, [count]. */
export function bestLabels({ labels, posterior }: CellPosterior): Uint8Array {
  return Uint8Array.from({ length: posterior.length / labels }, (_, cell) =>
    indexOfLargest(posterior, cell * labels, labels),
  );
}

function pixelAttention(
  picture: Picture,
  cells: Cells,
  { labels, posterior }: CellPosterior,
): (pixel: number, cell: number) => number {
  const stride = bytesPerPixel(picture);
  const across = cells.width / picture.width;
  const down = cells.height / picture.height;
  const lab = new Float32Array(3);
  const expected = new Float64Array(labels);
  const weigh = pixelWeight(cells);
  return (pixel, home) => {
    labOfPixel(picture, { pixel, stride }, lab);
    const x = ((pixel % picture.width) + 0.5) * across - 0.5;
    const y = (Math.floor(pixel / picture.width) + 0.5) * down - 0.5;
    expected.fill(0);
    const add = (cell: number): void => {
      const weight = weigh(lab, x, y, cell);
      for (let label = 0; label < labels; label++) {
        expected[label]! += weight * posterior[cell * labels + label]!;
      }
    };
    add(home);
    cells.neighbours[home]!.forEach(add);
    return indexOfLargest(expected, 0, labels);
  };
}

/** Unnormalised posterior of a pixel belonging to a cell; x and y in working pixels. */
function pixelWeight(
  cells: Cells,
): (lab: Float32Array, x: number, y: number, cell: number) => number {
  const nearness = (placePrecision * cells.count) / (cells.width * cells.height);
  const { lightness, colour } = featureDefaults;
  return (lab, x, y, cell) => {
    const difference =
      (lightness * (lab[0]! - cells.colour[cell * 3]!)) ** 2 +
      (colour * (lab[1]! - cells.colour[cell * 3 + 1]!)) ** 2 +
      (colour * (lab[2]! - cells.colour[cell * 3 + 2]!)) ** 2;
    const distance = (x - cells.centre[cell * 2]!) ** 2 + (y - cells.centre[cell * 2 + 1]!) ** 2;
    return Math.exp(-(colourPrecision * difference + nearness * distance) / 2);
  };
}

function indexOfLargest(numbers: Float64Array, from: number, length: number): number {
  let best = 0;
  for (let index = 1; index < length; index++) {
    if (numbers[from + index]! > numbers[from + best]!) best = index;
  }
  return best;
}
