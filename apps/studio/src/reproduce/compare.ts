/** Runs beside each other. */
import { differences, flat, type ToldRun } from "@edgewise/lab/reader";
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

export interface Span {
  readonly low: number;
  readonly high: number;
  readonly middle: number;
}

/** Where numbers and intervals lie, as shares of the line from the lowest to the highest of all. */
export function spans(
  verdicts: readonly (Verdict | undefined)[],
): readonly (Span | undefined)[] | undefined {
  const given = verdicts.map((verdict) => {
    if (verdict === undefined || verdict.measured === null) return undefined;
    const { measured, interval } = verdict;
    const [low, high] = interval ?? [measured, measured];
    return { low: Math.min(low, measured), high: Math.max(high, measured), middle: measured };
  });
  const found = given.filter((span) => span !== undefined);
  const low = Math.min(...found.map((span) => span.low));
  const width = Math.max(...found.map((span) => span.high)) - low;
  if (found.length < 2 || !(width > 0)) return undefined;
  const share = (value: number): number => (value - low) / width;
  return given.map(
    (span) => span && { low: share(span.low), high: share(span.high), middle: share(span.middle) },
  );
}
