/** What figures share: colours and what they mean, numbers and names on axes. */
import * as Plot from "@observablehq/plot";

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

/** Rings: on light pages and on dark ones the same as nothing inside. */
export const hollow = { fill: "none", strokeWidth: 2 } as const;

/** Name of an axis in the middle of it, where panels have names too. */
export const centred = { labelAnchor: "center", labelArrow: "none" } as const;

/** Names in their colours, one below the other in a corner of a figure, or of one of its panels. */
export function key(
  names: readonly string[],
  { fx, fy, corner = "top-left" }: Place = {},
): Plot.Text {
  const [up, side] = corner.split("-") as ["top" | "bottom", "left" | "right"];
  const lines = names.map((name, k) => {
    const blank = "\n".repeat(up === "top" ? k : names.length - 1 - k);
    return { fx, fy, name, text: up === "top" ? blank + name : `${name}${blank} ` };
  });
  return Plot.text(lines, {
    ...(fx === undefined ? {} : { fx: "fx" }),
    ...(fy === undefined ? {} : { fy: "fy" }),
    ...{ text: "text", fill: "name", frameAnchor: corner, lineAnchor: up },
    ...{ textAnchor: side === "left" ? "start" : "end" },
    ...{ dx: side === "left" ? 8 : -8, dy: up === "top" ? 8 : -8 },
  });
}

/** A corner, and of which panel where there are several. */
interface Place {
  readonly fx?: string | number;
  readonly fy?: string | number;
  readonly corner?: Corner;
}

type Corner = `${"top" | "bottom"}-${"left" | "right"}`;
