import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Picture, Segmentation } from "@edgewise/segment";
import type { Command } from "commander";
import { EdgewiseError } from "edgewise";
import { checkWritable } from "../destination.ts";
import { readBytes, readJson, writeAtomically } from "../files.ts";
import { printJson, printLines } from "../output.ts";

interface SegmentOptions {
  readonly clicks: string;
  readonly output: string;
  readonly overlay?: string;
  readonly uncertainty?: string;
  readonly features?: string;
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
    .option("--uncertainty <file>", "PNG to write: bright where the label is in doubt")
    .option("--features <model>", "network in ONNX, described in a JSON file of its name")
    .addHelpText(
      "after",
      '\nExample:\n  edgewise segment photo.jpg --clicks clicks.json --output mask.png --overlay overlay.png\n\nclicks.json:\n  { "labels": ["sky", "dog"], "clicks": [{ "x": 12, "y": 40, "label": 0 }, { "x": 90, "y": 60, "label": 1 }] }\n\nThe order of clicks does not count. Runs on the engine wasm, on one thread.',
    )
    .action(async (photo: string, options: SegmentOptions) => {
      await refuseOutputs(photo, options);
      const {
        parseClicks,
        prepare,
        printable,
        segment: label,
        suggestClick,
        overlay,
      } = await import("@edgewise/segment");
      const { networkFrom } = await import("../../photo/network.ts");
      const { decodePhoto } = await import("../../photo/decode.ts");
      const { encodeGrey, encodeMask, encodeRgb } = await import("../../photo/encode.ts");
      const targets = outputsOf(options).map(({ path }) => path);
      await checkWritable(...targets);
      const document = await readJson(options.clicks);
      const picture = await decodePhoto(await readBytes(photo), photo);
      const clicks = parseClicks(document, picture);
      const network = options.features && (await networkFrom(options.features));
      const started = performance.now();
      const extra = network ? await network(picture) : undefined;
      const prepared = await prepare(picture, extra === undefined ? {} : { extra });
      const ready = performance.now();
      const segmentation = await label(prepared, clicks);
      const { mask } = segmentation;
      const [prepareMilliseconds, updateMilliseconds] = [
        ready - started,
        performance.now() - ready,
      ];
      const files = new Map([[options.output, encodeMask(mask, picture, clicks.labels.length)]]);
      if (options.overlay !== undefined)
        files.set(options.overlay, encodeRgb(overlay(picture, mask, { clicks })));
      if (options.uncertainty !== undefined)
        files.set(
          options.uncertainty,
          await encodeGrey(doubt(segmentation, clicks.labels.length), picture),
        );
      await writeAtomically(files);
      const next = suggestClick(segmentation, picture);
      const engine = prepared.engine.name;
      const shares = sharesOf(mask, clicks.labels);
      const { width, height } = picture;
      if (options.json)
        return printJson({
          photo,
          engine,
          width,
          height,
          cells: prepared.fine.cells.count,
          shares,
          next: next ?? null,
          prepare_ms: prepareMilliseconds,
          update_ms: updateMilliseconds,
          outputs: targets,
        });
      printLines([
        `${photo}: ${width} × ${height} pixels in ${prepared.fine.cells.count} cells, ${(prepareMilliseconds + updateMilliseconds).toFixed(0)} ms`,
        ...shares.map(
          ({ label: name, share }) =>
            `  ${(100 * share).toFixed(1).padStart(5)} %  ${printable(name)}`,
        ),
        next === undefined
          ? "  no area is in doubt"
          : `  a click at (${next.x}, ${next.y}) would settle most doubt`,
        ...targets.map((file) => `wrote ${file}`),
      ]);
    });
}

/** Entropy at working size as grey: white is what all labels being alike would have. */
function doubt({ width, height, entropy }: Segmentation, labels: number): Picture {
  const most = Math.log(Math.max(2, labels));
  const data = Uint8Array.from(entropy, (nats) => Math.round((255 * nats) / most));
  return { width, height, data };
}

interface LabelShare {
  readonly label: string;
  /** Part of the photo's pixels, 0…1. */
  readonly share: number;
}

/** Share of the photo that each label got, in the order of the labels, whatever their names. */
function sharesOf(mask: Uint8Array, labels: readonly string[]): LabelShare[] {
  const counts = new Array<number>(labels.length).fill(0);
  for (const label of mask) counts[label] = (counts[label] as number) + 1;
  return labels.map((label, k) => ({ label, share: (counts[k] as number) / mask.length }));
}

/** Files to write, with their flags and names that they could have. */
function outputsOf({ output, overlay, uncertainty }: SegmentOptions) {
  const all = [
    { flag: "--output", path: output, other: "mask.png" },
    { flag: "--overlay", path: overlay, other: "overlay.png" },
    { flag: "--uncertainty", path: uncertainty, other: "uncertainty.png" },
  ];
  return all.flatMap(({ path, ...rest }) => (path === undefined ? [] : [{ path, ...rest }]));
}

/** Refuses outputs that are no PNG by name, or that would replace an input or each other. */
async function refuseOutputs(photo: string, options: SegmentOptions): Promise<void> {
  const { clicks } = options;
  const outputs = outputsOf(options);
  const taken = new Map([
    [await realPath(photo), "the photo"],
    [await realPath(clicks), "the clicks file"],
  ]);
  for (const { flag, path, other } of outputs) {
    const real = await realPath(path);
    const holder = taken.get(real);
    const fix = `write ${flag} ${other}`;
    if (holder !== undefined) {
      const expected = "a file of its own for every output, none of them an input";
      throw refuse(`${flag} ${path}, which is ${holder}`, expected, fix);
    }
    if (!/\.png$/i.test(path)) {
      throw refuse(`${flag} ${path}`, "a file name that ends in .png: a PNG is written", fix);
    }
    taken.set(real, `also ${flag}`);
  }
}

/** Path without symbolic links; of a file that is not there yet, its folder's. */
async function realPath(path: string): Promise<string> {
  const full = resolve(path);
  const folder = async (): Promise<string> => realpath(dirname(full)).catch(() => dirname(full));
  return realpath(full).catch(async () => join(await folder(), basename(full)));
}

function refuse(got: string, expected: string, fix: string): EdgewiseError {
  return new EdgewiseError({ code: "bad_usage", where: "edgewise segment", got, expected, fix });
}
