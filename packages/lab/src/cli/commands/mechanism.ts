import type { Command } from "commander";
import { EdgewiseError } from "edgewise";
import { checkWritable } from "../destination.ts";
import { readBytes, readJson, writeAtomically } from "../files.ts";
import { printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";

interface MechanismOptions {
  readonly input: string;
  readonly output: string;
  readonly config?: string;
  readonly engine?: string;
  readonly json?: boolean;
}

/** A command that reads tensors, executes a row of the contract, and writes tensors. */
export function mechanismCommand(
  program: Command,
  about: { name: string; description: string; example: string; execute: "runRow" | "gradientRow" },
): void {
  program
    .command(`${about.name} <mechanism>`)
    .description(about.description)
    .requiredOption("--input <file>", "safetensors file with the mechanism's inputs")
    .requiredOption("--output <file>", "safetensors file to write, float32")
    .option("--config <file>", "JSON file with the mechanism's keys")
    .option("--engine <name>", "engine to run on; the fastest that can when left out")
    .addHelpText(
      "after",
      `\nExample:\n  ${about.example}\n\nTensors and keys of each mechanism: edgewise list --json, docs/mechanisms`,
    )
    .action(async (name: string, options: MechanismOptions) => {
      const { rowNamed } = await import("../../contract/rows.ts");
      const { gradientRow, runRow } = await import("../../contract/execute.ts");
      const { readSafetensors, writeSafetensors } = await import("edgewise/io");
      const row = rowNamed(name);
      await checkWritable(options.output);
      const config = options.config === undefined ? {} : await readJson(options.config);
      const { tensors } = readSafetensors(await readBytes(options.input), options.input);
      const execute = about.execute === "runRow" ? runRow : gradientRow;
      const progress = startProgress(`${about.name} ${name}`, 100);
      const onProgress = (share: number) => progress.update(Math.round(100 * share));
      const done = await execute(row, tensors, config, { engine: options.engine, onProgress });
      progress.stop();
      const written = [...done.outputs].map(
        ([tensor, { data, shape }]) =>
          [tensor, { dtype: "F32", shape, data: single(tensor, data, done.info) }] as const,
      );
      await writeAtomically(new Map([[options.output, writeSafetensors(written)]]));
      const outputs = Object.fromEntries(
        [...done.outputs].map(([tensor, { shape }]) => [tensor, shape]),
      );
      const { engine, milliseconds, info } = done;
      if (options.json)
        return printJson({ mechanism: name, engine, milliseconds, outputs, ...info });
      const shapes = Object.entries(outputs).map(
        ([tensor, shape]) => `  ${tensor} [${shape.join(", ")}]`,
      );
      printLines([
        `${name} on ${engine} in ${milliseconds.toFixed(1)} ms`,
        ...shapes,
        ...unconverged(info),
        ...remarks(info),
        `wrote ${options.output}`,
      ]);
    });
}

/** Says which iterations ended at their cap instead of at their tolerance. */
function unconverged({ converged = {}, iterations = {} }: Record<string, unknown>): string[] {
  return Object.entries(converged as Record<string, boolean>)
    .filter(([, reached]) => !reached)
    .map(([name]) => {
      const count = (iterations as Record<string, number>)[name];
      return `  ${name} ended after ${count} iterations, short of its tolerance`;
    });
}

/** Says that an energy rose, why a gradient is not implicit, and where a curvature has no inverse. */
function remarks({ freeEnergy, positiveDefinite, notImplicit }: Record<string, unknown>): string[] {
  const { largestRise = 0, atIteration = 0 } = (freeEnergy ?? {}) as Record<string, number>;
  const { yes = 0, of = 0 } = (positiveDefinite ?? {}) as Record<string, number>;
  return [
    ...(notImplicit === undefined ? [] : [`  gradient through the iterations: ${notImplicit}`]),
    ...(largestRise > 0
      ? [
          `  free energy rose by ${largestRise.toPrecision(2)} in iteration ${atIteration}: lower the rate`,
        ]
      : []),
    ...(yes < of
      ? [`  ${of - yes} of ${of} precision matrices are not positive definite: no minimum there`]
      : []),
  ];
}

/** Numbers as they are written; a finite one beyond float32 is not written as infinity. */
function single(
  name: string,
  data: ArrayLike<number>,
  { freeEnergy }: Readonly<Record<string, unknown>>,
): Float32Array {
  const written = Float32Array.from(data);
  const k = written.findIndex((value, at) => !Number.isFinite(value) && Number.isFinite(data[at]));
  if (k < 0) return written;
  const { largestRise = 0, atIteration = 0 } = (freeEnergy ?? {}) as Record<string, number>;
  throw new EdgewiseError({
    code: "not_finite",
    where: name,
    got: `${data[k]} at element ${k}`,
    expected: "a number within float32, up to 3.4e38",
    fix:
      largestRise > 0
        ? `lower the rate: the free energy rose, most in iteration ${atIteration}, by ${largestRise.toExponential(1)}`
        : "scale the inputs down",
  });
}
