/** Files of a benchmark of photos. */
import { join } from "node:path";
import { overlay } from "@edgewise/segment";
import { writeAtomically } from "../cli/files.ts";
import { csvOf, pngOf, svgOf } from "../figure/figure.ts";
import { encodeRgb } from "../photo/encode.ts";
import { arms, type PhotoResult, policies } from "./benchmark.ts";
import type { Peers } from "./peers.ts";
import { figures } from "./plots.ts";
import { asClicks, type Sample } from "./sample.ts";
import { marksOf, type Summary } from "./summary.ts";

/** The photo at half size with the last mask and every click. */
export async function writeOverlay(
  folder: string,
  { name, picture, regions }: Sample,
  { placed, mask }: PhotoResult,
): Promise<void> {
  const drawn = overlay(picture, mask, { clicks: asClicks(regions, placed) });
  await writeAtomically(new Map([[join(folder, `${name}.png`), encodeRgb(drawn)]]));
}

/** Figures as SVG, PNG and CSV, and a table of the photos; the paths that were written. */
export async function written(
  folder: string,
  results: readonly PhotoResult[],
  summary: Summary,
  peers: Peers,
): Promise<string[]> {
  const text = new TextEncoder();
  const files = new Map<string, Uint8Array>();
  for (const figure of figures(results, summary, peers)) {
    const at = join(folder, figure.name);
    const svg = svgOf(figure, true);
    files.set(`${at}.svg`, text.encode(svg));
    files.set(`${at}.png`, await pngOf(svg));
    files.set(`${at}.csv`, text.encode(csvOf(figure.table)));
  }
  files.set(join(folder, "photos.csv"), text.encode(csvOf(rowsOf(results))));
  await writeAtomically(files);
  return [...files.keys(), join(folder, "overlays")];
}

/** A row for each photo, arm or policy, and number of clicks. */
function rowsOf(results: readonly PhotoResult[]) {
  return results.flatMap((result) => {
    const clicks = result.policies.annotator.length - 1;
    const shares = { photo: result.name, regions: result.regions };
    const row = (name: string, scores: readonly number[]) =>
      marksOf(clicks).map((mark) => ({
        ...shares,
        name,
        clicks: mark,
        miou: scores[mark] as number,
      }));
    return [
      ...Object.keys(arms).flatMap((arm) => row(arm, result.arms[arm] as readonly number[])),
      ...policies.slice(1).flatMap((policy) => row(policy, result.policies[policy])),
    ];
  });
}
