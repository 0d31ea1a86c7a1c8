/** A peer: what computes the workloads, Edgewise's engines among them. */
import type { Workload } from "../workload/workload.ts";

/** Output of a call, with its rows in the order of the documentation's letters. */
export interface Output {
  readonly data: ArrayLike<number>;
  /** Numbers in a row: the extent of the last axis. */
  readonly width: number;
  /** Place in `data` of a row; row k lies k widths on where it is left out. */
  readonly start?: (row: number) => number;
}

/** A workload made ready: compiled, with its inputs in host memory. */
export interface Opened {
  /** One call, from inputs in host memory to outputs in host memory. */
  call(): Promise<void> | void;
  /** Outputs of the last call. */
  outputs(): Readonly<Record<string, Output>>;
  close?(): void;
}

/** A peer's library in a process or a page of its own. */
export interface Loaded {
  /** Versions of what was loaded, by package. */
  readonly versions: Readonly<Record<string, string>>;
  open(workload: Workload): Promise<Opened>;
}

/** How a peer gets its packages where it runs. */
export interface Host {
  readonly runtime: "node" | "chromium";
  readonly threads: number;
  /** A package by its name. @throws when it is not installed */
  library(name: string): Promise<unknown>;
  version(name: string): string;
}

/** What is known of a peer before anything of it is loaded. */
export interface PeerFacts {
  readonly name: string;
  /** What runs its products: WebAssembly, the processor's own instructions, or plain JavaScript. */
  readonly runtime: "wasm" | "native" | "javascript";
  readonly packages: readonly string[];
  /** How to get it, for whoever lacks it. */
  readonly install: string;
  /** Whether it runs on more than one thread there. */
  threaded(where: Host["runtime"]): boolean;
  /** Whether it takes part in a workload; a text says why it cannot. */
  runs(workload: Workload): true | false | string;
}

export interface Peer extends PeerFacts {
  load(host: Host): Promise<Loaded>;
}

/** Row of a tensor [1, H, N, D] in one that is stored as [1, N, H, D]. */
export function nodesFirst(heads: number, nodes: number, width: number): (row: number) => number {
  return (row) => ((row % nodes) * heads + Math.floor(row / nodes)) * width;
}
