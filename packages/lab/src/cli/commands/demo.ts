import { join, resolve } from "node:path";
import type { Command } from "commander";
import { checkWritable } from "../destination.ts";
import { writeAtomically } from "../files.ts";
import { makeFolder } from "../folder.ts";
import { printJson, printLines } from "../output.ts";

/** `edgewise demo`: what attention as inference does, in half a minute. */
export function demo(program: Command): void {
  program
    .command("demo")
    .description("segment a small scene from five clicks, and show one posterior")
    .option("--output <folder>", "folder for the pictures", "out/demo")
    .addHelpText("after", "\nExample:\n  edgewise demo --output pictures")
    .action(async (options: { output: string; json?: boolean }) => {
      const { normals } = await import("edgewise");
      const { overlay, prepare, segment } = await import("@edgewise/segment");
      const { scene, sceneClicks } = await import("../../demo/scene.ts");
      const { attentionExample } = await import("../../demo/attentionExample.ts");
      const { terminalMatrix } = await import("../../demo/terminalMatrix.ts");
      const { encodeMask, encodeRgb } = await import("../../photo/encode.ts");
      const folder = resolve(options.output);
      await makeFolder(options.output);
      const files = ["scene.png", "mask.png", "overlay.png"].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      await checkWritable(...files);
      const started = performance.now();
      const picture = await scene(normals(7));
      const prepared = await prepare(picture);
      const { mask } = await segment(prepared, sceneClicks);
      const milliseconds = performance.now() - started;
      await writeAtomically(
        new Map([
          [files[0], encodeRgb(picture)],
          [files[1], encodeMask(mask, picture, sceneClicks.labels.length)],
          [files[2], encodeRgb(overlay(picture, mask, { clicks: sceneClicks }))],
        ]),
      );
      const { tokens, posterior, entropy } = await attentionExample();
      if (options.json)
        return printJson({
          files,
          cells: prepared.fine.cells.count,
          milliseconds,
          tokens,
          posterior: [...posterior.data],
        });
      printLines([
        "Attention is inference: each node asks which edge explains it, and averages over the answer.",
        "",
        `1. Five clicks on a photo of ${picture.width} × ${picture.height} pixels. ${prepared.fine.cells.count} cells choose among the clicked ones, by colour,`,
        `   texture and nearness; keys and values adapt (mechanism: probabilistic). ${(milliseconds / 1000).toFixed(1)} s.`,
        `   Open  ${files[2]}`,
        "",
        "2. One sentence, read from left to right. Who does each word attend to? Each row is a posterior",
        "   over earlier words: dot potential, prior decaying by 0.25 nats a word (mechanism: self).",
        "",
        ...terminalMatrix(posterior.data, tokens),
        "",
        `   “she” finds “Ada” with probability ${(posterior.data[5 * tokens.length] as number).toFixed(2)}; its entropy is ${(entropy.data[5] as number).toFixed(2)} nats, that of “and” ${(entropy.data[4] as number).toFixed(2)}.`,
        "",
        "Next: edgewise list shows every mechanism; README.md has seven examples.",
      ]);
    });
}
