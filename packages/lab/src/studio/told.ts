/** What a page may know of claims, runs and reruns: safe for a browser. */
import type { ErrorFields } from "edgewise";
import type { Verdict } from "../experiment/experiment.ts";

export { type Difference, differences, flat } from "../run/comparison.ts";

export interface ToldClaim {
  readonly id: string;
  readonly paper: string;
  readonly text: string;
  /** What it is known to come to. */
  readonly known: string;
  /** Experiments that are about it. */
  readonly experiments: readonly string[];
  /** Of the last run that says something of it. */
  readonly verdict?: Verdict;
  readonly run?: number;
}

export interface ToldFigure {
  readonly name: string;
  /** What its files end in, among svg, png and csv. */
  readonly kinds: readonly string[];
}

export interface ToldRun {
  readonly id: number;
  readonly experiment: string;
  readonly size: string;
  readonly seeds: number;
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Seconds of its jobs, added up. */
  readonly seconds: number;
  /** What decides its numbers, seeds apart. */
  readonly settings: object;
  readonly verdicts: readonly Verdict[];
  readonly figures: readonly ToldFigure[];
}

export interface Told {
  readonly claims: readonly ToldClaim[];
  /** The earliest first. */
  readonly runs: readonly ToldRun[];
}

/** How far a rerun is, in jobs. */
export interface ToldProgress {
  /** Jobs that are done, with the shares that are done of those that go on. */
  readonly done: number;
  readonly ended: number;
  readonly all: number;
  /** What goes on. */
  readonly note: string;
  /** Where it can be told. */
  readonly secondsLeft?: number | undefined;
}

export interface ToldFailure {
  readonly experiment: string;
  readonly key: string;
  readonly seed: number;
  readonly error?: string | undefined;
}

export type RerunState =
  /** Before its first word there is no progress to tell. */
  | { readonly state: "running"; readonly progress?: ToldProgress }
  | {
      readonly state: "ended";
      readonly verdicts: readonly Verdict[];
      readonly failures: readonly ToldFailure[];
    }
  | { readonly state: "stopped" }
  | { readonly state: "failed"; readonly error: ErrorFields };

/** Experiments that the page had run again; the events `progress` and `ended` hold one. */
export type ToldRerun = RerunState & {
  /** From 1, in the order in which this server began them. */
  readonly number: number;
  readonly experiments: readonly string[];
  /** Claims that those experiments are about. */
  readonly claims: readonly string[];
  readonly size: "quick" | "full";
  readonly seeds: number;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** What was found damaged, and did not stop the work. */
  readonly warnings: readonly string[];
};
