import type { Cells } from "./cells.ts";
import type { Disc, Painting } from "./painting.ts";

/** What marks say at working size. */
export interface Marked {
  /** Painted working pixels and their labels, ascending; one of two labels stands twice. */
  readonly at: Int32Array;
  readonly labels: Uint8Array;
  /** Centres of the discs, in working pixels. */
  readonly discs: readonly Disc[];
}

/** A clicked surface: one unit of the mixture. */
export interface Unit {
  readonly label: number;
  /** Mean place of its painted pixels, working pixels. */
  readonly centre: readonly [x: number, y: number];
  /** Its painted working pixels. */
  readonly pixels: readonly number[];
}

/** Units, and what cells were annotated with. */
export interface Annotation {
  readonly units: readonly Unit[];
  /** Most frequent label of each annotated cell, the lower index at a tie. */
  readonly label: ReadonlyMap<number, number>;
}

/** Marks on a photo, moved to the pixels that cells are made of. */
export function marked(
  { pixels, labels }: Painting,
  discs: readonly Disc[],
  photo: { readonly width: number; readonly height: number },
  { width, height }: Pick<Cells, "width" | "height">,
): Marked {
  const [across, down] = [width / photo.width, height / photo.height];
  // Many painted pixels of a large photo fall on one: each label is told of it once.
  const first = new Int16Array(width * height).fill(-1);
  const marks: number[] = [];
  const others = new Set<number>();
  for (let k = 0; k < pixels.length; k++) {
    const pixel = pixels[k]!;
    const label = labels[k]!;
    const x = Math.floor(((pixel % photo.width) + 0.5) * across);
    const at = Math.floor((Math.floor(pixel / photo.width) + 0.5) * down) * width + x;
    if (first[at] === label) continue;
    if (first[at] !== -1) {
      others.add(at * 256 + label);
      continue;
    }
    first[at] = label;
    marks.push(at * 256 + label);
  }
  const sorted = Float64Array.from([...marks, ...others]).sort();
  const moved = discs.map((disc) => ({
    ...disc,
    x: (disc.x + 0.5) * across - 0.5,
    y: (disc.y + 0.5) * down - 0.5,
  }));
  return {
    at: Int32Array.from(sorted, (mark) => Math.floor(mark / 256)),
    labels: Uint8Array.from(sorted, (mark) => mark % 256),
    discs: moved,
  };
}

/**
 * Each annotated cell with the label of most of its painted pixels, and a unit for each disc: the
 * annotated cells of its label to which no disc of that label is nearer.
 *
 * Discs whose middles share a cell and a label are one unit, so that there are never more units
 * than cells. Units stand in the order of those cells, whatever the order of the marks. What a
 * disc leaks into, over a border to cells that are not like its own, keeps no label of it.
 */
export function annotate(
  cells: Cells,
  { at, labels, discs }: Marked,
  isLike: (one: number, other: number) => boolean = () => true,
): Annotation {
  const label = new Map<number, number>();
  for (const [cell, counts] of countLabels(cells, at, labels)) {
    let best = 0;
    counts.forEach((count, of) => {
      const rival = counts[best] ?? 0;
      if (count > rival) best = of;
    });
    label.set(cell, best);
  }
  const middles = middlesOf(cells, discs);
  const nearest = new Map<number, number>();
  for (const [cell, of] of label) {
    let least = Number.POSITIVE_INFINITY;
    middles.forEach((disc, index) => {
      if (disc.label !== of) return;
      const distance =
        (cells.centre[cell * 2]! - disc.x) ** 2 + (cells.centre[cell * 2 + 1]! - disc.y) ** 2;
      if (distance >= least) return;
      least = distance;
      nearest.set(cell, index);
    });
  }
  const pixels = middles.map((): number[] => []);
  at.forEach((pixel, index) => {
    const cell = cells.of[pixel]!;
    if (label.get(cell) === labels[index]) pixels[nearest.get(cell)!]!.push(pixel);
  });
  middles.forEach((_, index) => {
    const leaked = leaksOf(cells, pixels[index]!, isLike);
    for (const cell of leaked) label.delete(cell);
    pixels[index] = pixels[index]!.filter((pixel) => !leaked.has(cells.of[pixel]!));
  });
  const units = middles.flatMap(({ label: of }, index): Unit[] => {
    const own = pixels[index]!;
    if (own.length === 0) return [];
    const mean = (part: (pixel: number) => number): number =>
      own.reduce((sum, pixel) => sum + part(pixel), 0) / own.length;
    const centre = [
      mean((pixel) => pixel % cells.width),
      mean((pixel) => Math.floor(pixel / cells.width)),
    ] as const;
    return [{ label: of, centre, pixels: own }];
  });
  return { units, label };
}

/** Pixels in a cell below which a disc only leaks into it, as a share of those where it has most. */
const leak = 0.5;

/** Cells that a unit's pixels leak into over a border: few of its pixels, unlike where most are. */
function leaksOf(
  cells: Cells,
  pixels: readonly number[],
  isLike: (one: number, other: number) => boolean,
): ReadonlySet<number> {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(cells.of[pixel]!, (counts.get(cells.of[pixel]!) ?? 0) + 1);
  const [first] = counts.keys();
  let main = first ?? 0;
  for (const [cell, count] of counts) if (count > counts.get(main)!) main = cell;
  const most = counts.get(main) ?? 0;
  const leaked = [...counts].filter(([cell, count]) => count < leak * most && !isLike(main, cell));
  return new Set(leaked.map(([cell]) => cell));
}

/** How often each cell was painted with each label. */
function countLabels(
  cells: Cells,
  at: Int32Array,
  labels: Uint8Array,
): ReadonlyMap<number, readonly number[]> {
  const counts = new Map<number, number[]>();
  at.forEach((pixel, index) => {
    const cell = cells.of[pixel]!;
    const own = counts.get(cell) ?? [];
    counts.set(cell, own);
    own[labels[index]!] = (own[labels[index]!] ?? 0) + 1;
  });
  return counts;
}

/** One disc for each label and cell that middles of discs lie in, in the order of the cells. */
function middlesOf(cells: Cells, discs: readonly Disc[]): Disc[] {
  const first = new Map<number, Disc>();
  for (const disc of discs) {
    const clamped = (place: number, length: number): number =>
      Math.min(length - 1, Math.max(0, Math.round(place)));
    const pixel = clamped(disc.y, cells.height) * cells.width + clamped(disc.x, cells.width);
    const key = cells.of[pixel]! * 256 + disc.label;
    const rival = first.get(key);
    const comesFirst =
      rival === undefined || disc.y < rival.y || (disc.y === rival.y && disc.x < rival.x);
    if (comesFirst) first.set(key, disc);
  }
  return [...first].sort(([one], [other]) => one - other).map(([, disc]) => disc);
}

/** Cells under a unit's pixels, ascending, and the share of its pixels in each. */
export function under(cells: Cells, { pixels }: Unit): { cells: number[]; shares: number[] } {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(cells.of[pixel]!, (counts.get(cells.of[pixel]!) ?? 0) + 1);
  const found = [...counts].sort(([one], [other]) => one - other);
  return {
    cells: found.map(([cell]) => cell),
    shares: found.map(([, count]) => count / pixels.length),
  };
}
