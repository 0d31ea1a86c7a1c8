import { joinFragments } from "./fragments.ts";
import type { WorkingImage } from "./picture.ts";

/** Photo cut into connected cells: the tokens of the segmentation. */
export interface Cells {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** Cell of each working pixel, [height, width]. */
  readonly of: Uint16Array;
  /** Pixels in each cell, [count]. */
  readonly size: Float64Array;
  /** Mean colour of each cell, [count, 3], OKLab × 100. */
  readonly colour: Float64Array;
  /** Mean column and row of each cell, [count, 2], working pixels. */
  readonly centre: Float64Array;
  /** Cells that share an edge with each cell, ascending, [count][…]. */
  readonly neighbours: readonly (readonly number[])[];
}

export interface CellOptions {
  /** Most cells. */
  readonly most: number;
  /** Colour difference that weighs as much as one grid step of distance, OKLab × 100. */
  readonly compactness: number;
  /** Rounds of assignment and averaging. */
  readonly iterations: number;
}

export const cellDefaults: CellOptions = { most: 2200, compactness: 6, iterations: 8 };

/**
 * At most `most` connected cells that follow the photo's edges.
 *
 * Each cell is a unit whose key (colour and position) starts on a grid and is adapted by
 * expectation–maximisation on the pixels: a pixel chooses the unit that explains it best among
 * those nearby, a unit moves to the mean of its pixels. Pieces cut off from their cell join the
 * neighbour that reaches them first.
 *
 * @source Achanta et al. (2012), "SLIC superpixels"; docs/mathematics.md, 9.3 with hard
 *         responsibilities, a local neighbourhood and no anchor. Our `compactness` is their m.
 * @cost   O(iterations · pixels)
 */
export function cutIntoCells(image: WorkingImage, options: Partial<CellOptions> = {}): Cells {
  const { most, compactness, iterations } = { ...cellDefaults, ...options };
  const grid = layGrid(image, most);
  const nearness = (compactness / grid.step) ** 2;
  const of = new Uint16Array(image.width * image.height);
  let units = seedUnits(image, grid);
  for (let iteration = 0; iteration < iterations; iteration++) {
    assign(image, units, { reach: grid.step, nearness }, of);
    units = average(image, of, units);
  }
  joinFragments(image, of, units.count);
  return summarise(image, of, units.count);
}

interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Distance between grid points, working pixels. */
  readonly step: number;
}

function layGrid({ width, height }: WorkingImage, most: number): Grid {
  const ideal = Math.floor(Math.sqrt((most * width) / height));
  const columns = Math.max(1, Math.min(width, most, ideal));
  const rows = Math.max(1, Math.min(height, Math.floor(most / columns)));
  return { columns, rows, step: Math.max(width / columns, height / rows) };
}

/** Units as they move: key of unit k is [lightness, a, b, column, row] from 5k. */
interface Units {
  readonly count: number;
  readonly key: Float64Array;
}

const keyWidth = 5;

function seedUnits(image: WorkingImage, { columns, rows }: Grid): Units {
  const count = columns * rows;
  const key = new Float64Array(count * keyWidth);
  for (let unit = 0; unit < count; unit++) {
    const x = Math.floor((((unit % columns) + 0.5) * image.width) / columns);
    const y = Math.floor(((Math.floor(unit / columns) + 0.5) * image.height) / rows);
    const pixel = calmest(image, x, y);
    key.set(image.lab.subarray(pixel * 3, pixel * 3 + 3), unit * keyWidth);
    key[unit * keyWidth + 3] = pixel % image.width;
    key[unit * keyWidth + 4] = Math.floor(pixel / image.width);
  }
  return { count, key };
}

/** Pixel of the 3 × 3 block around (x, y) where lightness changes least. */
function calmest({ width, height, lab }: WorkingImage, x: number, y: number): number {
  let best = y * width + x;
  let least = Number.POSITIVE_INFINITY;
  for (let row = Math.max(1, y - 1); row <= Math.min(height - 2, y + 1); row++) {
    for (let column = Math.max(1, x - 1); column <= Math.min(width - 2, x + 1); column++) {
      const at = row * width + column;
      const across = lab[(at + 1) * 3]! - lab[(at - 1) * 3]!;
      const down = lab[(at + width) * 3]! - lab[(at - width) * 3]!;
      const change = across * across + down * down;
      if (change < least) {
        least = change;
        best = at;
      }
    }
  }
  return best;
}

interface Metric {
  /** How far a unit looks, working pixels. */
  readonly reach: number;
  /** Weight of squared distance against squared colour difference. */
  readonly nearness: number;
}

/** Hard E-step: every pixel takes the nearest unit within reach. */
function assign(
  { width, height, lab }: WorkingImage,
  { count, key }: Units,
  { reach, nearness }: Metric,
  of: Uint16Array,
): void {
  const least = new Float32Array(of.length).fill(Number.POSITIVE_INFINITY);
  for (let unit = 0; unit < count; unit++) {
    const from = unit * keyWidth;
    const [light, a, b] = [key[from]!, key[from + 1]!, key[from + 2]!];
    const [x, y] = [key[from + 3]!, key[from + 4]!];
    const bottom = Math.min(height - 1, Math.ceil(y + reach));
    const right = Math.min(width - 1, Math.ceil(x + reach));
    for (let row = Math.max(0, Math.floor(y - reach)); row <= bottom; row++) {
      for (let column = Math.max(0, Math.floor(x - reach)); column <= right; column++) {
        const at = row * width + column;
        const colour =
          (lab[at * 3]! - light) ** 2 + (lab[at * 3 + 1]! - a) ** 2 + (lab[at * 3 + 2]! - b) ** 2;
        const distance = colour + nearness * ((column - x) ** 2 + (row - y) ** 2);
        if (distance < least[at]!) {
          least[at] = distance;
          of[at] = unit;
        }
      }
    }
  }
}

/** M-step: every unit moves to the mean of its pixels; one that lost them all stays. */
function average({ width, lab }: WorkingImage, of: Uint16Array, units: Units): Units {
  const sum = new Float64Array(units.key.length);
  const size = new Float64Array(units.count);
  for (let at = 0; at < of.length; at++) {
    const unit = of[at]!;
    const from = unit * keyWidth;
    size[unit]! += 1;
    sum[from]! += lab[at * 3]!;
    sum[from + 1]! += lab[at * 3 + 1]!;
    sum[from + 2]! += lab[at * 3 + 2]!;
    sum[from + 3]! += at % width;
    sum[from + 4]! += Math.floor(at / width);
  }
  const key = sum.map((total, at) => {
    const pixels = size[Math.floor(at / keyWidth)]!;
    return pixels > 0 ? total / pixels : units.key[at]!;
  });
  return { count: units.count, key };
}

/** Cells numbered without gaps, with their means. */
function summarise(image: WorkingImage, units: Uint16Array, most: number): Cells {
  const number = new Int32Array(most).fill(-1);
  let count = 0;
  const of = units.map((unit) => {
    if (number[unit] === -1) number[unit] = count++;
    return number[unit]!;
  });
  const size = new Float64Array(count);
  for (const cell of of) size[cell]! += 1;
  const { key } = average(image, of, { count, key: new Float64Array(count * keyWidth) });
  const colour = new Float64Array(count * 3);
  const centre = new Float64Array(count * 2);
  for (let cell = 0; cell < count; cell++) {
    colour.set(key.subarray(cell * keyWidth, cell * keyWidth + 3), cell * 3);
    centre.set(key.subarray(cell * keyWidth + 3, cell * keyWidth + 5), cell * 2);
  }
  const { width, height } = image;
  const neighbours = findNeighbours({ width, of, count });
  return { width, height, count, of, size, colour, centre, neighbours };
}

function findNeighbours({ width, of, count }: Pick<Cells, "width" | "of" | "count">): number[][] {
  const sets = Array.from({ length: count }, () => new Set<number>());
  const join = (one: number, other: number | undefined): void => {
    if (other === undefined || one === other) return;
    sets[one]!.add(other);
    sets[other]!.add(one);
  };
  for (let at = 0; at < of.length; at++) {
    if ((at + 1) % width !== 0) join(of[at]!, of[at + 1]);
    join(of[at]!, of[at + width]);
  }
  return sets.map((set) => [...set].sort((one, other) => one - other));
}
