/** Where a click would help most. */
import { deepest } from "./depths.ts";
import { around } from "./fragments.ts";
import type { Segmentation } from "./segment.ts";

export interface Suggestion {
  /** Photo pixel. */
  readonly x: number;
  readonly y: number;
  /** Doubt that the click may settle: entropy summed over its area, nats × working pixels. */
  readonly doubt: number;
}

/** Entropy above which a pixel is in doubt, as a share of the entropy of two labels that tie. */
const inDoubt = 0.5;

/**
 * The place to click next: of the connected areas that are in doubt, the one with most entropy, and
 * of that the pixel farthest from its border. Doubt along borders is thin and never wins over an
 * area. Nothing where no pixel is in doubt. `skip` is 1 at working pixels that are not to be asked
 * about, [height, width].
 *
 * @cost O(working pixels)
 */
export function suggestClick(
  { width, height, entropy }: Segmentation,
  photo: { readonly width: number; readonly height: number },
  skip: Uint8Array = new Uint8Array(entropy.length),
): Suggestion | undefined {
  const least = inDoubt * Math.LN2;
  const seen = skip.slice();
  let best: { area: number[]; doubt: number } | undefined;
  for (let start = 0; start < entropy.length; start++) {
    if (seen[start] === 1 || entropy[start]! < least) continue;
    const area = [start];
    let doubt = 0;
    seen[start] = 1;
    for (const pixel of area) {
      doubt += entropy[pixel]!;
      for (const next of around(pixel, width, height)) {
        if (seen[next] === 1 || entropy[next]! < least) continue;
        seen[next] = 1;
        area.push(next);
      }
    }
    if (best === undefined || doubt > best.doubt) best = { area, doubt };
  }
  if (best === undefined) return undefined;
  const inside = new Uint8Array(entropy.length);
  for (const pixel of best.area) inside[pixel] = 1;
  const pixel = deepest(inside, width, height);
  const middle = (place: number, from: number, to: number): number =>
    Math.min(to - 1, Math.floor(((place + 0.5) * to) / from));
  return {
    x: middle(pixel % width, width, photo.width),
    y: middle(Math.floor(pixel / width), height, photo.height),
    doubt: best.doubt,
  };
}
