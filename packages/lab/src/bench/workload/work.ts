import type { AttentionTask, Sizes, Workload } from "./workload.ts";

/** Work that is there to do, counted from the support: edges that do not exist count nothing. */
export interface Work {
  /** Edges of all heads, once for each pass over them. */
  readonly edges: number;
  /** Multiplications and additions of products; exponentials are not counted. */
  readonly flops: number;
}

export function workOf({ task, sizes }: Workload): Work | undefined {
  const { N, M, D, V } = sizes;
  switch (task.kind) {
    case "attention": {
      const edges = sizes.H * pairs(task, sizes);
      // Gradient: the two products again, and five more.
      const perEdge = task.reads === "gradient" ? 8 * D + 6 * V : 2 * (D + V);
      return { edges, flops: edges * perEdge };
    }
    case "hopfield":
    case "slot":
      return { edges: N * M * task.steps, flops: 4 * D * N * M * task.steps };
    case "mixture": {
      const edges = N * M * (task.steps + 1);
      return { edges, flops: N * M * (4 * D * task.steps + 2 * (D + V)) };
    }
    case "training":
    case "compile":
      return undefined;
    default:
      return task satisfies never;
  }
}

/** Pairs of receiver and sender in the support of one head. */
function pairs({ graph }: AttentionTask, { N, M }: Sizes): number {
  if (graph === "complete") return N * M;
  const back = graph === "causal" ? N : graph.back;
  const full = Math.max(0, N - back);
  // Receivers that see all `back` nodes before them, and those near the start that see fewer.
  return full * (back + 1) + ((N - full) * (N - full + 1)) / 2;
}
