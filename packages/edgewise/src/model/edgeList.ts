import type { Tensor } from "../array/tensor.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { type Graph, isList, listTensors } from "./graph.ts";

/** Lengths and data that a list of edges is made from. */
export interface ListContext {
  readonly receivers: number;
  readonly senders: number;
  /** Position of the first receiver among the senders. */
  readonly offset: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/**
 * Compressed rows of a graph's edges by their chooser: where each row starts, and the
 * alternatives in rising order, each edge once.
 *
 * @throws bad_model for an edge to a node that is not there
 * @cost O(E) time and memory
 */
export function edgeList(
  graph: Graph,
  chooser: "receiver" | "sender",
  context: ListContext,
): Record<string, Tensor> {
  const rows = Array.from({ length: context.receivers }, (_, i) => i);
  const bySender = rowsOf(graph, context);
  const byReceiver = rows.map((i) => bySender(i));
  const chosen = chooser === "receiver" ? byReceiver : transpose(byReceiver, context.senders);
  const rowStart = new Int32Array(chosen.length + 1);
  chosen.forEach((row, k) => {
    rowStart[k + 1] = (rowStart[k] as number) + row.length;
  });
  const alternative = Int32Array.from(chosen.flat());
  return {
    [listTensors.rowStart]: { data: rowStart, shape: [rowStart.length] },
    [listTensors.alternative]: { data: alternative, shape: [alternative.length] },
  };
}

function transpose(rows: readonly (readonly number[])[], senders: number): number[][] {
  const columns = Array.from({ length: senders }, (): number[] => []);
  rows.forEach((row, i) => {
    for (const j of row) columns[j]?.push(i);
  });
  return columns;
}

type Rows = (receiver: number) => number[];

/** Senders of each receiver, in rising order. */
function rowsOf(graph: Graph, context: ListContext): Rows {
  const { senders, offset } = context;
  const range = (from: number, to: number): number[] => {
    const [low, high] = [Math.max(0, from), Math.min(senders, to)];
    return Array.from({ length: Math.max(0, high - low) }, (_, k) => low + k);
  };
  switch (graph.kind) {
    case "complete":
      return () => range(0, senders);
    case "causal":
      return (i) => range(0, i + offset + 1);
    case "window":
      return (i) =>
        range(
          i + offset - (graph.back ?? Number.POSITIVE_INFINITY),
          i + offset + (graph.ahead ?? Number.POSITIVE_INFINITY) + 1,
        );
    case "withoutSelf":
      return (i) => range(0, senders).filter((j) => j !== i + offset);
    case "edges":
      return listed(graph.pairs, context);
    case "edgesFrom":
      return listed(pairsOf(graph.tensor, context), context);
    case "blocks":
      return (i) => {
        const row = graph.pattern[Math.floor(i / graph.size)] ?? [];
        return row.flatMap((on, c) => (on ? range(c * graph.size, (c + 1) * graph.size) : []));
      };
    case "intersection": {
      // Lists first: the others only have to say whether they admit an edge.
      const [first, ...rest] = [...graph.of].sort((a, b) => Number(isList(b)) - Number(isList(a)));
      const start = first === undefined ? () => range(0, senders) : rowsOf(first, context);
      const members = rest.map((part) => member(part, context));
      return (i) => members.reduce((row, part) => row.filter(part(i)), start(i));
    }
    case "union": {
      const parts = graph.of.map((part) => rowsOf(part, context));
      return (i) => [...new Set(parts.flatMap((part) => part(i)))].sort((a, b) => a - b);
    }
    default:
      return graph satisfies never;
  }
}

/** Whether a graph admits an edge: from its rule where it has one, else from its list. */
function member(
  graph: Graph,
  context: ListContext,
): (receiver: number) => (sender: number) => boolean {
  const { offset } = context;
  switch (graph.kind) {
    case "complete":
      return () => () => true;
    case "causal":
      return (i) => (j) => j <= i + offset;
    case "window": {
      const { back, ahead } = graph;
      return (i) => (j) =>
        (back === null || j >= i + offset - back) && (ahead === null || j <= i + offset + ahead);
    }
    case "withoutSelf":
      return (i) => (j) => j !== i + offset;
    case "edges":
    case "edgesFrom":
    case "blocks":
    case "union":
    case "intersection": {
      const rows = rowsOf(graph, context);
      return (i) => {
        const row = new Set(rows(i));
        return (j) => row.has(j);
      };
    }
    default:
      return graph satisfies never;
  }
}

function pairsOf(name: string, { tensors }: ListContext): [number, number][] {
  const tensor = tensors[name];
  if (tensor === undefined || tensor.shape.length !== 2 || tensor.shape[1] !== 2)
    throw new EdgewiseError({
      code: tensor === undefined ? "missing_tensor" : "shape_mismatch",
      where: "graph",
      got:
        tensor === undefined
          ? `no tensor ${name}`
          : `${name} with shape [${tensor.shape.join(", ")}]`,
      expected: `${name} [E, 2]: receiver and sender of each edge`,
      fix: `give ${name} as { data, shape: [E, 2] }`,
    });
  return Array.from({ length: tensor.shape[0] as number }, (_, e) => [
    tensor.data[2 * e] as number,
    tensor.data[2 * e + 1] as number,
  ]);
}

function listed(
  pairs: readonly (readonly [number, number])[],
  { receivers, senders }: ListContext,
): Rows {
  const rows = new Map<number, Set<number>>();
  pairs.forEach(([i, j], e) => {
    const inside =
      Number.isInteger(i) &&
      Number.isInteger(j) &&
      i >= 0 &&
      j >= 0 &&
      i < receivers &&
      j < senders;
    if (!inside)
      throw new EdgewiseError({
        code: "bad_model",
        where: "graph",
        got: `edge ${e} from sender ${j} to receiver ${i}`,
        expected: `a receiver from 0 to ${receivers - 1} and a sender from 0 to ${senders - 1}`,
        fix: "list edges as [receiver, sender] among the nodes that are given",
      });
    if (!rows.has(i)) rows.set(i, new Set());
    rows.get(i)?.add(j);
  });
  return (i) => [...(rows.get(i) ?? [])].sort((a, b) => a - b);
}
