import { type Engine, prepare, type Tensor } from "edgewise";
import type { Beliefs } from "./beliefs.ts";
import type { Cells } from "./cells.ts";
import { surfaces } from "./models.ts";
import type { WorkingImage } from "./picture.ts";
import { textureOf, textureWidth } from "./texture.ts";

/** What a cell looks like, as the query of its token; Euclidean distance means difference. */
export interface Features {
  /** Numbers per cell. */
  readonly width: number;
  /** [count, width] */
  readonly data: Float64Array;
}

/** Weights that make unlike features comparable. */
export const featureWeights = {
  /** Of lightness, so that shading counts less than colour. */
  lightness: 0.8,
  /** Of the two colour axes, which shadows hardly change. */
  colour: 4,
  /** Of texture energy. */
  texture: 1,
} as const;

/** Features that somebody else computed, such as a network's. */
export interface ExtraFeatures {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** [height, width, channels], spread over the whole photo */
  readonly data: Float32Array;
  /** Their share in squared differences between cells, beside 1 for the built-in ones. */
  readonly weight: number;
}

export interface FeatureContext {
  readonly touching: Tensor;
  readonly beliefs: Beliefs;
  readonly engine: Engine;
  readonly extra: ExtraFeatures | undefined;
}

/** Rounds in which cells even out among neighbours. */
const rounds = 3;

/**
 * Colour and texture of each cell in comparable units, and extra features where there are some,
 * evened out among like neighbours.
 *
 * Position is left out on purpose: it enters the model as the prior (see `paths.ts`), where a
 * border between two cells counts and mere distance hardly does.
 *
 * | argument   | shape           | unit                                  |
 * | ---------- | --------------- | ------------------------------------- |
 * | image      | [h, w, 3]       | OKLab × 100                           |
 * | → features | [count, 15 + C] | 1 is a just visible step of lightness |
 */
export async function featuresOf(
  image: WorkingImage,
  cells: Cells,
  { touching, beliefs, engine, extra }: FeatureContext,
): Promise<Features> {
  const own = builtIn(image, cells);
  const { width, data } =
    extra === undefined ? own : joined(own, pooled(cells, extra), extra.weight);
  const even = await prepare(surfaces(beliefs), { engine, read: ["expectation"] });
  let tensor: Tensor = { data: Float32Array.from(data), shape: [1, 1, cells.count, width] };
  for (let round = 0; round < rounds; round++)
    tensor = even.sync({ query: tensor, key: tensor, value: tensor, touching }).expectation;
  return { width, data: Float64Array.from(tensor.data) };
}

function builtIn(image: WorkingImage, cells: Cells): Features {
  const width = 3 + textureWidth;
  const energy = textureOf(image, cells);
  const data = new Float64Array(cells.count * width);
  const { lightness, colour, texture } = featureWeights;
  for (let cell = 0; cell < cells.count; cell++) {
    const [from, to] = [cell * 3, cell * width];
    data[to] = lightness * cells.colour[from]!;
    data[to + 1] = colour * cells.colour[from + 1]!;
    data[to + 2] = colour * cells.colour[from + 2]!;
    for (let column = 0; column < textureWidth; column++)
      data[to + 3 + column] = texture * energy[cell * textureWidth + column]!;
  }
  return { width, data };
}

/** Mean of extra features over each cell, [count, channels]. */
function pooled(cells: Cells, { width, height, channels, data }: ExtraFeatures): Features {
  const sum = new Float64Array(cells.count * channels);
  for (let pixel = 0; pixel < cells.of.length; pixel++) {
    const x = Math.floor((((pixel % cells.width) + 0.5) * width) / cells.width);
    const y = Math.floor(((Math.floor(pixel / cells.width) + 0.5) * height) / cells.height);
    const [from, to] = [(y * width + x) * channels, cells.of[pixel]! * channels];
    for (let channel = 0; channel < channels; channel++)
      sum[to + channel]! += data[from + channel]!;
  }
  return {
    width: channels,
    data: sum.map((total, at) => total / cells.size[Math.floor(at / channels)]!),
  };
}

/**
 * Both side by side, the second scaled so that its spread is `weight` times the first's, and both
 * so that theirs together is the first's alone: what is believed of distances stays true.
 */
function joined(first: Features, second: Features, weight: number): Features {
  const width = first.width + second.width;
  const count = first.data.length / first.width;
  const [one, other] = [spread(first), spread(second)];
  if (other === 0) return first;
  const own = Math.sqrt(1 / (1 + weight));
  const scale = own * Math.sqrt((weight * one) / other);
  const data = new Float64Array(count * width);
  for (let cell = 0; cell < count; cell++) {
    for (let column = 0; column < first.width; column++)
      data[cell * width + column] = own * first.data[cell * first.width + column]!;
    for (let column = 0; column < second.width; column++)
      data[cell * width + first.width + column] =
        scale * second.data[cell * second.width + column]!;
  }
  return { width, data };
}

/** Sum over features of the variance over cells. */
function spread({ width, data }: Features): number {
  const count = data.length / width;
  let total = 0;
  for (let column = 0; column < width; column++) {
    let [sum, squares] = [0, 0];
    for (let at = column; at < data.length; at += width) {
      sum += data[at]!;
      squares += data[at]! ** 2;
    }
    total += Math.max(0, squares / count - (sum / count) ** 2);
  }
  return total;
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
