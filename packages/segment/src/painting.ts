import type { Clicks, Size } from "./clicks.ts";

/** Pixels of a photo that somebody gave a label, ascending, and the labels. */
export interface Painting {
  readonly pixels: Int32Array;
  readonly labels: Uint8Array;
}

/** Value of `Painted` where nobody gave a label. */
export const unpainted = -1;

/** Label of every pixel that somebody gave one, else `unpainted`, [height, width]. */
export type Painted = Int16Array;

/** Labels at the places of some pixels, the last one where a place stands twice. */
export function paintedAt(
  pixels: Int32Array,
  labels: Uint8Array,
  { width, height }: Size,
): Painted {
  const painted = new Int16Array(width * height).fill(unpainted);
  pixels.forEach((pixel, index) => {
    painted[pixel] = labels[index]!;
  });
  return painted;
}

/** A round spot of a mark: a click, or a place along a stroke. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly label: number;
}

/**
 * Photo pixels covered by the marks.
 *
 * A click covers the disc of its radius, a stroke every pixel within its radius of the line
 * through its points. Where marks overlap, the one whose centre (line) is nearest wins; at equal
 * distance, the lower label, so that the order of marks does not count.
 *
 * @cost O(length of strokes · radius + area of discs) time, 5 bytes a photo pixel
 */
export function paint({ clicks, strokes }: Clicks, photo: Size): Painting {
  const canvas: Canvas = {
    ...photo,
    label: new Uint8Array(photo.width * photo.height),
    distance: new Float32Array(photo.width * photo.height),
    first: new Int32Array(photo.height).fill(photo.width),
    last: new Int32Array(photo.height).fill(-1),
    covered: 0,
  };
  for (const { x, y, label, radius } of clicks)
    coverSegment(canvas, { from: [x, y], to: [x, y], label, radius });
  for (const { points, label, radius } of strokes)
    points.forEach((to, index) => {
      coverLine(canvas, { from: points[Math.max(0, index - 1)]!, to, label, radius });
    });
  return collected(canvas);
}

interface Canvas extends Size {
  readonly label: Uint8Array;
  /** 1 plus the squared distance to the mark that owns each pixel, photo pixels; 0 for none. */
  readonly distance: Float32Array;
  /** First and last column of each row that anything may cover. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  covered: number;
}

interface Segment {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly label: number;
  readonly radius: number;
}

/** A long line in parts, so that what is looked at is close to it. */
function coverLine(canvas: Canvas, { from, to, label, radius }: Segment): void {
  const part = Math.max(16, 4 * radius);
  const parts = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / part));
  const at = (share: number): readonly [number, number] => [
    from[0] + share * (to[0] - from[0]),
    from[1] + share * (to[1] - from[1]),
  ];
  for (let k = 0; k < parts; k++)
    coverSegment(canvas, { from: at(k / parts), to: at((k + 1) / parts), label, radius });
}

function coverSegment(canvas: Canvas, segment: Segment): void {
  const { from, to, label, radius } = segment;
  const left = Math.max(0, Math.ceil(Math.min(from[0], to[0]) - radius));
  const right = Math.min(canvas.width - 1, Math.floor(Math.max(from[0], to[0]) + radius));
  const top = Math.max(0, Math.ceil(Math.min(from[1], to[1]) - radius));
  const bottom = Math.min(canvas.height - 1, Math.floor(Math.max(from[1], to[1]) + radius));
  for (let y = top; y <= bottom; y++) {
    canvas.first[y] = Math.min(canvas.first[y]!, left);
    canvas.last[y] = Math.max(canvas.last[y]!, right);
    for (let x = left; x <= right; x++) {
      const squared = squaredDistance(segment, x, y);
      if (squared > radius * radius) continue;
      const at = y * canvas.width + x;
      const distance = Math.fround(1 + squared);
      const known = canvas.distance[at]!;
      if (known !== 0 && (distance > known || (distance === known && label >= canvas.label[at]!)))
        continue;
      if (known === 0) canvas.covered++;
      canvas.distance[at] = distance;
      canvas.label[at] = label;
    }
  }
}

/** What is covered, ascending. */
function collected({ width, height, label, distance, first, last, covered }: Canvas): Painting {
  const pixels = new Int32Array(covered);
  const labels = new Uint8Array(covered);
  let count = 0;
  for (let y = 0; y < height; y++)
    for (let at = y * width + first[y]!; at <= y * width + last[y]!; at++) {
      if (distance[at] === 0) continue;
      pixels[count] = at;
      labels[count++] = label[at]!;
    }
  return { pixels, labels };
}

function squaredDistance({ from, to }: Segment, x: number, y: number): number {
  const [across, down] = [to[0] - from[0], to[1] - from[1]];
  const length = across * across + down * down;
  const along = length === 0 ? 0 : ((x - from[0]) * across + (y - from[1]) * down) / length;
  const part = Math.max(0, Math.min(1, along));
  return (x - from[0] - part * across) ** 2 + (y - from[1] - part * down) ** 2;
}

/** Most discs that strokes are taken for, all together. */
const mostDiscs = 4000;

/** Clicks as they are, and strokes as discs a radius apart, or farther where strokes are very long. */
export function discsOf({ clicks, strokes }: Clicks): Disc[] {
  const lengths = strokes.map(({ points }) =>
    points.map(([x, y], k) => {
      const [fromX, fromY] = points[Math.max(0, k - 1)]!;
      return Math.hypot(x - fromX, y - fromY);
    }),
  );
  const total = lengths.reduce((sum, own) => sum + own.reduce((a, b) => a + b, 0), 0);
  const along = strokes.flatMap(({ points, radius, label }, stroke) => {
    const apart = Math.max(1, radius, total / mostDiscs);
    const discs: Disc[] = [];
    // A disc where so much of the line has gone by, and at both ends.
    let gone = 0;
    points.forEach(([x, y], index) => {
      const [fromX, fromY] = points[Math.max(0, index - 1)]!;
      const length = lengths[stroke]![index]!;
      if (index === 0) discs.push({ x, y, radius, label });
      for (let at = apart - gone; at <= length; at += apart) {
        const share = at / length;
        discs.push({
          x: fromX + share * (x - fromX),
          y: fromY + share * (y - fromY),
          radius,
          label,
        });
      }
      gone = (gone + length) % apart;
      if (index === points.length - 1 && index > 0) discs.push({ x, y, radius, label });
    });
    return discs;
  });
  return [...clicks, ...along];
}
