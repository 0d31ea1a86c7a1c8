/** Figures as files: SVG, PNG of it, and the numbers as CSV. */
import * as Plot from "@observablehq/plot";
import { Window } from "happy-dom";
import sharp from "sharp";
import type { Cell, Figure, Row } from "../experiment/experiment.ts";

/** Points of a PNG for each of the SVG. */
const density = 2;

/** Drawing as SVG. On a page it takes the colours of the text around it; by itself it is black on white. */
export function svgOf({ plot, title }: Figure, alone: boolean): string {
  const window = new Window();
  const document = window.document as unknown as NonNullable<Plot.PlotOptions["document"]>;
  const drawn = Plot.plot({
    width: 640,
    height: 380,
    marginLeft: 60,
    marginBottom: 45,
    ...plot,
    document,
    // Titles, captions and legends stand in the page: a figure of its own is one element.
    figure: false,
    style: { fontFamily: "system-ui, sans-serif", fontSize: "12px", background: "none" },
  });
  drawn.setAttribute("role", "img");
  // Written out as it is: a bracket would end the tag.
  drawn.setAttribute("aria-label", title.replaceAll(/[<>"&]/g, ""));
  drawn.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const svg = drawn.outerHTML;
  void window.happyDOM.close();
  if (!alone) return svg;
  return svg.replace(
    /<svg ([^>]*)>/,
    '<svg $1 color="black"><rect width="100%" height="100%" fill="white"/>',
  );
}

export async function pngOf(svg: string): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { density: 72 * density })
    .png()
    .toBuffer();
}

/** Table with a line for the names. */
export function csvOf(table: readonly Row[]): string {
  const names = [...new Set(table.flatMap((row) => Object.keys(row)))];
  const lines = table.map((row) => names.map((name) => field(row[name] ?? null)).join(","));
  return `${[names.map(field).join(","), ...lines].join("\n")}\n`;
}

function field(value: Cell): string {
  const text = value === null ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
