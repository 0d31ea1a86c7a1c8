import { EdgewiseError, type Engine, engineNamed } from "edgewise";
import { type Beliefs, beliefs as usual } from "./beliefs.ts";
import type { Clicks } from "./clicks.ts";
import { explain } from "./explain.ts";
import type { ExtraFeatures } from "./features.ts";
import { type Level, levelOf, type Overlap, overlapOf } from "./level.ts";
import type { Ideas } from "./models.ts";
import { discsOf, paint } from "./painting.ts";
import { toPhoto } from "./photoMask.ts";
import { type Picture, type WorkingImage, workingImage } from "./picture.ts";
import { labelPixels, type PixelLabels } from "./pixels.ts";
import { type Marked, marked } from "./units.ts";

/** Everything about a photo that does not depend on clicks. */
export interface Prepared {
  /** The photo as it was given: its bytes are read again at each click, and are not to be changed. */
  readonly picture: Picture;
  /** The photo in which cells are cut: at most 640 × 480 pixels. */
  readonly image: WorkingImage;
  readonly fine: Level;
  readonly coarse: Level;
  readonly overlap: Overlap;
  readonly beliefs: Beliefs;
  readonly engine: Engine;
}

export interface PrepareOptions {
  /** Most cells, 1 to 2200 (all 2200 when left out); coarse ones are a third as many. */
  readonly cells?: number;
  /** Features beside colour and texture, such as a network's: see `onnxFeatures`. */
  readonly extra?: ExtraFeatures;
  /** Engine of the models: WebAssembly on one thread when left out. */
  readonly engine?: Engine;
  readonly beliefs?: Partial<Beliefs>;
}

export interface Segmentation extends PixelLabels {
  /** Label of every photo pixel, [height, width]. */
  readonly mask: Uint8Array;
  /** Probability of every label in each fine cell, [cells, labels]. */
  readonly posterior: Float64Array;
  /**
   * Entropy of each working pixel and how strange it is to all clicks, [height, width]: what
   * `suggestClick` looks at. A label can be certain only because no other one is near.
   */
  readonly doubt: Float32Array;
}

/** Most cells, and coarse cells for each of them. */
export const mostCells = 2200;
const coarseShare = 0.32;

/**
 * Cells of a photo at two sizes, with their features and the paths between them.
 *
 * @throws bad_image, bad_option; engine_cannot where there is no WebAssembly with SIMD and no other
 *   engine is named
 */
export async function prepare(picture: Picture, options: PrepareOptions = {}): Promise<Prepared> {
  const { cells = mostCells, extra, beliefs: own } = options;
  refuseCellNumber(cells);
  refuseBeliefs(own);
  if (extra !== undefined) refuseExtra(extra);
  const image = workingImage(picture);
  const engine = options.engine ?? (await oneThread());
  const beliefs = { ...usual, ...own };
  const level = (most: number): Promise<Level> => levelOf(image, { most, beliefs, engine, extra });
  const fine = await level(cells);
  const coarse = await level(Math.max(1, Math.round(coarseShare * cells)));
  const overlap = overlapOf(fine.cells, coarse.cells);
  return { picture, image, fine, coarse, overlap, beliefs, engine };
}

function refuseBeliefs(own: PrepareOptions["beliefs"] = {}): void {
  for (const [name, value] of Object.entries(own)) {
    if (!Object.hasOwn(usual, name)) throw wrong(`beliefs.${name}`, Object.keys(usual).join(", "));
    if (!(typeof value === "number" && Number.isFinite(value) && value >= 0))
      throw wrong(`beliefs.${name} = ${value}`, "a number from 0 on");
  }
}

function refuseExtra({ width, height, channels, data, weight }: ExtraFeatures): void {
  const length = width * height * channels;
  if (data.length !== length)
    throw wrong(
      `extra with ${data.length} numbers`,
      `${height} × ${width} × ${channels} = ${length} of them`,
    );
  if (!data.every(Number.isFinite))
    throw wrong("extra with numbers that are not finite", "features");
  if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
    throw wrong(`extra.weight = ${weight}`, "a number from 0 on");
}

function wrong(got: string, expected: string): EdgewiseError {
  const fix = "mend it, or leave it out";
  return new EdgewiseError({ code: "bad_option", where: "prepare", got, expected, fix });
}

let shared: Promise<Engine> | undefined;

/** One engine for all photos: it compiles a model once. */
function oneThread(): Promise<Engine> {
  shared ??= engineNamed("wasm", { threads: 1 });
  return shared;
}

function refuseCellNumber(most: number): void {
  if (Number.isInteger(most) && most >= 1 && most <= mostCells) return;
  throw new EdgewiseError({
    code: "bad_option",
    where: "prepare",
    got: `cells = ${most}`,
    expected: `a whole number from 1 to ${mostCells}`,
    fix: `write cells: ${mostCells}, or leave it out`,
  });
}

/**
 * Label of every pixel, given some marks. The same marks give the same labels in whatever order
 * they stand.
 *
 * Clicked surfaces are the units of a mixture, cells its tokens: coarse cells choose the surface
 * that explains them, and what they choose is part of the fine cells' prior. Labels then walk some
 * steps among cells that look alike, and pixels along borders choose among the cells around them.
 *
 * @throws bad_clicks for marks that cover no pixel, or with a label that has no name
 */
export async function segment(
  prepared: Prepared,
  clicks: Clicks,
  ideas: Partial<Ideas> = {},
): Promise<Segmentation> {
  const { picture, fine } = prepared;
  refuseMarks(clicks);
  const painting = paint(clicks, picture);
  if (painting.pixels.length === 0) throw noMarks("marks that cover no pixel of the photo");
  const marks = marked(painting, discsOf(clicks), picture, fine.cells);
  const labels = clicks.labels.length;
  const { posterior, strangeness } = await explain(prepared, marks, {
    labels,
    ideas: { keys: false, values: false, ...ideas },
  });
  const pixels = await labelPixels(prepared, marks, { labels, posterior });
  const mask = toPhoto(prepared, pixels.labels, painting);
  return { ...pixels, posterior, mask, doubt: doubtOf(pixels.entropy, strangeness, fine, marks) };
}

/** What `parseClicks` has made is right; who makes marks by hand is told. */
function refuseMarks({ labels, clicks, strokes }: Clicks): void {
  const marks = [...clicks, ...strokes];
  if (marks.length === 0) throw noMarks("no clicks and no strokes");
  const wrong = marks.find(
    ({ label }) => !(Number.isInteger(label) && label >= 0 && label < labels.length),
  );
  if (wrong !== undefined) throw noMarks(`the label ${wrong.label} of ${labels.length} names`);
}

function noMarks(got: string): EdgewiseError {
  return new EdgewiseError({
    code: "bad_clicks",
    where: "segment",
    got,
    expected: "marks on the photo, each with the index of a label's name",
    fix: "read marks with parseClicks, which says what is wrong with each of them",
  });
}

/** Nats that a cell is worth which no click is like. */
const strangest = 0.7;

function doubtOf(
  entropy: Float32Array,
  strangeness: Float64Array,
  { cells }: Level,
  { at }: Marked,
): Float32Array {
  const doubt = new Float32Array(entropy.length);
  for (let pixel = 0; pixel < doubt.length; pixel++)
    doubt[pixel] = entropy[pixel]! + strangest * strangeness[cells.of[pixel]!]!;
  for (const pixel of at) doubt[pixel] = 0;
  return doubt;
}
