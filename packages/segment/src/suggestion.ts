/** Where a click would help most. */
import { defaultRadius } from "./clicks.ts";
import { deepest, depths } from "./depths.ts";
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

/** Least doubt of a pixel to ask about, and the share of the photo that is doubted less. */
const leastDoubt = 0.3;
const lessDoubted = 0.75;

/**
 * The place to click next: of the connected areas of the quarter of the photo that is in most
 * doubt and of one label, the one with most doubt, and of that the pixel farthest from its border: a
 * disc there does not leak into another label. Nothing where no pixel is in doubt. `skip` is 1 at
 * working pixels that are not to be asked about, [height, width].
 *
 * @cost O(working pixels · log(working pixels))
 */
export function suggestClick(
  {
    width,
    height,
    labels,
    doubt: given,
  }: Pick<Segmentation, "width" | "height" | "labels" | "doubt">,
  photo: { readonly width: number; readonly height: number },
  skip?: Uint8Array,
): Suggestion | undefined {
  const doubts = skip === undefined ? given : given.map((nats, k) => (skip[k] === 1 ? 0 : nats));
  const sorted = doubts.slice().sort();
  const least = Math.max(leastDoubt, sorted[Math.floor(lessDoubted * sorted.length)]!);
  const seen = new Uint8Array(doubts.length);
  let best: { area: number[]; doubt: number } | undefined;
  for (let start = 0; start < doubts.length; start++) {
    if (seen[start] === 1 || doubts[start]! < least) continue;
    const area = [start];
    let doubt = 0;
    seen[start] = 1;
    for (const pixel of area) {
      doubt += doubts[pixel]!;
      for (const next of around(pixel, width, height)) {
        if (seen[next] === 1 || doubts[next]! < least || labels[next] !== labels[start]) continue;
        seen[next] = 1;
        area.push(next);
      }
    }
    if (best === undefined || doubt > best.doubt) best = { area, doubt };
  }
  if (best === undefined) return undefined;
  const inside = new Uint8Array(doubts.length);
  for (const pixel of best.area) inside[pixel] = 1;
  const pixel = deepest(inside, width, height);
  const depth = Math.sqrt(depths(inside, width, height)[pixel]!);
  const middle = (place: number, from: number, to: number): number =>
    Math.min(to - 1, Math.floor(((place + 0.5) * to) / from));
  return {
    x: middle(pixel % width, width, photo.width),
    y: middle(Math.floor(pixel / width), height, photo.height),
    radius: Math.max(0, Math.min(defaultRadius, Math.floor((depth * photo.width) / width) - 1)),
    doubt: best.doubt,
  };
}
