import type { Cells } from "./cells.ts";
import type { WorkingImage } from "./picture.ts";

/** Sizes of the texture that is seen, in sides of a cell: fine, middle, coarse. */
const scales = [0.2, 0.4, 0.8];
const orientationNumber = 4;

/** Numbers that describe one cell's texture: scales × orientations. */
export const textureWidth: number = scales.length * orientationNumber;

/**
 * Oriented energy of the lightness in and around each cell.
 *
 * Root mean square of the lightness change across four directions (0°, 45°, 90°, 135°) at three
 * scales, over the cell and the cells that touch it.
 *
 * | argument  | shape        | unit                                 |
 * | --------- | ------------ | ------------------------------------ |
 * | image     | [h, w, 3]    | OKLab × 100                          |
 * | → texture | [count, 12]  | lightness × 100 per scale's distance |
 *
 * @cost O(scales · pixels)
 */
export function textureOf(image: WorkingImage, cells: Cells): Float64Array {
  const lightness = Float32Array.from({ length: cells.of.length }, (_, at) => image.lab[at * 3]!);
  const side = Math.sqrt(lightness.length / cells.count);
  const energy = new Float64Array(cells.count * textureWidth);
  scales.forEach((scale, index) => {
    const radius = Math.max(1, Math.round(scale * side));
    const smooth = blurTwice(lightness, image, radius);
    addEnergy(smooth, cells, { radius, column: index * orientationNumber, energy });
  });
  return poolWithNeighbours(energy, cells);
}

interface Target {
  readonly radius: number;
  /** First of the four columns of `energy` that this scale fills. */
  readonly column: number;
  readonly energy: Float64Array;
}

/** Adds each pixel's squared change in four directions to its cell. */
function addEnergy(smooth: Float32Array, cells: Cells, { radius, column, energy }: Target): void {
  const { width, height } = cells;
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width;
    const below = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const row = y * width;
      const left = smooth[row + Math.max(0, x - 1)]!;
      const right = smooth[row + Math.min(width - 1, x + 1)]!;
      const across = ((right - left) * radius) / 2;
      const down = ((smooth[below + x]! - smooth[above + x]!) * radius) / 2;
      const to = cells.of[row + x]! * textureWidth + column;
      energy[to]! += across ** 2;
      energy[to + 1]! += (across + down) ** 2 / 2;
      energy[to + 2]! += down ** 2;
      energy[to + 3]! += (across - down) ** 2 / 2;
    }
  }
}

/** Root mean square over the pixels of each cell and its neighbours. */
function poolWithNeighbours(energy: Float64Array, cells: Cells): Float64Array {
  const pooled = new Float64Array(energy.length);
  cells.neighbours.forEach((neighbours, cell) => {
    const group = [cell, ...neighbours];
    const pixels = group.reduce((sum, member) => sum + cells.size[member]!, 0);
    for (let column = 0; column < textureWidth; column++) {
      const sum = group.reduce(
        (total, member) => total + energy[member * textureWidth + column]!,
        0,
      );
      pooled[cell * textureWidth + column] = Math.sqrt(sum / pixels);
    }
  });
  return pooled;
}

/** Two box means of `radius` pixels in each direction: nearly Gaussian, deviation `radius`. */
function blurTwice(
  plane: Float32Array,
  { width, height }: WorkingImage,
  radius: number,
): Float32Array {
  let blurred = plane;
  for (let pass = 0; pass < 2; pass++) {
    blurred = boxMean(blurred, { lines: height, length: width, along: 1, across: width, radius });
    blurred = boxMean(blurred, { lines: width, length: height, along: width, across: 1, radius });
  }
  return blurred;
}

interface Sweep {
  readonly lines: number;
  readonly length: number;
  /** Distance in memory between neighbours on a line, and between lines. */
  readonly along: number;
  readonly across: number;
  readonly radius: number;
}

/** Running mean along every line; the last pixel is repeated beyond the ends. */
function boxMean(plane: Float32Array, sweep: Sweep): Float32Array {
  const { lines, length, along, across, radius } = sweep;
  const mean = new Float32Array(plane.length);
  for (let line = 0; line < lines; line++) {
    const read = (position: number): number =>
      plane[line * across + Math.max(0, Math.min(length - 1, position)) * along]!;
    let sum = 0;
    for (let position = -radius; position <= radius; position++) sum += read(position);
    for (let position = 0; position < length; position++) {
      mean[line * across + position * along] = sum / (2 * radius + 1);
      sum += read(position + radius + 1) - read(position - radius);
    }
  }
  return mean;
}
