/** What is asked of a peer in its own process or page, and what it answers. */
import type { Ceilings } from "../ceilings/ceilings.ts";
import type { Expected, Picks, Rows } from "../check/rows.ts";
import type { InputSpec } from "../workload/inputs.ts";
import type { Workload } from "../workload/workload.ts";

export type Request =
  | { readonly kind: "load"; readonly peer: string; readonly threads: number }
  | {
      readonly kind: "open";
      readonly workload: Workload;
      /** For peers in other languages, which know no workloads. */
      readonly specs: readonly InputSpec[];
    }
  | { readonly kind: "call"; readonly calls: number }
  | { readonly kind: "rows"; readonly picks: Picks }
  | { readonly kind: "memory" }
  /** What the formulas say of a workload. */
  | { readonly kind: "expected"; readonly workload: Workload }
  | { readonly kind: "ceilings" }
  | { readonly kind: "peak" };

/** Answers by the kind of the request; times are in milliseconds, of one call. */
export interface Answers {
  readonly load: { readonly versions: Readonly<Record<string, string>> };
  readonly open: { readonly milliseconds: number };
  readonly call: { readonly milliseconds: number };
  readonly rows: { readonly rows: Rows };
  /** Greatest resident memory since the library was loaded, beyond what it took by then. */
  readonly memory: { readonly mebibytes: number | null };
  readonly expected: Expected;
  readonly ceilings: Ceilings;
  readonly peak: { readonly gflops: number };
}

export type Answer<Kind extends Request["kind"]> = Answers[Kind];

/** Connection to one peer. */
export interface Line {
  /** @throws when the peer fails, ends, or takes longer than it may */
  ask<Asked extends Request>(request: Asked): Promise<Answer<Asked["kind"]>>;
  /** Ends whatever is on the other side, at once. */
  end(): void;
}

/** End of a peer that was still to answer. */
export class PeerEnded extends Error {}

/** Answers as they travel: with the number of the request, or what went wrong. */
export type Envelope = { readonly id: number } & (
  | { readonly error: string }
  | { readonly [key: string]: unknown }
);
