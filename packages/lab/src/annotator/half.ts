/** Photos and masks at half size. */
import type { Picture } from "@edgewise/segment";
import type { Regions } from "./annotator.ts";

/** Mean of each 2 × 2 pixels; a last odd row or column is left out. */
export function halfPicture({ width, height, data }: Picture): Picture {
  const stride = data.length / (width * height);
  const [columns, rows] = [width >> 1, height >> 1];
  const halved = new Uint8Array(columns * rows * 3);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let channel = 0; channel < 3; channel++) {
        const at = (2 * y * width + 2 * x) * stride + channel;
        const sum =
          (data[at] as number) +
          (data[at + stride] as number) +
          (data[at + width * stride] as number) +
          (data[at + (width + 1) * stride] as number);
        halved[(y * columns + x) * 3 + channel] = Math.round(sum / 4);
      }
  return { width: columns, height: rows, data: halved };
}

/** The pixel at (2r + 1, 2c + 1) of each 2 × 2. */
export function halfRegions({ width, height, of }: Regions): Regions {
  const [columns, rows] = [width >> 1, height >> 1];
  const halved = new Uint8Array(columns * rows);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      halved[y * columns + x] = of[(2 * y + 1) * width + 2 * x + 1] as number;
  return { width: columns, height: rows, of: halved };
}
