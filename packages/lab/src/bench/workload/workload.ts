/** What a workload is: a computation, its lengths, and the work that is in it. */

/** Lengths by the letters of the documentation. */
export interface Sizes {
  readonly H: number;
  /** Receivers: states of a Hopfield network, slots, queries. */
  readonly N: number;
  /** Senders: patterns, inputs, keys. */
  readonly M: number;
  readonly D: number;
  readonly V: number;
}

/** Scores ⟨query, key⟩/√D over a graph, and what is read or differentiated. */
export interface AttentionTask {
  readonly kind: "attention";
  readonly graph:
    | "complete"
    | "causal"
    /** Causal, and at most this many nodes back. */
    | { readonly back: number }
    /** The same edges as a list. */
    | { readonly back: number; readonly listed: true };
  /** What is added to a score or done to it, beside the graph. */
  readonly edge?: "softcap" | "decay" | "offset" | "slopes";
  readonly reads: "expectation" | "all" | "gradient";
}

export type Task =
  | AttentionTask
  /** Each state moves to the mean of the patterns that it recalls. */
  | { readonly kind: "hopfield"; readonly steps: number }
  /** Slots compete for inputs and move to their mean. */
  | { readonly kind: "slot"; readonly steps: number }
  /** Keys adapt to the queries by EM, then one gather. */
  | { readonly kind: "mixture"; readonly steps: number }
  /** One step of Adam on the two-hop toy: B sequences, the last node is read out. */
  | { readonly kind: "training"; readonly batch: number }
  /** A call on a few nodes, of a declaration or with lengths that have not been met before. */
  | { readonly kind: "compile"; readonly new: "expression" | "lengths" | "nothing" };

export interface Workload {
  /** Name of its rows. */
  readonly name: string;
  readonly task: Task;
  readonly sizes: Sizes;
  /** Lengths of `--quick`, which says that everything runs and nothing about speed. */
  readonly quick: Sizes;
  /** Who runs it: everyone, or Edgewise's own engines alone. */
  readonly peers: "all" | readonly string[];
}

/** Workloads that take turns in one run, so that ratios between them may be taken. */
export interface Suite {
  readonly name: string;
  readonly summary: string;
  readonly workloads: readonly Workload[];
}

/** Workload with the lengths of `--quick`. */
export function quickened(workload: Workload): Workload {
  const { task, quick } = workload;
  const smaller =
    task.kind === "training"
      ? { ...task, batch: 8 }
      : task.kind === "attention" && typeof task.graph === "object"
        ? { ...task, graph: { ...task.graph, back: task.graph.back / 8 } }
        : task;
  return { ...workload, task: smaller, sizes: quick };
}
