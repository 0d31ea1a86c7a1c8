/** Lists of edges for the lengths and tensors of a call. */
import type { Tensor } from "../array/tensor.ts";
import type { Inputs } from "../engines/engine.ts";
import { edgeList } from "../model/edgeList.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import { type Graph, isList } from "../model/graph.ts";

/** Tensors that a graph reads its edges from. */
export function listInputs(graph: Graph): string[] {
  if (graph.kind === "edgesFrom") return [graph.tensor];
  return graph.kind === "union" || graph.kind === "intersection"
    ? graph.of.flatMap(listInputs)
    : [];
}

/** Extent of a letter of a node's shape, as the inputs have it. */
export function extentOf(
  node: { tensor: string; shape: readonly string[] },
  letter: string,
  inputs: Inputs,
): number {
  return inputs[node.tensor]?.shape[node.shape.indexOf(letter)] ?? 0;
}

/** Compressed rows of a model's edges; none where its graph is no list. */
export function boundList(model: EdgeModel, inputs: Inputs): Record<string, Tensor> {
  const receivers = extentOf(model.nodes.query, "N", inputs);
  const senders = extentOf(model.nodes.key, "M", inputs);
  const offset = model.offset === "last" ? senders - receivers : model.offset;
  if (!isList(model.graph)) return {};
  const { graph, chooser } = model;
  const make = (): Record<string, Tensor> =>
    edgeList(graph, chooser, { receivers, senders, offset, tensors: inputs });
  // What a graph reads may change from call to call; what it says itself does not.
  const read = listInputs(graph).map((name) => inputs[name]?.data ?? []);
  const lengths = [chooser, receivers, senders, offset].join();
  const last = lastLists.get(graph);
  if (last?.lengths === lengths && last.read.every((data, k) => isSame(data, read[k] ?? [])))
    return last.lists;
  const lists = make();
  lastLists.set(graph, {
    lengths,
    lists,
    read: read.map((data) => (Array.isArray(data) ? [] : data.slice())),
  });
  return lists;
}

/** Lists of a graph for the lengths and tensors that it was asked for last. */
const lastLists = new WeakMap<
  Graph,
  {
    readonly lengths: string;
    readonly read: readonly ArrayLike<number>[];
    readonly lists: Record<string, Tensor>;
  }
>();

function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}
