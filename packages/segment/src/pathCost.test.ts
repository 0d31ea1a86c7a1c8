import { expect, it } from "vitest";
import { landscape } from "../test/testScenes.ts";
import { cutIntoCells } from "./cells.ts";
import { featuresOf } from "./features.ts";
import { pathCosts, pathGraph } from "./pathCost.ts";
import { workingImage } from "./picture.ts";

it("finds the same path costs as relaxing every edge until nothing changes", () => {
  const image = workingImage(landscape(60, 40));
  const cells = cutIntoCells(image, { most: 150 });
  const graph = pathGraph(cells, featuresOf(image, cells));
  const slow = new Float64Array(cells.count).fill(Number.POSITIVE_INFINITY);
  slow[5] = 0;
  for (let round = 0; round < cells.count; round++) {
    graph.neighbours.forEach((others, cell) => {
      others.forEach((other, index) => {
        slow[other] = Math.min(slow[other]!, slow[cell]! + graph.cost[cell]![index]!);
      });
    });
  }
  const fast = pathCosts(graph, 5);
  fast.forEach((cost, cell) => {
    expect(cost).toBeCloseTo(slow[cell]!, 6);
  });
});
