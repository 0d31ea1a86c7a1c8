import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  complete,
  edges,
  edgesFrom,
  type Graph,
  intersection,
  window,
  withoutSelf,
} from "./graph.ts";
import { turnsOf } from "./turns.ts";

type Pair = readonly [number, number];
/** Edges between different nodes, as plain conditions say. */
const pairsOf = (nodes: number, joins: (i: number, j: number) => boolean): Pair[] =>
  Array.from({ length: nodes * nodes }, (_, k): Pair => [Math.floor(k / nodes), k % nodes]).filter(
    ([i, j]) => i !== j && joins(i, j),
  );

function isProper(turns: Float64Array, pairs: readonly Pair[]): boolean {
  return pairs.every(([i, j]) => turns[i] !== turns[j]);
}

const graphOf = fc.integer({ min: 1, max: 9 }).chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    pairs: fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: nodes - 1 }), fc.integer({ min: 0, max: nodes - 1 })),
      { maxLength: 20, selector: ([i, j]) => i * nodes + j },
    ),
    back: fc.integer({ min: 0, max: 3 }),
    ahead: fc.integer({ min: 0, max: 3 }),
  }),
);

describe("turns", () => {
  test("never give two nodes of one edge the same turn, for any lists of edges, windows and both", () => {
    fc.assert(
      fc.property(graphOf, ({ nodes, pairs, back, ahead }) => {
        const near = (i: number, j: number): boolean => j >= i - back && j <= i + ahead;
        const listed = pairs.filter(([i, j]) => i !== j);
        const cases: [Graph[], readonly Pair[]][] = [
          [[edges(pairs)], listed],
          [[window({ back, ahead })], pairsOf(nodes, near)],
          [
            [edges(pairs), window({ back, ahead })],
            [...listed, ...pairsOf(nodes, near)],
          ],
          [
            [intersection(edges(pairs), window({ back, ahead }))],
            listed.filter(([i, j]) => near(i, j)),
          ],
          [[intersection(withoutSelf(), complete())], pairsOf(nodes, () => true)],
        ];
        for (const [graphs, joined] of cases) {
          const turns = turnsOf(graphs, nodes, {});
          expect(turns.length).toBe(nodes);
          expect(isProper(turns, joined)).toBe(true);
          // No more turns than the most neighbours of a node, and one; none is left out.
          const degrees = Array.from(
            { length: nodes },
            (_, i) =>
              new Set(joined.flatMap(([a, b]) => (a === i ? [b] : b === i ? [a] : []))).size,
          );
          const used = [...new Set(turns)].sort((a, b) => a - b);
          expect(used).toEqual(used.map((_, k) => k));
          expect(used.length).toBeLessThanOrEqual(Math.max(...degrees) + 1);
        }
      }),
      { numRuns: 200, seed: 2023 },
    );
  });

  test("are one for nodes without edges between them, an edge to itself included", () => {
    expect([...turnsOf([edges([[1, 1]])], 3, {})]).toEqual([0, 0, 0]);
    expect([...turnsOf([], 2, {})]).toEqual([0, 0]);
    expect([...turnsOf([complete()], 0, {})]).toEqual([]);
  });

  test("follow edges either way: a node that only receives waits for the one that sends", () => {
    expect([...turnsOf([edges([[0, 1]])], 2, {})]).toEqual([0, 1]);
    expect([...turnsOf([edges([[1, 0]])], 2, {})]).toEqual([0, 1]);
  });

  test("read edges that come as a tensor", () => {
    const pairs = { data: Int32Array.from([0, 2, 2, 1]), shape: [2, 2] };
    expect([...turnsOf([edgesFrom("pairs")], 3, { pairs })]).toEqual([0, 0, 1]);
  });
});
