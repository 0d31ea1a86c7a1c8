/** Runs beside each other. */

import { differences, flat, type ToldRun } from "@edgewise/lab/reader";
import type { Interval } from "../figure/plots.ts";
import type { Verdict } from "./words.ts";

export interface SettingRow {
  /** Dotted where settings are nested. */
  readonly name: string;
  /** One for each run; a dash where a run has no such setting. */
  readonly values: readonly string[];
}

/** Settings of runs that are not the same in all of them, seeds among them. */
export function differingSettings(runs: readonly ToldRun[]): SettingRow[] {
  const columns = runs.map(({ settings, seeds }) => flat({ ...settings, seeds }));
  return differences(columns).map(({ name, values }) => ({
    name,
    values: values.map((value) => value?.replace(/^"(.*)"$/, "$1") ?? "–"),
  }));
}

export interface ClaimRow {
  readonly id: string;
  readonly metric: string;
  /** One for each run; nothing where a run says nothing of the claim. */
  readonly verdicts: readonly (Verdict | undefined)[];
}

/** Claims that some of the runs say something of, in their order. */
export function claimRows(runs: readonly ToldRun[]): ClaimRow[] {
  const all = runs.flatMap(({ verdicts }) => verdicts);
  const number = (id: string): number => Number(id.slice(1));
  const ids = [...new Set(all.map(({ id }) => id))].sort((a, b) => number(a) - number(b));
  return ids.map((id) => ({
    id,
    metric: all.find((verdict) => verdict.id === id)?.metric ?? "",
    verdicts: runs.map(({ verdicts }) => verdicts.find((verdict) => verdict.id === id)),
  }));
}

/** Numbers of runs with their intervals; nothing where there are not two that differ. */
export function intervalsOf(
  verdicts: readonly (Verdict | undefined)[],
  names: readonly string[],
): readonly Interval[] | undefined {
  const found = verdicts.flatMap((verdict, k) => {
    if (verdict === undefined || verdict.measured === null) return [];
    const { measured, interval } = verdict;
    const [low, high] = interval ?? [measured, measured];
    const run = names[k] as string;
    return [{ run, measured, low: Math.min(low, measured), high: Math.max(high, measured) }];
  });
  const low = Math.min(...found.map((one) => one.low));
  const high = Math.max(...found.map((one) => one.high));
  return found.length < 2 || !(high > low) ? undefined : found;
}
