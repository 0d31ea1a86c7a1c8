/** Nodes as tensors, and what is read of them. */
import type { Tensor } from "edgewise";
import type { Point } from "../state/view.ts";
import type { Data, End, Nodes } from "./mechanism.ts";

/** Features as [1, N, D] or, with `heads`, as [1, 1, N, D]. */
export function tensorOf({ features, width }: Nodes, lead: 0 | 1 | 2, scale = 1): Tensor {
  const data = scale === 1 ? features : features.map((feature) => scale * feature);
  return { data, shape: [...Array<number>(lead).fill(1), features.length / width, width] };
}

export const countOf = ({ features, width }: Nodes): number => features.length / width;

/** Nodes from `from` up to `to`, as arrays count. */
export function sliced(nodes: Nodes, from: number, to?: number): Nodes {
  const { features, width, places, labels, isPlane } = nodes;
  const count = countOf(nodes);
  const [first, end] = [from, to ?? count].map((at) => (at < 0 ? count + at : at)) as [
    number,
    number,
  ];
  return {
    ...{ width, isPlane, places: places.slice(first, end), labels: labels.slice(first, end) },
    features: features.subarray(first * width, end * width),
  };
}

/** The two ends of the edges: their nodes, and how they are told of. */
export interface Ends {
  readonly query: Nodes;
  readonly key: Nodes;
  readonly value: Nodes;
  readonly receivers: End;
  readonly senders: End;
  readonly isOneSet: boolean;
}

const endOf = ({ labels }: Nodes, first: number): End => ({
  labels,
  nodes: labels.map((_, k) => first + k),
});

/** Every node with every node or, of files, queries with keys. */
export function wholeEnds({ query, key, value }: Data): Ends {
  const isOneSet = query === key;
  const receivers = endOf(query, 0);
  const senders = isOneSet ? receivers : endOf(key, countOf(query));
  return { query, key, value, receivers, senders, isOneSet };
}

/** The first nodes with the last `count` of them or, of files, queries with keys. */
export function splitEnds(data: Data, count = Math.floor(countOf(data.query) / 2)): Ends {
  if (data.query !== data.key) return wholeEnds(data);
  const first = countOf(data.query) - count;
  const [query, key] = [sliced(data.query, 0, first), sliced(data.query, first)];
  const ends = { query, key, value: key, isOneSet: false };
  return { ...ends, receivers: endOf(query, 0), senders: endOf(key, first) };
}

/** Numbers of a tensor in single precision, as they are where they are so. */
export function floats(tensor: Tensor | undefined): Float32Array {
  if (tensor === undefined) throw new TypeError("a reading is missing");
  const { data } = tensor;
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>);
}

/** Nats of each row of shares, [rows] */
export function entropies(weights: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: weights.length / width }, (_, row) => {
    let nats = 0;
    for (let at = row * width; at < (row + 1) * width; at++) {
      const share = weights[at] as number;
      if (share > 0) nats -= share * Math.log(share);
    }
    return nats;
  });
}

/** [rows, columns] turned around. */
export function transposed(weights: Float32Array, rows: number): Float32Array {
  const columns = weights.length / rows;
  return Float32Array.from(
    weights,
    (_, at) => weights[(at % rows) * columns + Math.floor(at / rows)] as number,
  );
}

/** −precision / 2 · squared distance of every two nodes, nats, [rows, columns] */
export function closeness(rows: Nodes, columns: Nodes, precision: number): Float32Array {
  const [a, b, { width }] = [rows.features, columns.features, rows];
  const count = countOf(columns);
  return Float32Array.from({ length: countOf(rows) * count }, (_, at) => {
    const [row, column] = [Math.floor(at / count) * width, (at % count) * width];
    let squared = 0;
    for (let d = 0; d < width; d++)
      squared += ((a[row + d] as number) - (b[column + d] as number)) ** 2;
    return (-precision / 2) * squared;
  });
}

/** Places of a tensor of points of the plane. */
export function pointsOf(data: Float32Array, scale = 1): Point[] {
  return Array.from(
    { length: data.length / 2 },
    (_, k): Point => [(data[2 * k] as number) / scale, (data[2 * k + 1] as number) / scale],
  );
}

/** For each column the mean place of what has weight on it, [columns]; `else` where nothing has. */
export function centres(
  weights: Float32Array,
  places: readonly Point[],
  before: readonly Point[],
): Point[] {
  const columns = weights.length / places.length;
  return Array.from({ length: columns }, (_, column): Point => {
    let [x, y, mass] = [0, 0, 0];
    places.forEach(([across, up], row) => {
      const weight = weights[row * columns + column] as number;
      [x, y, mass] = [x + weight * across, y + weight * up, mass + weight];
    });
    return mass > 1e-9 ? [x / mass, y / mass] : (before[column] ?? [0, 0]);
  });
}
