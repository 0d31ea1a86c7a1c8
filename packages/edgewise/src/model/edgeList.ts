import type { Tensor } from "../array/tensor.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { type Graph, listTensors } from "./graph.ts";

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
 * @cost   O(E) time and memory, where the parts of an intersection are of like size
 */
export function edgeList(
  graph: Graph,
  chooser: "receiver" | "sender",
  context: ListContext,
): Record<string, Tensor> {
  // The common case needs no lists in between.
  if (graph.kind === "edgesFrom" && chooser === "receiver") {
    const { start, senders } = compressed(flatOf(graph.tensor, context), context);
    return lists(start, senders);
  }
  const source = sourceOf(graph, context);
  const owners = chooser === "receiver" ? context.receivers : context.senders;
  const rowStart = new Int32Array(owners + 1);
  const edges = new Numbers();
  if (chooser === "receiver") {
    for (let i = 0; i < owners; i++) {
      for (const j of source.list(i)) edges.push(j);
      rowStart[i + 1] = edges.length;
    }
  } else transpose(source, context, rowStart, edges);
  return lists(rowStart, edges.array());
}

const lists = (rowStart: Int32Array, alternative: Int32Array): Record<string, Tensor> => ({
  [listTensors.rowStart]: { data: rowStart, shape: [rowStart.length] },
  [listTensors.alternative]: { data: alternative, shape: [alternative.length] },
});

/** The same edges by sender: counted first, then placed. */
function transpose(
  source: Source,
  { receivers, senders }: ListContext,
  rowStart: Int32Array,
  edges: Numbers,
): void {
  for (let i = 0; i < receivers; i++)
    for (const j of source.list(i)) rowStart[j + 1] = (rowStart[j + 1] as number) + 1;
  for (let j = 0; j < senders; j++)
    rowStart[j + 1] = (rowStart[j + 1] as number) + (rowStart[j] as number);
  const place = rowStart.slice(0, senders);
  const data = edges.reserve(rowStart[senders] as number);
  for (let i = 0; i < receivers; i++) {
    for (const j of source.list(i)) {
      data[place[j] as number] = i;
      place[j] = (place[j] as number) + 1;
    }
  }
}

/** Growing list of whole numbers. */
class Numbers {
  length = 0;
  private data = new Int32Array(1024);

  push(value: number): void {
    if (this.length === this.data.length) {
      const wider = new Int32Array(2 * this.length);
      wider.set(this.data);
      this.data = wider;
    }
    this.data[this.length++] = value;
  }

  reserve(length: number): Int32Array {
    this.data = new Int32Array(length);
    this.length = length;
    return this.data;
  }

  array(): Int32Array {
    return this.data.slice(0, this.length);
  }
}

/** Edges of one graph: at most how many a receiver has, which they are, and whether one is there. */
interface Source {
  readonly most: (receiver: number) => number;
  /** Senders in rising order. */
  readonly list: (receiver: number) => readonly number[];
  readonly has: (receiver: number, sender: number) => boolean;
}

function sourceOf(graph: Graph, context: ListContext): Source {
  const { offset } = context;
  switch (graph.kind) {
    case "complete":
      return interval(
        context,
        () => 0,
        () => Number.POSITIVE_INFINITY,
      );
    case "causal":
      return interval(
        context,
        () => 0,
        (i) => i + offset + 1,
      );
    case "window": {
      const [back, ahead] = [
        graph.back ?? Number.POSITIVE_INFINITY,
        graph.ahead ?? Number.POSITIVE_INFINITY,
      ];
      return interval(
        context,
        (i) => i + offset - back,
        (i) => i + offset + ahead + 1,
      );
    }
    case "withoutSelf":
      return narrowed(
        interval(
          context,
          () => 0,
          () => Number.POSITIVE_INFINITY,
        ),
        (i, j) => j !== i + offset,
      );
    case "edges":
      return listed(graph.pairs.flat(), context);
    case "edgesFrom":
      return listed(flatOf(graph.tensor, context), context);
    case "blocks":
      return blockSource(graph, context);
    case "intersection":
      return meeting(
        graph.of.map((part) => sourceOf(part, context)),
        context,
      );
    case "union":
      return joined(graph.of.map((part) => sourceOf(part, context)));
    case "motifs":
      // `model/check.ts` refuses such a declaration before.
      throw new EdgewiseError({
        code: "bad_model",
        where: "graph",
        got: "motifs as a list of edges",
        expected: "a graph without motifs",
        fix: "write the list of edges into every motif of the support",
      });
    default:
      return graph satisfies never;
  }
}

function interval(
  { senders }: ListContext,
  from: (i: number) => number,
  to: (i: number) => number,
): Source {
  const ends = (i: number): [number, number] => [Math.max(0, from(i)), Math.min(senders, to(i))];
  const most = (i: number): number => {
    const [low, high] = ends(i);
    return Math.max(0, high - low);
  };
  return {
    most,
    list: (i) => Array.from({ length: most(i) }, (_, k) => ends(i)[0] + k),
    has: (i, j) => j >= from(i) && j < to(i),
  };
}

function narrowed(source: Source, keeps: Source["has"]): Source {
  return {
    most: source.most,
    list: (i) => source.list(i).filter((j) => keeps(i, j)),
    has: (i, j) => source.has(i, j) && keeps(i, j),
  };
}

function blockSource(
  { size, pattern }: Extract<Graph, { kind: "blocks" }>,
  { senders }: ListContext,
): Source {
  const row = (i: number): readonly number[] => pattern[Math.floor(i / size)] ?? [];
  return {
    most: (i) => row(i).reduce((sum, on) => sum + (on ? size : 0), 0),
    list: (i) =>
      row(i).flatMap((on, c) =>
        on
          ? Array.from(
              { length: Math.max(0, Math.min(size, senders - c * size)) },
              (_, k) => c * size + k,
            )
          : [],
      ),
    has: (i, j) => Boolean(row(i)[Math.floor(j / size)]),
  };
}

/** The smallest part is listed; the others only say whether they have an edge. */
function meeting(parts: readonly Source[], context: ListContext): Source {
  if (parts.length === 0) return sourceOf({ kind: "complete" }, context);
  const smallest = (i: number): Source => parts.reduce((a, b) => (b.most(i) < a.most(i) ? b : a));
  return {
    most: (i) => smallest(i).most(i),
    list: (i) => {
      const first = smallest(i);
      const others = parts.filter((part) => part !== first);
      return first.list(i).filter((j) => others.every((part) => part.has(i, j)));
    },
    has: (i, j) => parts.every((part) => part.has(i, j)),
  };
}

function joined(parts: readonly Source[]): Source {
  return {
    most: (i) => parts.reduce((sum, part) => sum + part.most(i), 0),
    list: (i) => [...new Set(parts.flatMap((part) => part.list(i)))].sort((a, b) => a - b),
    has: (i, j) => parts.some((part) => part.has(i, j)),
  };
}

/** Receiver and sender of each edge in turn. */
type Flat = ArrayLike<number>;

function flatOf(name: string, { tensors }: ListContext): Flat {
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
  return tensor.data;
}

/** Edges as compressed rows of receivers, senders in rising order, each edge once. */
interface Rows {
  readonly start: Int32Array;
  readonly senders: Int32Array;
}

function compressed(flat: Flat, context: ListContext): Rows {
  const { receivers } = context;
  const count = flat.length / 2;
  const start = new Int32Array(receivers + 1);
  for (let e = 0; e < count; e++) {
    const receiver = flat[2 * e] as number;
    refuseOutside(e, receiver, flat[2 * e + 1] as number, context);
    start[receiver + 1] = (start[receiver + 1] as number) + 1;
  }
  for (let i = 0; i < receivers; i++)
    start[i + 1] = (start[i + 1] as number) + (start[i] as number);
  const place = start.slice(0, receivers);
  const senders = new Int32Array(count);
  for (let e = 0; e < count; e++) {
    const receiver = flat[2 * e] as number;
    senders[place[receiver] as number] = flat[2 * e + 1] as number;
    place[receiver] = (place[receiver] as number) + 1;
  }
  return withoutRepeats(start, senders);
}

/** Each row sorted, equal neighbours once, in place. */
function withoutRepeats(start: Int32Array, senders: Int32Array): Rows {
  let kept = 0;
  for (let i = 0; i + 1 < start.length; i++) {
    const row = senders.subarray(start[i], start[i + 1]);
    row.sort();
    start[i] = kept;
    for (let k = 0; k < row.length; k++)
      if (k === 0 || row[k] !== senders[kept - 1]) senders[kept++] = row[k] as number;
  }
  start[start.length - 1] = kept;
  return { start, senders: senders.slice(0, kept) };
}

function refuseOutside(
  edge: number,
  i: number,
  j: number,
  { receivers, senders }: ListContext,
): void {
  const inside =
    Number.isInteger(i) && Number.isInteger(j) && i >= 0 && j >= 0 && i < receivers && j < senders;
  if (inside) return;
  throw new EdgewiseError({
    code: "bad_model",
    where: "graph",
    got: `edge ${edge} from sender ${j} to receiver ${i}`,
    expected: `a receiver from 0 to ${receivers - 1} and a sender from 0 to ${senders - 1}`,
    fix: "list edges as [receiver, sender] among the nodes that are given",
  });
}

function listed(flat: Flat, context: ListContext): Source {
  const { start, senders } = compressed(flat, context);
  const row = (i: number): Int32Array => senders.subarray(start[i], start[i + 1]);
  return {
    most: (i) => (start[i + 1] as number) - (start[i] as number),
    list: (i) => [...row(i)],
    has: (i, j) => contains(row(i), j),
  };
}

/** Whether a rising row has a number, by halving. */
function contains(row: Int32Array, wanted: number): boolean {
  let [low, high] = [0, row.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((row[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return row[low] === wanted;
}
