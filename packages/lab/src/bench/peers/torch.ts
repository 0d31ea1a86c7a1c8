/** PyTorch, in a Python of its own: `torchPeer.py` beside this file answers for it. */
import type { Workload } from "../workload/workload.ts";
import type { PeerFacts } from "./peer.ts";

const facts = {
  runtime: "native",
  packages: ["torch"],
  install: "pip install torch, for the python3 in the path or the one that EDGEWISE_PYTHON names",
  threaded: () => true,
} as const;

export const torchPeers: readonly PeerFacts[] = [
  {
    name: "torch",
    ...facts,
    runs: ({ task, peers }) => peers === "all" && task.kind !== "compile",
  },
  { name: "torch-eager", ...facts, runs: runsEager },
  { name: "torch-flex", ...facts, runs: runsFlex },
];

/** Plain operations are told apart where a fused one replaces them. */
function runsEager({ task, peers, name }: Workload): boolean {
  if (peers !== "all") return false;
  return task.kind === "attention" ? task.graph === "complete" && name !== "small" : false;
}

function runsFlex({ task, peers }: Workload): true | false | string {
  if (peers !== "all" || task.kind !== "attention") return false;
  if (task.reads === "gradient") return "FlexAttention has no gradient on a processor";
  return task.graph !== "complete" || task.edge !== undefined;
}
