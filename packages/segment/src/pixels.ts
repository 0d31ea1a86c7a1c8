/** From cells to pixels, along borders. */
import {
  EdgewiseError,
  type Prepared as Model,
  prepare as prepareModel,
  type Tensor,
} from "edgewise";
import { featureWeights } from "./features.ts";
import { membership } from "./models.ts";
import { paintedAt } from "./painting.ts";
import type { Prepared } from "./segment.ts";
import { removeSpecks } from "./specks.ts";
import type { Marked } from "./units.ts";

/** Smallest piece of a label that nobody clicked, as a share of a cell; less is grain. */
const smallestPiece = 0.25;

export interface CellPosterior {
  readonly labels: number;
  /** [cells, labels] */
  readonly posterior: Float64Array;
}

/** Labels and beliefs at working size. */
export interface PixelLabels {
  readonly width: number;
  readonly height: number;
  /** Label of each working pixel, [height, width]. */
  readonly labels: Uint8Array;
  /** Entropy of each working pixel's posterior over labels, nats, [height, width]. */
  readonly entropy: Float32Array;
  /** Probability of a label in each working pixel, [height, width]. @throws bad_option for no label */
  readonly probability: (label: number) => Float32Array;
}

/**
 * Labels of working pixels. A pixel in a cell whose neighbours agree with it takes the cell's
 * label. Along a border each pixel attends to its cell and the cells that touch it and takes the
 * label that it expects. Pieces smaller than a quarter of a cell then join what surrounds them.
 *
 * @cost O(pixels), times about seven cells along borders
 */
export async function labelPixels(
  prepared: Prepared,
  marks: Marked,
  { labels, posterior }: CellPosterior,
): Promise<PixelLabels> {
  const { width, height, of, count } = prepared.fine.cells;
  const best = Uint8Array.from({ length: count }, (_, cell) => largest(posterior, cell, labels));
  const contested = contestedPixels(prepared, best);
  const expected = await attended(prepared, contested, { labels, posterior });
  const nats = Float32Array.from({ length: count }, (_, c) => entropyOf(posterior, c, labels));
  const mask = new Uint8Array(of.length);
  const entropy = new Float32Array(of.length);
  for (let pixel = 0; pixel < of.length; pixel++) {
    mask[pixel] = best[of[pixel]!]!;
    entropy[pixel] = nats[of[pixel]!]!;
  }
  contested.forEach((pixel, row) => {
    mask[pixel] = largest(expected, row, labels);
    entropy[pixel] = entropyOf(expected, row, labels);
  });
  const painted = paintedAt(marks.at, marks.labels, { width, height });
  marks.at.forEach((pixel, index) => {
    mask[pixel] = marks.labels[index]!;
    entropy[pixel] = 0;
  });
  removeSpecks(mask, painted, { width, height, smallest: (smallestPiece * mask.length) / count });
  const probability = (label: number): Float32Array => {
    if (!(Number.isInteger(label) && label >= 0 && label < labels)) throw noLabel(label, labels);
    const map = new Float32Array(of.length);
    for (let pixel = 0; pixel < of.length; pixel++)
      map[pixel] = posterior[of[pixel]! * labels + label]!;
    contested.forEach((pixel, row) => {
      map[pixel] = expected[row * labels + label]!;
    });
    marks.at.forEach((pixel, index) => {
      map[pixel] = Number(marks.labels[index] === label);
    });
    return map;
  };
  return { width, height, labels: mask, entropy, probability };
}

/** Pixels in cells that touch one of another label, ascending. */
function contestedPixels({ fine }: Prepared, best: Uint8Array): Int32Array {
  const { of, neighbours } = fine.cells;
  const isContested = neighbours.map((others, cell) =>
    others.some((other) => best[other] !== best[cell]),
  );
  const found = new Int32Array(of.length);
  let count = 0;
  for (let pixel = 0; pixel < of.length; pixel++)
    if (isContested[of[pixel]!]) found[count++] = pixel;
  return found.slice(0, count);
}

/** Expected labels of some pixels, [pixels, labels]: attention to the cells around each of them. */
async function attended(
  prepared: Prepared,
  pixels: Int32Array,
  { labels, posterior }: CellPosterior,
): Promise<ArrayLike<number>> {
  if (pixels.length === 0) return [];
  const { of, neighbours, count } = prepared.fine.cells;
  let edges = 0;
  for (const pixel of pixels) edges += 1 + neighbours[of[pixel]!]!.length;
  const around = new Int32Array(2 * edges);
  let at = 0;
  pixels.forEach((pixel, row) => {
    const home = of[pixel]!;
    around[at++] = row;
    around[at++] = home;
    for (const other of neighbours[home]!) {
      around[at++] = row;
      around[at++] = other;
    }
  });
  const model = await modelOf(prepared.engine);
  const value = { data: Float32Array.from(posterior), shape: [1, 1, count, labels] };
  const { expectation } = model.sync({
    query: pixelPlaces(prepared, pixels),
    key: cellPlaces(prepared),
    value,
    around: { data: around, shape: [edges, 2] },
  });
  return expectation.data;
}

/** Colour and place of pixels, so that distances are in standard deviations, [1, 1, pixels, 5]. */
function pixelPlaces(prepared: Prepared, pixels: Int32Array): Tensor {
  const { lab, width } = prepared.image;
  const [light, colour, place] = scales(prepared);
  const data = new Float32Array(pixels.length * 5);
  pixels.forEach((pixel, row) => {
    data[row * 5] = light * lab[pixel * 3]!;
    data[row * 5 + 1] = colour * lab[pixel * 3 + 1]!;
    data[row * 5 + 2] = colour * lab[pixel * 3 + 2]!;
    data[row * 5 + 3] = place * (pixel % width);
    data[row * 5 + 4] = place * Math.floor(pixel / width);
  });
  return { data, shape: [1, 1, pixels.length, 5] };
}

/** The same of cells' means, [1, 1, cells, 5]. */
function cellPlaces(prepared: Prepared): Tensor {
  const { count, colour: mean, centre } = prepared.fine.cells;
  const [light, colour, place] = scales(prepared);
  const data = new Float32Array(count * 5);
  for (let cell = 0; cell < count; cell++) {
    data[cell * 5] = light * mean[cell * 3]!;
    data[cell * 5 + 1] = colour * mean[cell * 3 + 1]!;
    data[cell * 5 + 2] = colour * mean[cell * 3 + 2]!;
    data[cell * 5 + 3] = place * centre[cell * 2]!;
    data[cell * 5 + 4] = place * centre[cell * 2 + 1]!;
  }
  return { data, shape: [1, 1, count, 5] };
}

function scales({ beliefs, fine }: Prepared): readonly [number, number, number] {
  const { pixelPrecision, placePrecision } = beliefs;
  const { lightness, colour } = featureWeights;
  const [tone, place] = [Math.sqrt(pixelPrecision), Math.sqrt(placePrecision) / fine.paths.side];
  return [tone * lightness, tone * colour, place];
}

const compiled = new WeakMap<object, Promise<Model<"expectation">>>();

function modelOf(engine: Prepared["engine"]): Promise<Model<"expectation">> {
  const ready =
    compiled.get(engine) ?? prepareModel(membership(), { engine, read: ["expectation"] });
  compiled.set(engine, ready);
  return ready;
}

/** Place of the largest of a row's numbers, the first one at a tie. */
function largest(numbers: ArrayLike<number>, row: number, length: number): number {
  const from = row * length;
  let best = 0;
  for (let index = 1; index < length; index++)
    if (numbers[from + index]! > numbers[from + best]!) best = index;
  return best;
}

/** Entropy of a row of probabilities, nats. */
function entropyOf(numbers: ArrayLike<number>, row: number, length: number): number {
  let nats = 0;
  for (let index = row * length; index < (row + 1) * length; index++) {
    const share = numbers[index]!;
    if (share > 0) nats -= share * Math.log(share);
  }
  return Math.max(0, nats);
}

function noLabel(label: number, labels: number): EdgewiseError {
  return new EdgewiseError({
    code: "bad_option",
    where: "probability",
    got: `label ${label}`,
    expected: `the index of one of ${labels} labels`,
    fix: `write a whole number from 0 to ${labels - 1}`,
  });
}
