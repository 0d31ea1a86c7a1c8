/** A problem: what was declared, what may be, and how to mend it. */
export type Problem = readonly [got: string, expected: string, fix: string];

/** A number out of its range; a parameter's range is its data's concern. */
export function range(
  name: string,
  value: unknown,
  within: (value: number) => boolean,
  expected: string,
  fix: string = `give ${name} such a number`,
): Problem[] {
  if (typeof value === "object" && value !== null && "parameter" in value) return [];
  const fits = typeof value === "number" && Number.isFinite(value) && within(value);
  return fits ? [] : [[`${name} ${String(value)}`, expected, fix]];
}

/** Whether a number counts something. */
export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

/** A number of the inference itself, which no input can give. */
export function fixedRange(
  name: string,
  value: unknown,
  within: (value: number) => boolean,
  expected: string,
): Problem[] {
  return typeof value === "object" && value !== null
    ? [
        [
          `${name} as a parameter`,
          `${expected}, written in the declaration`,
          `give ${name} a number`,
        ],
      ]
    : range(name, value, within, expected);
}
