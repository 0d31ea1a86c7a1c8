import type { Cells } from "./cells.ts";
import type { WorkingImage } from "./picture.ts";
import { textureOf, textureWidth } from "./texture.ts";

/** What a cell looks like, as the query of its token; Euclidean distance means difference. */
export interface Features {
  /** Numbers per cell. */
  readonly width: number;
  /** [count, width] */
  readonly data: Float64Array;
}

export interface FeatureOptions {
  /** Weight of lightness, which shadows change. */
  readonly lightness: number;
  /** Weight of the two colour axes, which shadows hardly change. */
  readonly colour: number;
  /** Weight of texture energy. */
  readonly texture: number;
  /** Rounds of smoothing among neighbours that look alike. */
  readonly rounds: number;
  /** Inverse variance of cells of one surface, in squared feature units. */
  readonly precision: number;
}

export const featureDefaults: FeatureOptions = {
  lightness: 0.8,
  colour: 4,
  texture: 1,
  rounds: 3,
  precision: 0.03,
};

/**
 * Colour and texture of each cell in comparable units, steadied by its like neighbours.
 *
 * Position is left out on purpose: it enters the model as the prior (see `pathCost.ts`), where a
 * border between two cells counts and mere distance hardly does.
 *
 * | argument   | shape       | unit                                  |
 * | ---------- | ----------- | ------------------------------------- |
 * | image      | [h, w, 3]   | OKLab × 100                           |
 * | → features | [count, 15] | 1 is a just visible step of lightness |
 */
export function featuresOf(
  image: WorkingImage,
  cells: Cells,
  options: Partial<FeatureOptions> = {},
): Features {
  const { lightness, colour, texture, rounds, precision } = { ...featureDefaults, ...options };
  const width = 3 + textureWidth;
  const energy = textureOf(image, cells);
  let data = new Float64Array(cells.count * width);
  for (let cell = 0; cell < cells.count; cell++) {
    const [from, to] = [cell * 3, cell * width];
    data[to] = lightness * cells.colour[from]!;
    data[to + 1] = colour * cells.colour[from + 1]!;
    data[to + 2] = colour * cells.colour[from + 2]!;
    for (let column = 0; column < textureWidth; column++) {
      data[to + 3 + column] = texture * energy[cell * textureWidth + column]!;
    }
  }
  for (let round = 0; round < rounds; round++) {
    data = attendToNeighbours({ width, data }, cells, precision);
  }
  return { width, data };
}

/**
 * One round of attention among adjacent cells: each takes the posterior mean of its neighbourhood
 * (itself included; uniform prior, Gaussian potential). Surfaces even out, borders stay.
 */
function attendToNeighbours(
  features: Features,
  { count, neighbours }: Cells,
  precision: number,
): Float64Array<ArrayBuffer> {
  const { width, data } = features;
  const steadied = new Float64Array(data.length);
  for (let cell = 0; cell < count; cell++) {
    let evidence = 0;
    for (const sender of [cell, ...neighbours[cell]!]) {
      const weight = Math.exp((-precision / 2) * squaredDifference(features, cell, sender));
      evidence += weight;
      for (let column = 0; column < width; column++) {
        steadied[cell * width + column]! += weight * data[sender * width + column]!;
      }
    }
    for (let column = 0; column < width; column++) steadied[cell * width + column]! /= evidence;
  }
  return steadied;
}

/** Squared Euclidean distance between two cells' features. */
export function squaredDifference(
  { width, data }: Features,
  first: number,
  second: number,
): number {
  let sum = 0;
  for (let column = 0; column < width; column++) {
    sum += (data[first * width + column]! - data[second * width + column]!) ** 2;
  }
  return sum;
}
