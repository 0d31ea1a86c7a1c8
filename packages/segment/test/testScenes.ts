import type { Clicks } from "../src/clicks.ts";
import type { Picture } from "../src/picture.ts";

/** Made-up photo with the regions that it was made from. */
export interface Scene extends Picture {
  /** Region of every pixel, [height, width]. */
  readonly regions: Uint8Array;
  /** One click well inside each region. */
  readonly clicks: Clicks;
}

/**
 * Striped ground, plain sky and a round sun, with noise from a fixed seed.
 *
 * Labels: 0 sky, 1 ground, 2 sun.
 */
export function landscape(width: number, height: number): Scene {
  const data = new Uint8Array(width * height * 3);
  const regions = new Uint8Array(width * height);
  const noise = noiseFrom(7);
  const sun = { x: width * 0.7, y: height * 0.3, radius: height * 0.15 };
  for (let pixel = 0; pixel < regions.length; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const inSun = Math.hypot(x - sun.x, y - sun.y) < sun.radius;
    const horizon = height * (0.6 + 0.08 * Math.sin((6 * x) / width));
    regions[pixel] = inSun ? 2 : y > horizon ? 1 : 0;
    const stripe = Math.floor(x / 4) % 2 === 0 ? 25 : -25;
    const colours = [
      [110, 150, 205],
      [100 + stripe, 110 + stripe, 60 + stripe],
      [235, 200, 90],
    ];
    colours[regions[pixel]!]!.forEach((part, channel) => {
      data[pixel * 3 + channel] = part + Math.round(24 * (noise() - 0.5));
    });
  }
  const at = (x: number, y: number, label: number): Clicks["clicks"][number] => ({
    x: Math.round(x),
    y: Math.round(y),
    label,
    radius: 3,
  });
  const clicks = [
    at(width * 0.25, height * 0.25, 0),
    at(width * 0.5, height * 0.85, 1),
    at(sun.x, sun.y, 2),
  ];
  return {
    width,
    height,
    data,
    regions,
    clicks: { labels: ["sky", "ground", "sun"], clicks, strokes: [] },
  };
}

/** Mean over regions of intersection over union. */
export function meanIntersectionOverUnion(truth: Uint8Array, mask: Uint8Array): number {
  const regions = truth.reduce((most, region) => Math.max(most, region), 0) + 1;
  const both = new Float64Array(regions);
  const either = new Float64Array(regions);
  truth.forEach((region, pixel) => {
    const label = mask[pixel]!;
    either[region]! += 1;
    if (label === region) both[region]! += 1;
    else if (label < regions) either[label]! += 1;
  });
  return both.reduce((sum, shared, region) => sum + shared / either[region]!, 0) / regions;
}

/** Numbers in 0…1 that are the same in every run (a linear congruential sequence). */
function noiseFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
