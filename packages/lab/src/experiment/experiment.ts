/** What an experiment is: a configuration, pieces of work, and pure readings of their rows. */
import type { PlotOptions } from "@observablehq/plot";
import type { ZodType } from "zod";
import type { ClaimId } from "./claims.ts";

/** One piece of work that needs no other: it is run once, kept, and never run again. */
export interface Job {
  /** Name within the run, the same in every run of the same configuration. */
  readonly key: string;
  /** Seed of everything that is drawn in it; the numbers follow from key and seed alone. */
  readonly seed: number;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** Seeds of a run where nobody says how many. */
export const usualSeeds = { quick: 2, full: 5 } as const;

/** The same piece of work for each of so many seeds, from 1 on. */
export const forSeeds = (seeds: number, key: string, parameters: Job["parameters"] = {}): Job[] =>
  Array.from({ length: seeds }, (_, s) => ({ key, seed: s + 1, parameters }));

/** One measurement. */
export type Row = Readonly<Record<string, Cell>>;
export type Cell = string | number | boolean | null;

/** A figure is a pure function of rows; what is drawn is also in its table. */
export interface Figure {
  /** Name of its files. */
  readonly name: string;
  readonly title: string;
  /** One sentence that says what is to be seen. */
  readonly reading: string;
  readonly plot: PlotOptions;
  readonly table: readonly Row[];
}

export type Outcome = "reproduced" | "conditional" | "not reproduced";

/** What an experiment says of a claim. */
export interface Verdict {
  readonly id: ClaimId;
  readonly verdict: Outcome;
  /** What was measured, in words, and its unit. */
  readonly metric: string;
  readonly measured: number;
  /** Interval of the mean over seeds that holds 95 % of its bootstrap; absent of exact checks. */
  readonly interval: readonly [low: number, high: number] | null;
  /** What would count as reproduced. */
  readonly expected: string;
  /** Why the verdict is what it is, in one sentence. */
  readonly reason: string;
}

export interface Experiment<Config extends object = object> {
  readonly name: string;
  /** Engine of its numbers: single precision where there is much of it, double where digits count. */
  readonly engine: "wasm" | "reference";
  readonly claims: readonly ClaimId[];
  readonly schema: ZodType<Config>;
  readonly quick: Config;
  readonly full: Config;
  /** Pieces of work of a configuration, for so many seeds from 1 on. */
  jobs(config: Config, seeds: number): readonly Job[];
  /** Rows of a job; told now and then which share of it is done, and given the path of a file. */
  run(
    job: Job,
    config: Config,
    told: (share: number) => void,
    file?: string,
  ): Promise<readonly Row[]>;
  figures(rows: readonly Row[], config: Config): readonly Figure[];
  verdicts(rows: readonly Row[], config: Config): readonly Verdict[];
}

/** The same experiment for those who do not look into its configuration. */
export const experiment = <Config extends object>(of: Experiment<Config>): Experiment =>
  of as unknown as Experiment;

/** A number of a row. @throws TypeError where the row has none of that name */
export function numberOf(row: Row, name: string): number {
  const value = row[name];
  if (typeof value === "number") return value;
  throw new TypeError(`the row has no number ${name}: ${JSON.stringify(row)}`);
}
