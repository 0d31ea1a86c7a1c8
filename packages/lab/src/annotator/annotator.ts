/**
 * An annotator that is simulated: where it clicks next, and how good a mask is.
 *
 * The first clicks, one a region, fall on the pixel of it that is farthest from its border; each
 * next one falls on the largest connected area that is wrong, of which the part with its most
 * common region counts, again farthest from the border. Ties go to the first in reading order.
 */
import { deepest } from "@edgewise/segment";

/** Regions of a photo, [height, width]. */
export interface Regions {
  readonly width: number;
  readonly height: number;
  /** Region of each pixel, or `notScored`. */
  readonly of: Uint8Array;
}

export interface Placed {
  readonly x: number;
  readonly y: number;
  /** The region that is clicked, as the mask has it. */
  readonly region: number;
}

/** Index of pixels that nobody scores. */
export const notScored = 255;

/** Regions that occur, ascending. */
export const regionsOf = ({ of }: Regions): number[] =>
  [...new Set(of)].filter((region) => region !== notScored).sort((a, b) => a - b);

/** One click for each region. */
export function firstClicks(regions: Regions): Placed[] {
  const { width, height, of } = regions;
  return regionsOf(regions).map((region) => {
    const area = Uint8Array.from(of, (other) => Number(other === region));
    return placed(deepest(area, width, height), width, region);
  });
}

const placed = (pixel: number, width: number, region: number): Placed => ({
  x: pixel % width,
  y: Math.floor(pixel / width),
  region,
});

/** Where the annotator clicks, seeing a mask of regions; nowhere where nothing is wrong. */
export function nextClick({ width, height, of }: Regions, mask: Uint8Array): Placed | undefined {
  const isWrong = (pixel: number): boolean => of[pixel] !== notScored && of[pixel] !== mask[pixel];
  const seen = new Uint8Array(of.length);
  let largest: number[] = [];
  for (let start = 0; start < of.length; start++) {
    if (seen[start] === 1 || !isWrong(start)) continue;
    seen[start] = 1;
    const found = [start];
    for (const pixel of found) {
      const x = pixel % width;
      const visit = (next: number): void => {
        if (seen[next] !== 0 || !isWrong(next)) return;
        seen[next] = 1;
        found.push(next);
      };
      if (pixel >= width) visit(pixel - width);
      if (x > 0) visit(pixel - 1);
      if (x < width - 1) visit(pixel + 1);
      if (pixel + width < of.length) visit(pixel + width);
    }
    if (found.length > largest.length) largest = found;
  }
  if (largest.length === 0) return undefined;
  const counts = new Uint32Array(notScored);
  for (const pixel of largest) {
    const region = of[pixel] as number;
    counts[region] = (counts[region] as number) + 1;
  }
  const region = counts.indexOf(Math.max(...counts));
  const area = new Uint8Array(of.length);
  for (const pixel of largest) if (of[pixel] === region) area[pixel] = 1;
  return placed(deepest(area, width, height), width, region);
}

/** Mean over regions of intersection over union, 0 … 1; pixels that nobody scores do not count. */
export function meanIou({ of }: Regions, mask: Uint8Array): number {
  const [both, truth, guess] = [0, 1, 2].map(() => new Uint32Array(256)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let pixel = 0; pixel < of.length; pixel++) {
    const [region, label] = [of[pixel] as number, mask[pixel] as number];
    if (region === notScored) continue;
    truth[region] = (truth[region] as number) + 1;
    guess[label] = (guess[label] as number) + 1;
    if (region === label) both[region] = (both[region] as number) + 1;
  }
  let [sum, count] = [0, 0];
  for (let region = 0; region < notScored; region++) {
    if (truth[region] === 0) continue;
    const shared = both[region] as number;
    sum += shared / ((truth[region] as number) + (guess[region] as number) - shared);
    count++;
  }
  return sum / count;
}
