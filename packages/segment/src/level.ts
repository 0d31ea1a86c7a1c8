import type { Engine, Tensor } from "edgewise";
import type { Beliefs } from "./beliefs.ts";
import { type Cells, cutIntoCells } from "./cells.ts";
import { type ExtraFeatures, type Features, featuresOf } from "./features.ts";
import { type PathGraph, pathGraph, separations } from "./paths.ts";
import type { WorkingImage } from "./picture.ts";
import { type Unit, under } from "./units.ts";

/** A photo cut into cells of one size, and all about them that no click changes. */
export interface Level {
  readonly cells: Cells;
  readonly features: Features;
  /** Features as queries of the models, [1, 1, N, D]. */
  readonly query: Tensor;
  /** Each cell with itself and with those that touch it, [E, 2]. */
  readonly touching: Tensor;
  readonly paths: PathGraph;
  /** Separations from surfaces clicked so far; filled as clicks come. */
  readonly known: Map<string, Float64Array>;
}

export interface LevelOptions {
  readonly most: number;
  readonly beliefs: Beliefs;
  readonly engine: Engine;
  readonly extra: ExtraFeatures | undefined;
}

export async function levelOf(image: WorkingImage, options: LevelOptions): Promise<Level> {
  const { most, beliefs, engine, extra } = options;
  const cells = cutIntoCells(image, { most });
  const touching = touchingCells(cells);
  const features = await featuresOf(image, cells, { touching, beliefs, engine, extra });
  const query = {
    data: Float32Array.from(features.data),
    shape: [1, 1, cells.count, features.width],
  };
  const paths = pathGraph(cells, features);
  return { cells, features, query, touching, paths, known: new Map() };
}

function touchingCells({ count, neighbours }: Cells): Tensor {
  const pairs: number[] = [];
  for (let cell = 0; cell < count; cell++)
    for (const other of [cell, ...neighbours[cell]!]) pairs.push(cell, other);
  return { data: Int32Array.from(pairs), shape: [pairs.length / 2, 2] };
}

/** A unit as cells of this level see it: the mean of its cells' features, and how far they are. */
export interface Surface {
  /** [D] */
  readonly key: Float64Array;
  /** [N], squared feature units */
  readonly apart: Float64Array;
}

/** Most surfaces whose separations are kept: each takes 8 bytes a cell. */
const mostKnown = 1000;

export function surfaceOf({ cells, features, paths, known }: Level, unit: Unit): Surface {
  const own = under(cells, unit);
  const { width, data } = features;
  const key = new Float64Array(width);
  own.cells.forEach((cell, index) => {
    for (let column = 0; column < width; column++)
      key[column]! += own.shares[index]! * data[cell * width + column]!;
  });
  const name = `${own.cells} ${unit.centre}`;
  const apart = known.get(name) ?? separations(paths, own.cells, unit.centre);
  if (known.size >= mostKnown) known.clear();
  known.set(name, apart);
  return { key, apart };
}

/** Shares of each coarse cell in each fine one, in compressed rows. */
export interface Overlap {
  readonly start: Int32Array;
  readonly coarse: Int32Array;
  readonly share: Float64Array;
}

export function overlapOf(fine: Cells, coarse: Cells): Overlap {
  const counts = Array.from({ length: fine.count }, () => new Map<number, number>());
  fine.of.forEach((cell, pixel) => {
    const other = coarse.of[pixel]!;
    counts[cell]!.set(other, (counts[cell]!.get(other) ?? 0) + 1);
  });
  const start = new Int32Array(fine.count + 1);
  counts.forEach((own, cell) => {
    start[cell + 1] = start[cell]! + own.size;
  });
  return {
    start,
    coarse: Int32Array.from(counts.flatMap((own) => [...own.keys()])),
    share: Float64Array.from(
      counts.flatMap((own, cell) => [...own.values()].map((count) => count / fine.size[cell]!)),
    ),
  };
}
