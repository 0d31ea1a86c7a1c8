import type { Cells } from "./cells.ts";
import { type Features, squaredDifference } from "./features.ts";

/** Cells that one can step to from each cell, and what the step costs. */
export interface PathGraph {
  readonly neighbours: Cells["neighbours"];
  /** Cost of each step in `neighbours`, same order, squared feature units. */
  readonly cost: readonly Float64Array[];
  /** Mean column and row of each cell, [count, 2], in sides of a cell. */
  readonly centre: Float64Array;
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
  const cost = neighbours.map((others, cell) =>
    Float64Array.from(
      others,
      (other) =>
        stepCost * straightDistance(centre, cell, other) + squaredDifference(features, cell, other),
    ),
  );
  return { neighbours, cost, centre };
}

/**
 * How far apart one cell and every cell are, [count]: cheapest path plus straight distance.
 *
 * Paths alone would tie: from cell to cell one goes as a rook does, and of two clicks on a
 * diagonal neither is nearer to a whole quarter of an even surface. The straight line decides.
 */
export function separations(graph: PathGraph, from: number): Float64Array {
  return pathCosts(graph, from).map(
    (cost, cell) => cost + straightCost * straightDistance(graph.centre, from, cell),
  );
}

function straightDistance(centre: Float64Array, one: number, other: number): number {
  return Math.hypot(
    centre[one * 2]! - centre[other * 2]!,
    centre[one * 2 + 1]! - centre[other * 2 + 1]!,
  );
}

/**
 * Cost of the cheapest path from one cell to every cell, [count].
 *
 * @source Dijkstra (1959), "A note on two problems in connexion with graphs".
 * @cost   O(edges · log(count))
 */
export function pathCosts({ neighbours, cost }: PathGraph, from: number): Float64Array {
  const least = new Float64Array(neighbours.length).fill(Number.POSITIVE_INFINITY);
  least[from] = 0;
  const frontier: Frontier = [[0, from]];
  while (frontier.length > 0) {
    const [reached, cell] = takeNearest(frontier);
    if (reached > least[cell]!) continue;
    const others = neighbours[cell]!;
    for (let index = 0; index < others.length; index++) {
      const other = others[index]!;
      const total = reached + cost[cell]![index]!;
      if (total >= least[other]!) continue;
      least[other] = total;
      insert(frontier, [total, other]);
    }
  }
  return least;
}

type Visit = readonly [cost: number, cell: number];

/** Binary heap: no entry costs less than its parent at (index − 1) / 2. */
type Frontier = Visit[];

function insert(frontier: Frontier, visit: Visit): void {
  let index = frontier.length;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (frontier[parent]![0] <= visit[0]) break;
    frontier[index] = frontier[parent]!;
    index = parent;
  }
  frontier[index] = visit;
}

function takeNearest(frontier: Frontier): Visit {
  const nearest = frontier[0]!;
  const moved = frontier.pop()!;
  if (frontier.length === 0) return nearest;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= frontier.length) break;
    if (child + 1 < frontier.length && frontier[child + 1]![0] < frontier[child]![0]) child += 1;
    if (moved[0] <= frontier[child]![0]) break;
    frontier[index] = frontier[child]!;
    index = child;
  }
  frontier[index] = moved;
  return nearest;
}
