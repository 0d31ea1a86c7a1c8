/** Where a click would help most. */
import { defaultRadius } from "./clicks.ts";
import { depths } from "./depths.ts";
import { around } from "./fragments.ts";
import type { Segmentation } from "./segment.ts";

export interface Suggestion {
  /** Photo pixel. */
  readonly x: number;
  readonly y: number;
  /** Radius at which a disc stays within its area, photo pixels, at most that of a click. */
  readonly radius: number;
  /** Doubt that the click may settle: that of its area, nats × working pixels. */
  readonly doubt: number;
}

/** What suggestions are made from, at working size. */
export type Doubtful = Pick<Segmentation, "width" | "height" | "labels" | "doubt">;

/** Least doubt of a pixel to ask about, and the share of the photo that is doubted less. */
const leastDoubt = 0.3;
const lessDoubted = 0.75;

/**
 * Places to click next, those first that would settle most: the connected areas of the quarter of
 * the photo that is in most doubt, and of each the pixel farthest from its border and from borders
 * between labels. None where no pixel is in doubt.
 *
 * | argument | shape           |                                                    |
 * | -------- | --------------- | -------------------------------------------------- |
 * | found    |                 | what `segment` answered                            |
 * | skip     | [height, width] | 1 at working pixels that are not to be asked about |
 *
 * @cost O(working pixels · log(working pixels))
 */
export function suggestClicks(
  found: Doubtful,
  photo: { readonly width: number; readonly height: number },
  { skip, most = 20 }: { readonly skip?: Uint8Array; readonly most?: number } = {},
): Suggestion[] {
  const { width, height, labels, doubt: given } = found;
  const doubts = skip === undefined ? given : given.map((nats, k) => (skip[k] === 1 ? 0 : nats));
  const areas = areasOf(doubts, width, height).slice(0, most);
  const inside = new Uint8Array(doubts.length);
  // A disc in the middle of what has one label does not leak into another.
  const isInner = (pixel: number): boolean =>
    around(pixel, width, height).every((next) => labels[next] === labels[pixel]);
  for (const { pixels } of areas)
    for (const pixel of pixels) inside[pixel] = Number(isInner(pixel));
  const depth = depths(inside, width, height);
  return areas.map(({ pixels, doubt }) => {
    let best = pixels[0]!;
    for (const pixel of pixels)
      if (depth[pixel]! > depth[best]! || (depth[pixel] === depth[best] && pixel < best))
        best = pixel;
    const reach = Math.floor((Math.sqrt(depth[best]!) * photo.width) / width) - 1;
    return {
      x: middle(best % width, width, photo.width),
      y: middle(Math.floor(best / width), height, photo.height),
      radius: Math.max(0, Math.min(defaultRadius, reach)),
      doubt,
    };
  });
}

/** The first of `suggestClicks`; nothing where no pixel is in doubt. */
export const suggestClick = (
  found: Doubtful,
  photo: { readonly width: number; readonly height: number },
): Suggestion | undefined => suggestClicks(found, photo, { most: 1 })[0];

/** Photo pixel in the middle of a working one, along a side. */
const middle = (place: number, from: number, to: number): number =>
  Math.min(to - 1, Math.floor(((place + 0.5) * to) / from));

interface Area {
  readonly pixels: readonly number[];
  readonly doubt: number;
}

/** Connected areas in doubt, those with most of it first. */
function areasOf(doubts: Float32Array, width: number, height: number): Area[] {
  const sorted = doubts.slice().sort();
  const least = Math.max(leastDoubt, sorted[Math.floor(lessDoubted * sorted.length)]!);
  const seen = new Uint8Array(doubts.length);
  const areas: Area[] = [];
  for (let start = 0; start < doubts.length; start++) {
    if (seen[start] === 1 || doubts[start]! < least) continue;
    const pixels = [start];
    let doubt = 0;
    seen[start] = 1;
    for (const pixel of pixels) {
      doubt += doubts[pixel]!;
      for (const next of around(pixel, width, height)) {
        if (seen[next] === 1 || doubts[next]! < least) continue;
        seen[next] = 1;
        pixels.push(next);
      }
    }
    areas.push({ pixels, doubt });
  }
  return areas.sort((one, other) => other.doubt - one.doubt || one.pixels[0]! - other.pixels[0]!);
}
