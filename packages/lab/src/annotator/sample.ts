/** What an annotator is given, and clicks in the words of the segmentation. */
import type { Clicks, Picture } from "@edgewise/segment";
import { notScored, type Placed, type Regions } from "./annotator.ts";

/** A photo at half size with its regions. */
export interface Sample {
  readonly name: string;
  readonly picture: Picture;
  readonly regions: Regions;
}

/** Radius of a click's disc, pixels at half size. */
export const clickRadius = 3;

/** Clicks as the segmentation takes them: a label for each index up to the last region. */
export function asClicks({ of }: Regions, placed: readonly Placed[]): Clicks {
  let count = 0;
  for (const region of of) if (region !== notScored && region >= count) count = region + 1;
  return {
    labels: Array.from({ length: count }, (_, region) => `region ${region}`),
    clicks: placed.map(({ x, y, region }) => ({ x, y, label: region, radius: clickRadius })),
    strokes: [],
  };
}
