/** A problem: what was declared, what may be, and how to mend it. */
export type Problem = readonly [got: string, expected: string, fix: string];

/** A number out of its range; a parameter's range is its data's concern. */
export function range(
  name: string,
  value: unknown,
  within: (value: number) => boolean,
  expected: string,
  fix = `give ${name} such a number`,
): Problem[] {
  if (typeof value === "object" && value !== null && "parameter" in value) return [];
  const fits = typeof value === "number" && Number.isFinite(value) && within(value);
  return fits ? [] : [[`${name} ${String(value)}`, expected, fix]];
}

export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;
