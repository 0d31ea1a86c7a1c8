/** Rows of outputs that are compared with a formula: an output's name, and rows of its last axis. */
export type Picks = Readonly<Record<string, readonly number[]>>;

/** Values of picked rows, in the order of the picks. */
export type Rows = Readonly<Record<string, readonly (readonly number[])[]>>;

/** What the formula says: which rows, and what they hold. */
export interface Expected {
  readonly picks: Picks;
  readonly rows: Rows;
}

/** A peer whose answer is further off than this was not doing the same thing. */
export const tolerance = 1e-4;

/** A few places among `count`, both ends among them. */
export function spread(count: number, most: number): number[] {
  const places = Math.min(count, most);
  if (places < 2) return places === 1 ? [0] : [];
  return Array.from({ length: places }, (_, k) => Math.round((k * (count - 1)) / (places - 1)));
}

/** Largest relative error of one output's rows: greatest difference over greatest value. */
export interface Deviation {
  readonly output: string;
  readonly row: number;
  readonly error: number;
}

/** Worst row of all outputs. A missing row, a wrong width or a NaN is infinitely wrong. */
export function worst({ picks, rows: expected }: Expected, rows: Rows): Deviation {
  let found: Deviation = { output: "", row: 0, error: 0 };
  for (const [output, places] of Object.entries(picks))
    for (const [k, row] of places.entries()) {
      const error = relativeError(expected[output]?.[k] ?? [], rows[output]?.[k] ?? []);
      if (!(error <= found.error)) found = { output, row, error };
    }
  return found;
}

function relativeError(expected: readonly number[], got: readonly number[]): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, size] = [0, 0];
  for (const [k, value] of expected.entries()) {
    const off = Math.abs(value - (got[k] as number));
    if (Number.isNaN(off)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, off);
    size = Math.max(size, Math.abs(value));
  }
  return difference === 0 ? 0 : difference / Math.max(size, 1e-12);
}
