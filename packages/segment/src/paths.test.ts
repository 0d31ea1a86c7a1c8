import { expect, it } from "vitest";
import { landscape } from "../test/testScenes.ts";
import { cutIntoCells } from "./cells.ts";
import { pathCosts, pathGraph, separations } from "./paths.ts";
import { workingImage } from "./picture.ts";

const image = workingImage(landscape(60, 40));
const cells = cutIntoCells(image, { most: 150 });
const graph = pathGraph(cells, { width: 3, data: cells.colour });

/** Every step relaxed until nothing changes. */
function slowly(from: readonly number[]): Float64Array {
  const least = new Float64Array(cells.count).fill(Number.POSITIVE_INFINITY);
  for (const cell of from) least[cell] = 0;
  for (let round = 0; round < cells.count; round++)
    for (let cell = 0; cell < cells.count; cell++)
      for (let step = graph.start[cell]!; step < graph.start[cell + 1]!; step++) {
        const other = graph.to[step]!;
        least[other] = Math.min(least[other]!, least[cell]! + graph.cost[step]!);
      }
  return least;
}

it.each([[[5]], [[5, 80, 149]]])("finds the cheapest paths from %j", (from) => {
  const slow = slowly(from);
  pathCosts(graph, from).forEach((cost, cell) => {
    expect(cost).toBeCloseTo(slow[cell]!, 6);
  });
});

it("adds a tenth of the straight distance, in sides of a cell", () => {
  const paths = pathCosts(graph, [5]);
  separations(graph, [5], [10, 20]).forEach((apart, cell) => {
    const [x, y] = cells.centre.subarray(cell * 2, cell * 2 + 2);
    const straight = Math.hypot(x! - 10, y! - 20) / graph.side;
    expect(apart).toBeCloseTo(paths[cell]! + 0.1 * straight, 9);
  });
});
