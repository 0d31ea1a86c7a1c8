import { EdgewiseError } from "edgewise";
import { type Annotation, annotate, paint } from "./annotation.ts";
import { type Cells, cellDefaults, cutIntoCells } from "./cells.ts";
import type { Clicks } from "./clicks.ts";
import { type Features, featuresOf } from "./features.ts";
import {
  type Infer,
  inferByLibrary,
  type MixtureInputs,
  type MixtureOptions,
  mixtureDefaults,
} from "./mixture.ts";
import { nearnessLogPrior } from "./nearness.ts";
import { type PathGraph, pathGraph, separations } from "./pathCost.ts";
import { type Picture, workingImage } from "./picture.ts";
import { labelPixels } from "./refine.ts";

/** Everything about a photo that does not depend on clicks. */
export interface Prepared {
  readonly picture: Picture;
  readonly cells: Cells;
  /** Cell of each photo pixel, [height, width]. */
  readonly cellOfPixel: Cells["of"];
  readonly features: Features;
  readonly paths: PathGraph;
  /** Separations from cells clicked so far; filled as clicks come. */
  readonly separationsFrom: Map<number, Float64Array>;
}

export interface PrepareOptions {
  /** Most cells, 1 to 1500 (all 1500 when left out). */
  readonly cells?: number;
}

export interface Segmentation {
  /** Label of every photo pixel, [height, width]. */
  readonly mask: Uint8Array;
  /** Probability of every label in each cell, [cells, labels]. */
  readonly posterior: Float64Array;
  /** Entropy of each cell's posterior, [cells], nats. */
  readonly entropy: Float64Array;
}

/**
 * Cells of a photo with their features and the paths between them.
 *
 * @throws bad_image, bad_option
 */
export function prepare(picture: Picture, options: PrepareOptions = {}): Prepared {
  const { cells: most = cellDefaults.most } = options;
  refuseCellNumber(most);
  const image = workingImage(picture);
  const cells = cutIntoCells(image, { most });
  const features = featuresOf(image, cells);
  const cellOfPixel = spreadCells(cells, picture);
  const paths = pathGraph(cells, features);
  return { picture, cells, cellOfPixel, features, paths, separationsFrom: new Map() };
}

function refuseCellNumber(most: number): void {
  if (Number.isInteger(most) && most >= 1 && most <= cellDefaults.most) return;
  throw new EdgewiseError({
    code: "bad_option",
    where: "prepare",
    got: `cells = ${most}`,
    expected: `a whole number from 1 to ${cellDefaults.most}`,
    fix: `write cells: ${cellDefaults.most}, or leave it out`,
  });
}

/**
 * Label of every pixel, given some clicks: probabilistic attention from cells to clicked cells.
 *
 * Every cell is a token and every clicked cell also a unit of a Gaussian mixture. A token chooses
 * the unit that explains it: the prior falls with the distance to the unit and with the
 * borders on the way; the potential falls with the difference in colour and texture. Keys
 * adapt to the cells that they explain, values to the clicks around them, and the expected value
 * is the probability of each label. Pixels along borders then choose among the cells they touch.
 *
 * @source docs/mathematics.md, 9; the prior is ours.
 */
export async function segment(
  prepared: Prepared,
  clicks: Clicks,
  options: Partial<MixtureOptions> & { readonly infer?: Infer } = {},
): Promise<Segmentation> {
  const { infer = inferByLibrary, ...mixture } = options;
  const { picture, cells, cellOfPixel } = prepared;
  const labels = clicks.labels.length;
  const painting = paint(clicks, picture);
  const annotation = annotate(painting, { cellOfPixel, labels });
  const inputs = mixtureInputs(prepared, annotation, labels);
  const expectation = await infer(inputs, { ...mixtureDefaults, ...mixture });
  const posterior = Float64Array.from(expectation);
  const mask = labelPixels(picture, { cells, cellOfPixel }, { labels, posterior }, painting);
  return { mask, posterior, entropy: entropies(posterior, labels) };
}

function mixtureInputs(prepared: Prepared, marks: Annotation, labels: number): MixtureInputs {
  const { cells, features } = prepared;
  const [tokens, units, width] = [cells.count, marks.cells.length, features.width];
  const key = new Float64Array(units * width);
  const separated = marks.cells.map((cell) => separationsFrom(prepared, cell));
  const logPrior = nearnessLogPrior(separated, marks, { tokens, labels });
  const fixed = new Float64Array(tokens * labels);
  const isFixed = new Float64Array(tokens);
  marks.cells.forEach((cell, unit) => {
    key.set(features.data.subarray(cell * width, (cell + 1) * width), unit * width);
    fixed[cell * labels + marks.label[unit]!] = 1;
    isFixed[cell] = 1;
  });
  return {
    query: { data: features.data, shape: [1, 1, tokens, width] },
    key: { data: key, shape: [1, 1, units, width] },
    value: { data: marks.share, shape: [1, 1, units, labels] },
    log_prior: { data: logPrior, shape: [1, 1, tokens, units] },
    fixed: { data: fixed, shape: [1, 1, tokens, labels] },
    is_fixed: { data: isFixed, shape: [1, 1, tokens] },
  };
}

function separationsFrom({ paths, separationsFrom: known }: Prepared, cell: number): Float64Array {
  const separated = known.get(cell) ?? separations(paths, cell);
  known.set(cell, separated);
  return separated;
}

/** Cell of the working pixel that each photo pixel falls on, [height, width]. */
function spreadCells(cells: Cells, { width, height }: Picture): Uint16Array {
  if (width === cells.width && height === cells.height) return cells.of;
  const columns = Uint16Array.from({ length: width }, (_, x) =>
    Math.floor(((x + 0.5) * cells.width) / width),
  );
  const spread = new Uint16Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * cells.height) / height) * cells.width;
    for (let x = 0; x < width; x++) spread[y * width + x] = cells.of[row + columns[x]!]!;
  }
  return spread;
}

function entropies(posterior: Float64Array, labels: number): Float64Array {
  return Float64Array.from({ length: posterior.length / labels }, (_, cell) => {
    const row = posterior.subarray(cell * labels, (cell + 1) * labels);
    const nats = row.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
    return Math.max(0, nats);
  });
}
