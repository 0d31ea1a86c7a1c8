import { styleText } from "node:util";

const shades = [" ", "░", "▒", "▓", "█"] as const;

/** Posterior as a small picture of text: one row a receiver, one column a sender, darker is likelier. */
export function terminalMatrix(posterior: ArrayLike<number>, tokens: readonly string[]): string[] {
  const n = tokens.length;
  const width = Math.max(...tokens.map((token) => token.length));
  const rows = tokens.map((token, i) => {
    const cells = Array.from({ length: n }, (_, j) => shade(posterior[i * n + j] as number));
    return `  ${token.padStart(width)} │${cells.join("")}│`;
  });
  const heads = tokens.map((token) => token.slice(0, 2).padEnd(2)).join("");
  return [`  ${" ".repeat(width)}  ${heads}`, ...rows, `  ${" ".repeat(width)}  ${scale()}`];
}

function shade(probability: number): string {
  const level = Math.min(shades.length - 1, Math.ceil(probability * 2 * (shades.length - 1)));
  return styleText("cyan", (shades[probability < 0.005 ? 0 : level] as string).repeat(2), {
    stream: process.stdout,
  });
}

const scale = (): string =>
  `${[0.05, 0.2, 0.3, 0.5].map((p) => `${shade(p)} ${p === 0.5 ? "≥ 0.5" : `≤ ${[0.125, 0.25, 0.375][[0.05, 0.2, 0.3].indexOf(p)]}`}`).join("  ")}`;
