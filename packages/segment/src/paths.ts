import type { Cells } from "./cells.ts";
import { type Features, squaredDifference } from "./features.ts";

/** Cells that one can step to from each cell, in compressed rows, and what the steps cost. */
export interface PathGraph {
  /** Where the steps of each cell begin, [count + 1]. */
  readonly start: Int32Array;
  /** Cell that each step leads to, and its cost in squared feature units, [steps]. */
  readonly to: Int32Array;
  readonly cost: Float64Array;
  /** Mean column and row of each cell, [count, 2], in sides of a cell. */
  readonly centre: Float64Array;
  /** Side of a cell, working pixels. */
  readonly side: number;
}

/** Cost of one side of a cell along a path, which keeps paths short on an even surface. */
const stepCost = 1;
/** Cost of one side of a cell as the crow flies: enough to part what paths leave tied. */
const straightCost = 0.1;

/**
 * Graph on which a path pays for every border that it crosses.
 *
 * A step costs its length plus the squared difference of the two cells, so that one clear border
 * costs more than the same change spread over a gradual slope.
 */
export function pathGraph(cells: Cells, features: Features): PathGraph {
  const { neighbours, count, width, height } = cells;
  const side = Math.sqrt((width * height) / count);
  const centre = cells.centre.map((position) => position / side);
  const start = new Int32Array(count + 1);
  neighbours.forEach((others, cell) => {
    start[cell + 1] = start[cell]! + others.length;
  });
  const to = Int32Array.from(neighbours.flat());
  const cost = new Float64Array(to.length);
  for (let cell = 0; cell < count; cell++) {
    for (let step = start[cell]!; step < start[cell + 1]!; step++) {
      const other = to[step]!;
      const length = Math.hypot(
        centre[cell * 2]! - centre[other * 2]!,
        centre[cell * 2 + 1]! - centre[other * 2 + 1]!,
      );
      cost[step] = stepCost * length + squaredDifference(features, cell, other);
    }
  }
  return { start, to, cost, centre, side };
}

/**
 * How far apart some cells, the nearest of them, and every cell are, [count]: cheapest path plus
 * straight distance from a point, which is given in working pixels.
 *
 * Paths alone would tie: from cell to cell one goes as a rook does, and of two clicks on a
 * diagonal neither is nearer to a whole quarter of an even surface. The straight line decides.
 */
export function separations(
  graph: PathGraph,
  from: readonly number[],
  [x, y]: readonly [x: number, y: number],
): Float64Array {
  const { centre, side } = graph;
  const apart = pathCosts(graph, from);
  for (let cell = 0; cell < apart.length; cell++)
    apart[cell]! +=
      straightCost * Math.hypot(centre[cell * 2]! - x / side, centre[cell * 2 + 1]! - y / side);
  return apart;
}

/**
 * Cost of the cheapest path from any of some cells to every cell, [count].
 *
 * @source Dijkstra (1959), "A note on two problems in connexion with graphs".
 * @cost   O(steps · log(steps))
 */
export function pathCosts(
  { start, to, cost }: PathGraph,
  from: readonly number[],
): Float64Array<ArrayBuffer> {
  const least = new Float64Array(start.length - 1).fill(Number.POSITIVE_INFINITY);
  const frontier = new Frontier(from.length + to.length);
  for (const cell of from) {
    least[cell] = 0;
    frontier.insert(0, cell);
  }
  while (frontier.size > 0) {
    const reached = frontier.nearestCost();
    const cell = frontier.takeNearest();
    if (reached > least[cell]!) continue;
    for (let step = start[cell]!; step < start[cell + 1]!; step++) {
      const other = to[step]!;
      const total = reached + cost[step]!;
      if (total >= least[other]!) continue;
      least[other] = total;
      frontier.insert(total, other);
    }
  }
  return least;
}

/** Binary heap: no entry costs less than its parent at (index − 1) / 2. */
class Frontier {
  size = 0;
  private readonly cost: Float64Array;
  private readonly cell: Int32Array;

  /** A path is found at most once for each step that leads to a cell. */
  constructor(most: number) {
    this.cost = new Float64Array(most);
    this.cell = new Int32Array(most);
  }

  nearestCost(): number {
    return this.cost[0]!;
  }

  insert(cost: number, cell: number): void {
    let index = this.size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.cost[parent]! <= cost) break;
      this.move(parent, index);
      index = parent;
    }
    this.cost[index] = cost;
    this.cell[index] = cell;
  }

  takeNearest(): number {
    const nearest = this.cell[0]!;
    const last = --this.size;
    const cost = this.cost[last]!;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= last) break;
      if (child + 1 < last && this.cost[child + 1]! < this.cost[child]!) child += 1;
      if (cost <= this.cost[child]!) break;
      this.move(child, index);
      index = child;
    }
    this.cost[index] = cost;
    this.cell[index] = this.cell[last]!;
    return nearest;
  }

  private move(from: number, to: number): void {
    this.cost[to] = this.cost[from]!;
    this.cell[to] = this.cell[from]!;
  }
}
