import type { Cells } from "./cells.ts";
import type { Clicks, Size } from "./clicks.ts";

/** Value of `Painting` where nobody clicked. */
export const unpainted = -1;

/** Label of every photo pixel that a click or a stroke covers, else `unpainted`. */
export type Painting = Int16Array;

/**
 * Photo pixels covered by the marks, [height, width].
 *
 * A click covers the disc of its radius, a stroke every pixel within its radius of the line
 * through its points. Where marks overlap, the one whose centre (line) is nearest wins; at equal
 * distance, the one listed first, clicks before strokes.
 */
export function paint({ clicks, strokes }: Clicks, photo: Size): Painting {
  const canvas: Canvas = {
    ...photo,
    label: new Int16Array(photo.width * photo.height).fill(unpainted),
    distance: new Float32Array(photo.width * photo.height).fill(Number.POSITIVE_INFINITY),
  };
  for (const { x, y, label, radius } of clicks) {
    coverSegment(canvas, { from: [x, y], to: [x, y], label, radius });
  }
  for (const { points, label, radius } of strokes) {
    points.forEach((to, index) => {
      coverSegment(canvas, { from: points[Math.max(0, index - 1)]!, to, label, radius });
    });
  }
  return canvas.label;
}

interface Canvas extends Size {
  readonly label: Int16Array;
  /** Squared distance to the mark that owns each pixel, photo pixels. */
  readonly distance: Float32Array;
}

interface Segment {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly label: number;
  readonly radius: number;
}

function coverSegment(canvas: Canvas, segment: Segment): void {
  const { from, to, label, radius } = segment;
  const left = Math.max(0, Math.ceil(Math.min(from[0], to[0]) - radius));
  const right = Math.min(canvas.width - 1, Math.floor(Math.max(from[0], to[0]) + radius));
  const top = Math.max(0, Math.ceil(Math.min(from[1], to[1]) - radius));
  const bottom = Math.min(canvas.height - 1, Math.floor(Math.max(from[1], to[1]) + radius));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const at = y * canvas.width + x;
      const distance = squaredDistance(segment, x, y);
      if (distance > radius * radius || distance >= canvas.distance[at]!) continue;
      canvas.distance[at] = distance;
      canvas.label[at] = label;
    }
  }
}

function squaredDistance({ from, to }: Segment, x: number, y: number): number {
  const [across, down] = [to[0] - from[0], to[1] - from[1]];
  const length = across * across + down * down;
  const along = length === 0 ? 0 : ((x - from[0]) * across + (y - from[1]) * down) / length;
  const part = Math.max(0, Math.min(1, along));
  return (x - from[0] - part * across) ** 2 + (y - from[1] - part * down) ** 2;
}

/** What the marks say about the cells. */
export interface Annotation {
  /** Cells with at least one painted pixel, ascending: the annotated tokens, [M]. */
  readonly cells: readonly number[];
  /** Share of each label among a cell's painted pixels, [M, labels]. */
  readonly share: Float64Array;
  /** Most frequent label of each annotated cell, the lower index at a tie, [M]. */
  readonly label: Uint8Array;
}

/** Painting counted cell by cell; `cellOfPixel` is the cell of each photo pixel. */
export function annotate(
  painting: Painting,
  { cellOfPixel, labels }: { cellOfPixel: Cells["of"]; labels: number },
): Annotation {
  const counts = new Map<number, Float64Array>();
  for (let pixel = 0; pixel < painting.length; pixel++) {
    const label = painting[pixel]!;
    if (label === unpainted) continue;
    const cell = cellOfPixel[pixel]!;
    const count = counts.get(cell) ?? new Float64Array(labels);
    count[label]! += 1;
    counts.set(cell, count);
  }
  const cells = [...counts.keys()].sort((one, other) => one - other);
  const share = new Float64Array(cells.length * labels);
  const label = new Uint8Array(cells.length);
  cells.forEach((cell, index) => {
    const count = counts.get(cell)!;
    const total = count.reduce((sum, pixels) => sum + pixels);
    share.set(
      count.map((pixels) => pixels / total),
      index * labels,
    );
    label[index] = count.indexOf(Math.max(...count));
  });
  return { cells, share, label };
}
