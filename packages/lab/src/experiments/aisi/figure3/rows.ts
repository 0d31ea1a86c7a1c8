/** Rows picked and summed up, as figures and verdicts read them. */
import { numberOf, type Row } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";

/** Rows of a part that have these cells. */
export const select = (rows: readonly Row[], cells: Row): Row[] =>
  rows.filter((row) => Object.entries(cells).every(([name, value]) => row[name] === value));

export type Summary = {
  readonly nmse: number;
  readonly nmseLow: number;
  readonly nmseHigh: number;
  readonly R: number;
  readonly RLow: number;
  readonly RHigh: number;
  readonly window: number;
  readonly coverage: number;
  readonly iterations: number;
};

/** Means over seeds, and the intervals of what is drawn. */
function summary(rows: readonly Row[]): Summary {
  const of = (name: string): number[] => rows.map((row) => numberOf(row, name));
  const [[nmseLow, nmseHigh], [RLow, RHigh]] = [interval(of("nmse")), interval(of("operations"))];
  return {
    ...{ nmse: mean(of("nmse")), nmseLow, nmseHigh },
    ...{ R: mean(of("operations")), RLow, RHigh },
    window: mean(of("window")),
    coverage: mean(of("coverage")),
    iterations: mean(of("iterations")),
  };
}

/** Rows with the same cells under these names, summed up. */
export function grouped<Name extends string>(
  rows: readonly Row[],
  ...names: readonly Name[]
): (Record<Name, string | number> & Summary)[] {
  const keyOf = (row: Row): string => JSON.stringify(names.map((name) => row[name]));
  const keys = [...new Set(rows.map(keyOf))];
  return keys.map((key) => {
    const own = rows.filter((row) => keyOf(row) === key);
    const cells = Object.fromEntries(names.map((name) => [name, own[0]?.[name]]));
    return { ...(cells as Record<Name, string | number>), ...summary(own) };
  });
}
