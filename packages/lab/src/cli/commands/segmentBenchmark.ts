import { readdir, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { EdgewiseError } from "edgewise";
import type { PhotoResult } from "../../annotator/benchmark.ts";
import type { Large } from "../../annotator/large.ts";
import type { Arm, Summary } from "../../annotator/summary.ts";
import { makeFolder } from "../folder.ts";
import { printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";

interface Options {
  readonly clicks: number;
  readonly limit?: number;
  readonly output: string;
  readonly features?: string;
  readonly json?: boolean;
}

/** `edgewise segment-benchmark`: a simulated annotator on a folder of photos with masks. */
export function segmentBenchmark(program: Command): void {
  program
    .command("segment-benchmark <folder>")
    .description("let a simulated annotator click on photos whose regions are known")
    .option("--clicks <number>", "clicks beyond one a region", clickCount, 20)
    .option("--limit <number>", "photos of the folder, from the first on", count)
    .option("--features <model>", "network in ONNX, described in a JSON file of its name")
    .option("--output <folder>", "folder for figures, tables and overlays", "out/segment-benchmark")
    .addHelpText(
      "after",
      "\nExample:\n  edgewise segment-benchmark photos --limit 5\n\nThe folder holds NAME.jpg with NAME.png: its index is the region, 255 is not scored. A peers.json beside them tells what other tools score.",
    )
    .action(async (folder: string, options: Options) => {
      const { loadSample, samplesIn } = await import("../../annotator/photos.ts");
      const { benchmarkPhoto } = await import("../../annotator/benchmark.ts");
      const { peersOf } = await import("../../annotator/peers.ts");
      const { summarise } = await import("../../annotator/summary.ts");
      const { measureLarge } = await import("../../annotator/large.ts");
      const { written, writeOverlay } = await import("../../annotator/files.ts");
      const { networkFrom } = await import("../../photo/network.ts");
      const { pairs, skipped } = await samplesIn(folder);
      const chosen = pairs.slice(0, options.limit);
      await refuseOwnFolder(folder, options.output);
      const peers = await peersOf(folder, await readdir(folder));
      const network =
        options.features === undefined ? undefined : await networkFrom(options.features);
      await makeFolder(options.output);
      await makeFolder(join(options.output, "overlays"));
      const progress = startProgress("segment-benchmark", chosen.length * 100);
      const results: PhotoResult[] = [];
      const first = await loadSample(folder, chosen[0] as (typeof chosen)[0]);
      // Once for the compilers' sake, and before the photos, whose memory is not what is measured.
      await measureLarge(first);
      const large: Large = await measureLarge(first);
      // All that cannot be read is told before any work is done.
      for (const pair of chosen) await loadSample(folder, pair);
      for (const [k, pair] of chosen.entries()) {
        const sample = await loadSample(folder, pair);
        const told = (share: number) =>
          progress.update(100 * k + Math.floor(100 * share), pair.name);
        results.push(await benchmarkPhoto(sample, { clicks: options.clicks, network, told }));
        await writeOverlay(join(options.output, "overlays"), sample, results[k] as PhotoResult);
      }
      progress.stop();
      const summary = summarise(results, options.clicks, peers);
      const files = await written(options.output, results, summary, peers);
      if (options.json) printJson({ ...summary, skipped, large, output: options.output });
      else
        printLines([
          ...table(summary, large),
          ...leftOut(skipped),
          ...files.map((file) => `wrote ${file}`),
        ]);
    });
}

const leftOut = (skipped: readonly string[]): string[] =>
  skipped.length === 0 ? [] : [`left out, without a mask: ${skipped.join(", ")}`];

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError("It must be a whole number from 1 to 100000.");
}

function clickCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 1000) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 1000.");
}

/** Refuses to write into the folder that is read: a mask could have the name of a figure. */
async function refuseOwnFolder(folder: string, output: string): Promise<void> {
  const real = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
  const own = await real(folder);
  if (own !== (await real(output)) && own !== (await real(join(output, "overlays")))) return;
  throw new EdgewiseError({
    code: "bad_usage",
    where: "edgewise segment-benchmark",
    got: `--output ${output}, where the photos and masks are`,
    expected: "a folder of its own for what is written",
    fix: "write --output out/segment-benchmark",
  });
}

const shown = (value: number): string => value.toFixed(3);

function table(summary: Summary, large: Large): string[] {
  const marks = Object.keys(summary.miou);
  const head = `${"".padEnd(20)}${marks.map((mark) => `R+${mark}`.padStart(8)).join("")}`;
  const line = (name: string, { miou }: Arm): string =>
    name.padEnd(20) + marks.map((mark) => told(miou[mark]).padStart(8)).join("");
  const told = (value: number | undefined): string => (value === undefined ? "" : shown(value));
  const gains = (name: string, { gain }: Arm): string =>
    `  ${name.padEnd(20)}${Object.entries(gain)
      .map(
        ([mark, { mean, interval }]) =>
          `R+${mark} ${signed(mean)} [${interval.map(signed).join(", ")}]`,
      )
      .join("  ")}`;
  const { arms, peers, suggestions, update_ms: update, prepare_ms: prepare } = summary;
  const others = Object.entries(peers);
  return [
    `mean IoU over ${summary.photos} photos after R clicks, one a region, and further ones`,
    head,
    ...Object.entries(arms).map(([name, arm]) => line(name, arm)),
    ...others.map(([name, arm]) => line(name, arm)),
    ...Object.entries(suggestions)
      .slice(1)
      .map(([name, arm]) => line(name, arm)),
    "gain over the arm without ideas, paired by photo [95 % of the bootstrap over photos]",
    ...Object.entries(arms)
      .slice(1)
      .map(([name, arm]) => gains(name, arm)),
    ...(others.length === 0 ? [] : ["gain over other tools"]),
    ...others.map(([name, arm]) => gains(name, arm)),
    "gain of suggested clicks over clicks at random where the mask is wrong",
    ...Object.entries(suggestions)
      .filter(([name]) => name === "suggested")
      .map(([name, arm]) => gains(name, arm)),
    `update ${update.median.toFixed(1)} ms (95 % below ${update.p95.toFixed(1)}), preparing ${prepare.median.toFixed(0)} ms (${prepare.p95.toFixed(0)})`,
    `${large.megapixels.toFixed(0)} megapixels: preparing ${large.prepare_ms.toFixed(0)} ms, update ${large.update_ms.toFixed(0)} ms, at most ${large.peak_mb.toFixed(0)} MB`,
  ];
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
