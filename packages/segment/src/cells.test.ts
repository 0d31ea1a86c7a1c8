import { describe, expect, it } from "vitest";
import { landscape } from "../test/testScenes.ts";
import { type Cells, cutIntoCells } from "./cells.ts";
import { around } from "./fragments.ts";
import { workingImage } from "./picture.ts";

/** Number of connected pieces that the cells make (4 neighbours). */
function pieceNumber({ of, width, height }: Cells): number {
  const seen = new Uint8Array(of.length);
  let pieces = 0;
  for (let start = 0; start < of.length; start++) {
    if (seen[start] === 1) continue;
    pieces += 1;
    const open = [start];
    seen[start] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of around(at, width, height)) {
        if (seen[next] === 1 || of[next] !== of[at]) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
  }
  return pieces;
}

describe("cutIntoCells", () => {
  it.each([
    [1, 1],
    [1, 90],
    [2000, 2],
    [2, 3000],
    [40, 30],
    [240, 160],
    [800, 600],
  ])("makes at most 2200 connected cells that share out a photo of %i × %i", (width, height) => {
    const cells = cutIntoCells(workingImage(landscape(width, height)));
    expect(cells.count).toBeGreaterThan(0);
    expect(cells.count).toBeLessThanOrEqual(2200);
    expect(pieceNumber(cells)).toBe(cells.count);
    expect(cells.size.every((pixels) => pixels > 0)).toBe(true);
    expect(cells.size.reduce((sum, pixels) => sum + pixels, 0)).toBe(cells.of.length);
  });

  it("keeps cells inside regions: their best labelling misses under 2 % of the pixels", () => {
    const scene = landscape(240, 160);
    const cells = cutIntoCells(workingImage(scene));
    const counts = Array.from({ length: cells.count }, () => [0, 0, 0]);
    cells.of.forEach((cell, pixel) => {
      counts[cell]![scene.regions[pixel]!]! += 1;
    });
    const right = counts.reduce((sum, count) => sum + Math.max(...count), 0);
    expect(right / cells.of.length).toBeGreaterThan(0.98);
  });

  it("lists neighbours both ways and never a cell as its own", () => {
    const { neighbours } = cutIntoCells(workingImage(landscape(60, 40)));
    neighbours.forEach((others, cell) => {
      expect(others).not.toContain(cell);
      for (const other of others) expect(neighbours[other]).toContain(cell);
    });
  });
});
