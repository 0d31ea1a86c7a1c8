/**
 * Colour of a share of 0 … 1: cividis, which is told apart without seeing red or green.
 *
 * @source Nuñez, Anderton and Renslow (2018), "Optimizing colormaps with consideration for color
 *   vision deficiency"; seven of its colours, between them straight.
 */
const stops: readonly (readonly [number, number, number])[] = [
  [0, 32, 76],
  [40, 64, 108],
  [87, 93, 109],
  [124, 123, 120],
  [166, 157, 117],
  [211, 193, 100],
  [255, 234, 70],
];

export function shade(share: number): readonly [number, number, number] {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(place));
  const [low, high] = [stops[below], stops[below + 1]] as [(typeof stops)[0], (typeof stops)[0]];
  const between = (channel: 0 | 1 | 2): number =>
    Math.round(low[channel] + (place - below) * (high[channel] - low[channel]));
  return [between(0), between(1), between(2)];
}

/** Colours of 256 shares as pixels of a canvas, whose bytes are red, green, blue and opacity. */
export const shades: Uint32Array = Uint32Array.from({ length: 256 }, (_, k) => {
  const [red, green, blue] = shade(k / 255);
  const bytes = new Uint8Array([red, green, blue, 255]);
  return new Uint32Array(bytes.buffer)[0] as number;
});
