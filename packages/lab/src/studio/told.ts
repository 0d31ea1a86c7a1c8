/** What a page may know of claims and runs: types alone, safe for a browser. */
import type { Verdict } from "../experiment/experiment.ts";

export interface ToldClaim {
  readonly id: string;
  readonly paper: string;
  readonly text: string;
  /** What it is known to come to. */
  readonly known: string;
  /** Of the last run that says something of it. */
  readonly verdict?: Verdict;
  readonly run?: number;
}

export interface ToldRun {
  readonly id: number;
  readonly experiment: string;
  readonly size: string;
  readonly seeds: number;
  readonly state: string;
  readonly started: number;
  readonly seconds: number;
  /** Names of its figures. */
  readonly figures: readonly string[];
}

export interface Told {
  readonly claims: readonly ToldClaim[];
  readonly runs: readonly ToldRun[];
}
