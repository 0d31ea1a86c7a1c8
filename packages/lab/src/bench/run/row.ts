import { type Spread, spreadOf } from "../statistics.ts";
import { type Work, workOf } from "../workload/work.ts";
import type { Sizes, Workload } from "../workload/workload.ts";
import type { Contender, Place } from "./contenders.ts";

/**
 * How a row ended: with numbers; with the reason why the peer cannot; with an answer that differs
 * from the formula; or with a failure of its process.
 */
export type Status = "measured" | "cannot" | "wrong" | "failed";

/** One peer on one workload, in the words of `--json`. */
export interface Row {
  readonly suite: string;
  readonly workload: string;
  readonly peer: string;
  readonly place: Place;
  readonly threads: number;
  readonly status: Status;
  readonly reason?: string;
  readonly sizes: Sizes;
  /** Milliseconds of a call, over the rounds. */
  readonly median_ms: number | null;
  readonly p10_ms: number | null;
  readonly p90_ms: number | null;
  readonly rounds: number;
  /** Calls of each round, whose mean is what a round measured. */
  readonly calls: number;
  /** Compiling, and matrices that are built beforehand; then the first call. */
  readonly prepare_ms: number | null;
  readonly first_ms: number | null;
  readonly edges: number | null;
  readonly gflops: number | null;
  readonly edges_per_second: number | null;
  /** Part of what the threads' products could reach in WebAssembly, measured between the rounds. */
  readonly ceiling_fraction: number | null;
  /** Rate of products alone on one thread between the rounds: what the part is taken of. */
  readonly ceiling_gflops: number | null;
  readonly memory_mib: number | null;
  /** Largest relative error of sampled rows. */
  readonly error: number | null;
}

/** What a measurement leaves behind; what did not come about is left out. */
export interface Measured {
  readonly milliseconds?: readonly number[];
  readonly calls?: number;
  readonly prepare?: number;
  readonly first?: number;
  readonly memory?: number | null;
  readonly error?: number;
  /** Peak of one thread, GFLOP/s. */
  readonly ceiling?: number;
}

export interface Subject {
  readonly suite: string;
  readonly workload: Workload;
  readonly contender: Contender;
  readonly threads: number;
}

export function rowOf(
  { suite, workload, contender, threads }: Subject,
  status: Status,
  measured: Measured,
  reason?: string,
): Row {
  const { milliseconds = [], calls = 0, ceiling } = measured;
  const times: Spread | undefined = milliseconds.length > 0 ? spreadOf(milliseconds) : undefined;
  const work: Work | undefined = workOf(workload);
  const seconds = times === undefined ? undefined : times.median / 1000;
  const rate = (amount: number | undefined): number | null =>
    amount === undefined || seconds === undefined ? null : amount / seconds;
  const flops = rate(work?.flops);
  return {
    suite,
    workload: workload.name,
    peer: contender.peer.name,
    place: contender.place,
    threads,
    status,
    ...(reason !== undefined && { reason }),
    sizes: workload.sizes,
    median_ms: times?.median ?? null,
    p10_ms: times?.p10 ?? null,
    p90_ms: times?.p90 ?? null,
    rounds: milliseconds.length,
    calls,
    prepare_ms: measured.prepare ?? null,
    first_ms: measured.first ?? null,
    edges: work?.edges ?? null,
    gflops: flops === null ? null : flops / 1e9,
    edges_per_second: rate(work?.edges),
    ceiling_fraction:
      flops === null || ceiling === undefined ? null : flops / 1e9 / (ceiling * threads),
    ceiling_gflops: ceiling ?? null,
    memory_mib: measured.memory ?? null,
    error: measured.error ?? null,
  };
}
