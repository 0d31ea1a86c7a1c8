import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { decode } from "fast-png";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { meanIntersectionOverUnion } from "../test/testScenes.ts";
import { parseClicks } from "./clicks.ts";
import { prepare, segment } from "./segment.ts";

const folder = fileURLToPath(new URL("../../../../shared/data/photos/", import.meta.url));
const notScored = 255;

/** Middle of every region, in full pixels, as the annotator of product.md 6 finds it. */
const middles = {
  "185092": [
    [396, 82],
    [236, 202],
    [42, 156],
    [284, 296],
    [32, 280],
  ],
  "334025": [
    [246, 138],
    [166, 394],
    [58, 58],
    [40, 366],
    [42, 254],
    [220, 246],
  ],
};

const missing = existsSync(folder) ? "" : " (skipped: no folder ../shared beside the project)";

describe.skipIf(missing !== "")(`segment on photographs${missing}`, () => {
  it.each(Object.entries(middles))(
    "scores above 0.75 on photo %s with one click a region (nearest click: 0.5)",
    async (name, points) => {
      const { data, info } = await sharp(`${folder}${name}.jpg`)
        .raw()
        .toBuffer({ resolveWithObject: true });
      const photo = { width: info.width, height: info.height, data };
      const clicks = parseClicks(
        {
          labels: points.map((_, region) => `region ${region}`),
          clicks: points.map(([x, y], label) => ({ x, y, label })),
        },
        photo,
      );
      const { mask } = await segment(await prepare(photo), clicks);
      const regions = Uint8Array.from(decode(await readFile(`${folder}${name}.png`)).data);
      const scored = (_: number, pixel: number): boolean => regions[pixel] !== notScored;
      const score = meanIntersectionOverUnion(
        regions.filter((region) => region !== notScored),
        mask.filter(scored),
      );
      expect(score).toBeGreaterThan(0.75);
    },
  );
});
