/** Red, green and blue, 0…255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * Eight colours that people with any common colour vision tell apart.
 *
 * @source Okabe & Ito (2008), "Color Universal Design"; their black is replaced by a grey.
 */
const base: readonly Colour[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [150, 150, 150],
];

/** Share of white (above 0) or black (below 0) mixed in, one round of the eight after another. */
const shades = [0, -0.4, 0.5, -0.65, 0.75];

/** One colour for each of `labels` labels, for overlays and for the indexed PNG. */
export function palette(labels: number): Colour[] {
  return Array.from({ length: labels }, (_, label) => {
    const shade = shades[Math.floor(label / base.length) % shades.length]!;
    const [red, green, blue] = base[label % base.length]!;
    const mix = (part: number): number =>
      Math.round(shade < 0 ? part * (1 + shade) : part + (255 - part) * shade);
    return [mix(red), mix(green), mix(blue)];
  });
}
