import type { Command } from "commander";
import { checkWritable } from "../destination.ts";
import { readBytes, readJson, writeAtomically } from "../files.ts";
import { printJson, printLines } from "../output.ts";

interface SegmentOptions {
  readonly clicks: string;
  readonly output: string;
  readonly overlay?: string;
  readonly json?: boolean;
}

/** `edgewise segment PHOTO`: clicks in, a mask of the photo's size out. */
export function segment(program: Command): void {
  program
    .command("segment <photo>")
    .description("label every pixel of a photo from a few clicks")
    .requiredOption("--clicks <file>", "JSON file with labels, clicks and strokes")
    .requiredOption("--output <file>", "indexed PNG to write: the index of a pixel is its label")
    .option("--overlay <file>", "PNG to write: the photo with its regions tinted")
    .addHelpText(
      "after",
      '\nExample:\n  edgewise segment photo.jpg --clicks clicks.json --output mask.png --overlay overlay.png\n\nclicks.json:\n  { "labels": ["sky", "dog"], "clicks": [{ "x": 12, "y": 40, "label": 0 }, { "x": 90, "y": 60, "label": 1 }] }',
    )
    .action(async (photo: string, options: SegmentOptions) => {
      const { parseClicks, prepare, segment: label, overlay } = await import("@edgewise/segment");
      const { decodePhoto } = await import("../../photo/decode.ts");
      const { encodeMask, encodeRgb } = await import("../../photo/encode.ts");
      const targets = [options.output, ...(options.overlay === undefined ? [] : [options.overlay])];
      await checkWritable(...targets);
      const document = await readJson(options.clicks);
      const picture = await decodePhoto(await readBytes(photo), photo);
      const clicks = parseClicks(document, picture);
      const started = performance.now();
      const prepared = prepare(picture);
      const ready = performance.now();
      const { mask } = await label(prepared, clicks);
      const [prepareMilliseconds, updateMilliseconds] = [
        ready - started,
        performance.now() - ready,
      ];
      const files = new Map([[options.output, encodeMask(mask, picture, clicks.labels.length)]]);
      if (options.overlay !== undefined)
        files.set(options.overlay, encodeRgb(overlay(picture, mask, { clicks })));
      await writeAtomically(files);
      const shares = sharesOf(mask, clicks.labels);
      const { width, height } = picture;
      if (options.json)
        return printJson({
          photo,
          width,
          height,
          cells: prepared.cells.count,
          shares,
          prepare_ms: prepareMilliseconds,
          update_ms: updateMilliseconds,
          outputs: targets,
        });
      printLines([
        `${photo}: ${width} × ${height} pixels in ${prepared.cells.count} cells, ${(prepareMilliseconds + updateMilliseconds).toFixed(0)} ms`,
        ...Object.entries(shares).map(
          ([name, share]) => `  ${(100 * share).toFixed(1).padStart(5)} %  ${name}`,
        ),
        ...targets.map((file) => `wrote ${file}`),
      ]);
    });
}

/** Share of the photo that each label got. */
function sharesOf(mask: Uint8Array, labels: readonly string[]): Record<string, number> {
  const counts = new Array<number>(labels.length).fill(0);
  for (const label of mask) counts[label] = (counts[label] as number) + 1;
  return Object.fromEntries(labels.map((name, k) => [name, (counts[k] as number) / mask.length]));
}
