/** The annotator at work: clicks, masks and scores until it has clicked often enough. */
import { type Clicks, type Ideas, type Picture, type Prepared, segment } from "@edgewise/segment";
import { firstClicks, meanIou, nextClick, type Placed, type Regions } from "./annotator.ts";

/** A photo at half size with its regions. */
export interface Sample {
  readonly name: string;
  readonly picture: Picture;
  readonly regions: Regions;
}

/** Radius of a click's disc, pixels at half size. */
export const clickRadius = 3;

/** Clicks as the segmentation takes them: a label for each index of a region. */
export function asClicks({ of }: Regions, placed: readonly Placed[]): Clicks {
  let count = 0;
  for (const region of of) if (region !== 255 && region >= count) count = region + 1;
  const labels = Array.from({ length: count }, (_, region) => `region ${region}`);
  return {
    labels,
    clicks: placed.map(({ x, y, region }) => ({ x, y, label: region, radius: clickRadius })),
    strokes: [],
  };
}

export interface Played {
  /** Mean IoU with one click a region and after each further one, [clicks + 1]. */
  readonly scores: readonly number[];
  /** Milliseconds of each update, [clicks + 1]. */
  readonly milliseconds: readonly number[];
  readonly placed: readonly Placed[];
  readonly mask: Uint8Array;
}

/** Where the next click falls, given what the last mask was like; nowhere at the end. */
export type Policy = (mask: Uint8Array) => Placed | undefined;

/**
 * Plays so many clicks beyond one a region. Where nothing is wrong before the end, the last score
 * stands for the rest.
 */
export async function play(
  prepared: Prepared,
  { regions }: Sample,
  { clicks, ideas = {} }: { clicks: number; ideas?: Partial<Ideas> },
): Promise<Played> {
  const placed = firstClicks(regions);
  const scores: number[] = [];
  const milliseconds: number[] = [];
  let mask: Uint8Array = new Uint8Array(0);
  for (let click = 0; click <= clicks; click++) {
    const started = performance.now();
    ({ mask } = await segment(prepared, asClicks(regions, placed), ideas));
    milliseconds.push(performance.now() - started);
    scores.push(meanIou(regions, mask));
    const next = click < clicks ? nextClick(regions, mask) : undefined;
    if (next === undefined) break;
    placed.push(next);
  }
  while (scores.length <= clicks) scores.push(scores.at(-1) as number);
  return { scores, milliseconds, placed, mask };
}
