import type { Size } from "./clicks.ts";
import { around } from "./fragments.ts";
import { type Painted, unpainted } from "./painting.ts";

export interface SpeckOptions extends Size {
  /** Pixels of the smallest piece that stays. */
  readonly smallest: number;
}

/**
 * Gives every speck of a mask the label that surrounds it most, in place.
 *
 * A speck is a connected piece of one label (4 neighbours) of fewer than `smallest` pixels, none
 * of them painted: grain of the photo, not a region that somebody asked for. Each speck joins a
 * neighbour, so that pieces grow fewer until none is left; two rounds are usual.
 *
 * @cost O(rounds · pixels)
 */
export function removeSpecks(mask: Uint8Array, painting: Painted, options: SpeckOptions): void {
  let found = true;
  while (found) {
    found = false;
    for (let start = 0; start < mask.length; start++) {
      if (!startsPiece(mask, start, options)) continue;
      const speck = speckFrom(start, mask, { ...options, painting });
      const label = speck && surroundingLabel(speck, mask, options);
      if (speck === undefined || label === undefined) continue;
      for (const pixel of speck) mask[pixel] = label;
      found = true;
    }
  }
}

/** Whether neither the pixel to the left nor the one above is of the same label. */
function startsPiece(mask: Uint8Array, pixel: number, { width }: Size): boolean {
  if (mask[pixel - width] === mask[pixel]) return false;
  return pixel % width === 0 || mask[pixel - 1] !== mask[pixel];
}

/** Pixels of the speck whose first pixel in reading order is `start`, if there is one. */
function speckFrom(
  start: number,
  mask: Uint8Array,
  { width, height, smallest, painting }: SpeckOptions & { readonly painting: Painted },
): ReadonlySet<number> | undefined {
  const piece = new Set([start]);
  // the set is walked in the order in which it grows, what is added here included
  for (const pixel of piece) {
    if (painting[pixel] !== unpainted || piece.size >= smallest) return undefined;
    for (const next of around(pixel, width, height)) {
      if (mask[next] !== mask[start]) continue;
      if (next < start) return undefined;
      piece.add(next);
    }
  }
  return piece;
}

/** Label along most of a speck's outline; none where the speck is the whole photo. */
function surroundingLabel(
  speck: ReadonlySet<number>,
  mask: Uint8Array,
  { width, height }: Size,
): number | undefined {
  const contacts = new Map<number, number>();
  let best: number | undefined;
  for (const pixel of speck) {
    for (const next of around(pixel, width, height)) {
      if (speck.has(next)) continue;
      const label = mask[next]!;
      const contact = (contacts.get(label) ?? 0) + 1;
      contacts.set(label, contact);
      if (best === undefined || contact > contacts.get(best)!) best = label;
    }
  }
  return best;
}
