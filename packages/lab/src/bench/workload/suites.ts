import type { AttentionTask, Sizes, Suite, Task, Workload } from "./workload.ts";

const own = ["edgewise-wasm"];

/** Self attention of N nodes: as many senders as receivers, values as wide as keys. */
const square = (H: number, N: number, D = 64): Sizes => ({ H, N, M: N, D, V: D });

/** Workload whose short form has lengths of its own. */
function workload(
  name: string,
  task: Task,
  sizes: Sizes,
  quick: Sizes,
  peers: Workload["peers"] = "all",
): Workload {
  return { name, task, sizes, quick, peers };
}

function attention(
  name: string,
  sizes: Sizes,
  options: Partial<Omit<AttentionTask, "kind">> & { peers?: Workload["peers"] } = {},
): Workload {
  const { peers = "all", graph = "complete", reads = "expectation", ...rest } = options;
  const quick = square(Math.min(sizes.H, 2), sizes.N > 2048 ? 256 : Math.min(sizes.N, 128), 16);
  const task: AttentionTask = { kind: "attention", graph, reads, ...rest };
  return workload(name, task, sizes, quick, peers);
}

const many = square(8, 1024);
const most = square(8, 4096);

/** What `edgewise bench` knows, in the order in which it runs. */
export const suites: readonly Suite[] = [
  {
    name: "dense-1024",
    summary: "attention without structure, 8 heads, 1024 nodes, width 64",
    workloads: [attention("dense-1024", many)],
  },
  {
    name: "dense-4096",
    summary: "the same with 4096 nodes; and with log evidence and entropy read beside",
    workloads: [
      attention("dense-4096", most),
      attention("dense-4096-readings", most, { reads: "all", peers: own }),
    ],
  },
  {
    name: "backward-1024",
    summary: "gradients by query, key and value: forward and backward",
    workloads: [attention("backward-1024", many, { reads: "gradient" })],
  },
  {
    name: "backward-4096",
    summary: "the same with 4096 nodes",
    workloads: [attention("backward-4096", most, { reads: "gradient" })],
  },
  {
    name: "recency-4096",
    summary: "causal, each head's prior decays with distance at its own slope",
    workloads: [attention("recency-4096", most, { graph: "causal", edge: "slopes" })],
  },
  {
    name: "recency-16384",
    summary: "the same with 16384 nodes and one head",
    workloads: [attention("recency-16384", square(1, 16384), { graph: "causal", edge: "slopes" })],
  },
  {
    name: "window-256",
    summary: "causal, 256 nodes back, 16384 nodes, 2 heads; and dense attention, edge for edge",
    workloads: [
      attention("window-256", square(2, 16384), { graph: { back: 256 } }),
      attention("window-256-dense", square(2, 1024), { peers: own }),
    ],
  },
  {
    name: "expressions",
    summary: "what a potential or a prior as a text costs, over plain dense attention",
    workloads: [
      attention("expressions-plain", many, { peers: own }),
      attention("expressions-softcap", many, { edge: "softcap", peers: own }),
      attention("expressions-decay", many, { edge: "decay", peers: own }),
      attention("expressions-offset", many, { edge: "offset", peers: own }),
    ],
  },
  {
    name: "slot",
    summary: "7 slots compete for 16384 inputs, 3 steps",
    workloads: [
      workload(
        "slot",
        { kind: "slot", steps: 3 },
        { H: 1, N: 7, M: 16384, D: 64, V: 64 },
        { H: 1, N: 7, M: 256, D: 16, V: 16 },
      ),
    ],
  },
  {
    name: "hopfield",
    summary: "64 states recall among 65536 patterns of width 128, 3 steps",
    workloads: [
      workload(
        "hopfield",
        { kind: "hopfield", steps: 3 },
        { H: 1, N: 64, M: 65536, D: 128, V: 128 },
        { H: 1, N: 8, M: 512, D: 16, V: 16 },
      ),
    ],
  },
  {
    name: "mixture",
    summary: "9600 keys adapt to 9600 queries of width 8 in 3 steps of EM, then one gather",
    workloads: [mixture("mixture", 3, "all"), mixture("mixture-step", 1, own)],
  },
  {
    name: "training",
    summary: "a training step of the two-hop toy: 128 sequences of 8 nodes, width 16, Adam",
    workloads: [
      workload(
        "training",
        { kind: "training", batch: 128 },
        { H: 1, N: 8, M: 8, D: 16, V: 1 },
        { H: 1, N: 8, M: 8, D: 16, V: 1 },
      ),
    ],
  },
  {
    name: "small",
    summary: "one call on 16 nodes of width 16",
    workloads: [attention("small", square(1, 16, 16))],
  },
  {
    name: "growth",
    summary: "what time and memory grow with: nodes, window, edges",
    workloads: [
      attention("growth-nodes-8192", square(2, 8192), { graph: { back: 256 }, peers: own }),
      attention("growth-nodes-16384", square(2, 16384), { graph: { back: 256 }, peers: own }),
      attention("growth-window-512", square(2, 16384), { graph: { back: 512 }, peers: own }),
      attention("growth-list", square(2, 8192), {
        graph: { back: 256, listed: true },
        peers: own,
      }),
      attention("growth-dense-4096", square(2, 4096), { peers: own }),
      attention("growth-causal-4096", square(2, 4096), { graph: "causal", peers: own }),
    ],
  },
  {
    name: "reference",
    summary: "the plain reference beside the engine, 256 nodes",
    workloads: [
      attention("reference-256", square(8, 256), {
        peers: ["edgewise-wasm", "edgewise-reference"],
      }),
    ],
  },
  {
    name: "compile",
    summary: "a declaration that is new, compiled and called once on 16 nodes",
    workloads: (["expression", "lengths", "nothing"] as const).map((what) =>
      workload(
        what === "nothing" ? "compile-known" : `compile-${what}`,
        { kind: "compile", new: what },
        square(1, 16, 16),
        square(1, 16, 16),
        own,
      ),
    ),
  },
];

/** What runs in a page too. */
export const browserSuites: readonly Suite[] = suites.filter(({ name }) => name === "dense-1024");

function mixture(name: string, steps: number, peers: Workload["peers"]): Workload {
  const sizes = { H: 1, N: 9600, M: 9600, D: 8, V: 8 };
  const quick = { H: 1, N: 160, M: 160, D: 8, V: 8 };
  return workload(name, { kind: "mixture", steps }, sizes, quick, peers);
}
