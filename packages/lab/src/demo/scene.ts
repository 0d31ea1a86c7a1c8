import type { Clicks, Picture } from "@edgewise/segment";
import sharp from "sharp";

/** A small scene of our own: a lake at evening, with grain, so that colours overlap as in a photo. */
const [width, height] = [480, 320];

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <defs>
    <linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#5d86b8"/><stop offset="1" stop-color="#e9c9a3"/></linearGradient>
    <linearGradient id="lake" x2="0" y2="1"><stop offset="0" stop-color="#7f93a8"/><stop offset="1" stop-color="#2f4a66"/></linearGradient>
    <linearGradient id="hill" x2="1" y2="0"><stop offset="0" stop-color="#46613d"/><stop offset="1" stop-color="#6f7f4a"/></linearGradient>
  </defs>
  <rect width="480" height="200" fill="url(#sky)"/>
  <circle cx="368" cy="84" r="34" fill="#f4dc8c"/>
  <path d="M0 176 Q110 92 230 140 T480 132 V185 H0 Z" fill="url(#hill)"/>
  <rect y="178" width="480" height="142" fill="url(#lake)"/>
  <path d="M0 206 Q140 198 300 210 T480 204" stroke="#9fb0bf" stroke-width="3" fill="none" opacity="0.6"/>
  <path d="M40 268 Q200 258 330 272 T480 266" stroke="#8ea2b4" stroke-width="3" fill="none" opacity="0.5"/>
  <path d="M150 262 L330 262 Q312 296 240 296 Q168 296 150 262 Z" fill="#8c3f2b"/>
  <path d="M232 264 V190 L302 264 Z" fill="#9a4530"/>
</svg>`;

/** The scene as pixels, with seeded grain. */
export async function scene(normal: () => number): Promise<Picture> {
  const { data } = await sharp(Buffer.from(drawing))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    width,
    height,
    data: Uint8Array.from(data, (value) =>
      Math.max(0, Math.min(255, Math.round(value + 9 * normal()))),
    ),
  };
}

/** One click for each of the five things in it. */
export const sceneClicks: Clicks = {
  labels: ["sky", "sun", "hill", "lake", "boat"],
  clicks: [
    { x: 120, y: 50, label: 0, radius: 6 },
    { x: 368, y: 84, label: 1, radius: 6 },
    { x: 130, y: 150, label: 2, radius: 6 },
    { x: 80, y: 290, label: 3, radius: 6 },
    { x: 225, y: 278, label: 4, radius: 6 },
  ],
  strokes: [],
};
