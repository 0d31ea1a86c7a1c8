/** What figures share: colours, and numbers on axes. */

/** Colours that are told apart without seeing red or green, on light pages and on dark ones. */
export const palette = [
  "#2f8fd8",
  "#e69f00",
  "#0aa67c",
  "#d0679d",
  "#8f7fe8",
  "#9a8b1f",
  "#c8553d",
  "#7f8c96",
] as const;

/** Each name with a colour that it keeps, whichever of them a figure shows. */
export const coloured = (names: readonly string[]): { domain: string[]; range: string[] } => ({
  domain: [...names],
  range: names.map((_, k) => palette[k % palette.length] as string),
});

/** Numbers of a logarithmic axis as they are said: 0.3, 20, 1e-6. */
export const decimal = (value: number): string =>
  value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)
    ? value.toExponential(0)
    : String(Number(value.toPrecision(6)));
