import type { Tensor } from "../array/tensor.ts";
import { edgeList } from "./edgeList.ts";
import { type Graph, intersection } from "./graph.ts";

/**
 * Turn of each node, so that no edge joins two nodes of one turn: greedy colours of the graphs, in
 * the order of the nodes.
 *
 * @source docs/mathematics.md, 4.2: nodes that an edge joins must not move at once.
 */
export function turnsOf(
  graphs: readonly Graph[],
  nodes: number,
  tensors: Readonly<Record<string, Tensor>>,
): Float64Array {
  const neighbours = Array.from({ length: nodes }, () => new Set<number>());
  for (const graph of graphs)
    for (const [i, j] of pairsOf(graph, nodes, tensors)) {
      neighbours[i]?.add(j);
      neighbours[j]?.add(i);
    }
  const turns = new Float64Array(nodes);
  for (let node = 0; node < nodes; node++) {
    const taken = new Set(
      [...(neighbours[node] as Set<number>)]
        .filter((other) => other < node)
        .map((other) => turns[other]),
    );
    let turn = 0;
    while (taken.has(turn)) turn++;
    turns[node] = turn;
  }
  return turns;
}

function* pairsOf(
  graph: Graph,
  nodes: number,
  tensors: Readonly<Record<string, Tensor>>,
): Generator<readonly [number, number]> {
  const list = edgeList(intersection(graph), "receiver", {
    receivers: nodes,
    senders: nodes,
    offset: 0,
    tensors,
  });
  const rowStart = list["edges rowStart"]?.data ?? [];
  const alternative = list["edges alternative"]?.data ?? [];
  for (let i = 0; i < nodes; i++)
    for (let e = rowStart[i] as number; e < (rowStart[i + 1] as number); e++)
      yield [i, alternative[e] as number];
}
