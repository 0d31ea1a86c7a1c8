import { slopeOf } from "../workload/inputs.ts";
import type { AttentionTask, Sizes } from "../workload/workload.ts";

/** Receivers that are computed in one call, and the senders that any of them sees. */
export interface ReceiverRange {
  readonly receivers: readonly [from: number, to: number];
  readonly senders: readonly [from: number, to: number];
}

export interface ReceiverBlock extends ReceiverRange {
  /** Added to the scores, [1, H, receivers, senders]; −∞ where there is no edge. */
  readonly bias?: Float32Array;
}

/**
 * A task in blocks of receivers, for peers that hold scores as a matrix: with fewer receivers at a
 * time the matrix fits, and with a window it is the smaller one.
 */
export function receiverRanges(
  task: AttentionTask,
  sizes: Sizes,
  most: number,
): readonly ReceiverRange[] {
  return Array.from({ length: Math.ceil(sizes.N / most) }, (_, k) => {
    const [first, last] = [k * most, Math.min(sizes.N, (k + 1) * most)];
    const senders = [range(task, sizes, first)[0], range(task, sizes, last - 1)[1]] as const;
    return { receivers: [first, last], senders };
  });
}

/** The same with what a matrix has to be added; a bias depends on distance alone, so blocks alike share one. */
export function receiverBlocks(
  task: AttentionTask,
  sizes: Sizes,
  most: number,
): readonly ReceiverBlock[] {
  const ranges = receiverRanges(task, sizes, most);
  if (task.graph === "complete" && task.edge === undefined) return ranges;
  const known = new Map<string, Float32Array>();
  return ranges.map(({ receivers, senders }) => {
    const [[first, last], [from, to]] = [receivers, senders];
    const key = [first - from, last - first, to - from].join();
    const bias = known.get(key) ?? biasOf(task, sizes, receivers, senders);
    known.set(key, bias);
    return { receivers, senders, bias };
  });
}

function range({ graph }: AttentionTask, { M }: Sizes, i: number): readonly [number, number] {
  if (graph === "complete") return [0, M];
  return graph === "causal" ? [0, i + 1] : [Math.max(0, i - graph.back), i + 1];
}

function biasOf(
  task: AttentionTask,
  sizes: Sizes,
  [first, last]: readonly [number, number],
  [from, to]: readonly [number, number],
): Float32Array {
  const width = to - from;
  const bias = new Float32Array(sizes.H * (last - first) * width).fill(Number.NEGATIVE_INFINITY);
  for (let h = 0; h < sizes.H; h++) {
    const slope = task.edge === "slopes" ? slopeOf(h, sizes.H) : 0;
    for (let i = first; i < last; i++) {
      const row = (h * (last - first) + i - first) * width;
      const [start, end] = range(task, sizes, i);
      for (let j = start; j < end; j++) bias[row + j - from] = -slope * (i - j);
    }
  }
  return bias;
}
