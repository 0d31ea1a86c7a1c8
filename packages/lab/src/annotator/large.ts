/** What a large photo takes. */
import { type Picture, prepare, segment } from "@edgewise/segment";
import sharp from "sharp";
import { firstClicks, nextClick } from "./annotator.ts";
import { asClicks, clickRadius, type Sample } from "./sample.ts";

export interface Large {
  readonly megapixels: number;
  readonly prepare_ms: number;
  /** Median of the updates of five clicks beyond one a region. */
  readonly update_ms: number;
  /** Most memory that the process has held, MB. */
  readonly peak_mb: number;
}

/** A photo blown up to 12 megapixels, and clicked as the small one is. */
export async function measureLarge({ picture, regions }: Sample): Promise<Large> {
  const scale = Math.sqrt(12e6 / (picture.width * picture.height));
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  const raw = { width: picture.width, height: picture.height, channels: 3 as const };
  const data = await sharp(picture.data, { raw })
    .resize(width, height, { fit: "fill" })
    .raw()
    .toBuffer();
  const large: Picture = { width, height, data };
  const started = performance.now();
  const prepared = await prepare(large);
  const ready = performance.now();
  const placed = firstClicks(regions);
  const updates: number[] = [];
  for (let click = 0; click <= 5; click++) {
    const { labels } = asClicks(regions, placed);
    const clicks = placed.map(({ x, y, region }) => ({
      ...{ x: Math.floor((x + 0.5) * scale), y: Math.floor((y + 0.5) * scale), label: region },
      radius: clickRadius * scale,
    }));
    const before = performance.now();
    const { mask } = await segment(prepared, { labels, clicks, strokes: [] });
    updates.push(performance.now() - before);
    const small = Uint8Array.from(regions.of, (_, pixel) => {
      const x = Math.min(width - 1, Math.floor(((pixel % regions.width) + 0.5) * scale));
      const y = Math.min(height - 1, Math.floor((Math.floor(pixel / regions.width) + 0.5) * scale));
      return mask[y * width + x] as number;
    });
    const next = nextClick(regions, small);
    if (next === undefined) break;
    placed.push(next);
  }
  return {
    megapixels: (width * height) / 1e6,
    prepare_ms: ready - started,
    update_ms: medianOf(updates.length > 1 ? updates.slice(1) : updates),
    peak_mb: process.resourceUsage().maxRSS / 1024,
  };
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
