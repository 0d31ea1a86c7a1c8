import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import type { Graph } from "../model/graph.ts";

/**
 * Graph or sparse attention: each node chooses among its neighbours, uniform prior on them.
 *
 * πᵢⱼ = 1[j ∈ N(i)] / |N(i)|
 *
 * @source Singh & Buckley (2023), graph attention; docs/mathematics.md, 3.3.
 * @limit  A complete neighbourhood gives cross attention.
 * @cost   O(E·(D + V)) time, E the edges of the neighbourhoods.
 */
export function graph(neighbourhood: Graph, options: EdgeModelOptions = {}): EdgeModel {
  return edgeModel({ name: "graph", graph: neighbourhood, ...options });
}
