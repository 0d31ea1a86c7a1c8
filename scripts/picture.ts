/** Writes the picture of the README from the demonstration: `npx edgewise demo`, then this. */
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const from = (name: string): string =>
  fileURLToPath(new URL(`../out/demo/${name}`, import.meta.url));
const target = fileURLToPath(new URL("../docs/images/demo.png", import.meta.url));
const [width, height, gap] = [480, 320, 12];

await sharp({ create: { width: 2 * width + gap, height, channels: 3, background: "white" } })
  .composite([
    { input: from("scene.png"), left: 0, top: 0 },
    { input: from("overlay.png"), left: width + gap, top: 0 },
  ])
  .png({ palette: true, colours: 128 })
  .toFile(target);
