import { type Command, InvalidArgumentError } from "commander";
import { EdgewiseError, type Engine, engineNamed } from "edgewise";
import type { Tensors } from "../../contract/check.ts";
import type { Executed, Shown } from "../../contract/execute.ts";
import type { Row } from "../../contract/row.ts";
import { checkWritable } from "../destination.ts";
import { readBytes, readJson, writeAtomically } from "../files.ts";
import { printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";

interface MechanismOptions {
  readonly input?: string;
  readonly output?: string;
  readonly config?: string;
  readonly engine?: string;
  readonly threads?: number;
  readonly showKernel?: boolean;
  readonly json?: boolean;
}

type NamedEngine = Engine | string | undefined;

interface About {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  readonly execute: "runRow" | "gradientRow";
}

/** A command that reads tensors, executes a row of the contract, and writes tensors. */
export function mechanismCommand(program: Command, about: About): void {
  const command = program
    .command(`${about.name} <mechanism>`)
    .description(about.description)
    .option("--input <file>", "safetensors file with the mechanism's inputs")
    .option("--output <file>", "safetensors file to write, float32")
    .option("--config <file>", "JSON file with the mechanism's keys")
    .option("--engine <name>", "wasm or reference; the fastest that can when left out")
    .option(
      "--threads <number>",
      "threads that share the work of large calls; as many as there are when left out",
      threadCount,
    );
  if (about.execute === "runRow")
    command.option(
      "--show-kernel",
      "print the generated kernels as text of WebAssembly; nothing runs unless --output is given too",
    );
  command
    .addHelpText(
      "after",
      `\nExample:\n  ${about.example}\n\nTensors and keys of each mechanism: edgewise list --json, docs/mechanisms`,
    )
    .action((name: string, options: MechanismOptions) => execute(command, about, name, options));
}

async function execute(
  command: Command,
  about: About,
  name: string,
  options: MechanismOptions,
): Promise<void> {
  const { rowNamed } = await import("../../contract/rows.ts");
  const row = rowNamed(name);
  const { showKernel = false, input, output } = options;
  const isRun = !showKernel || output !== undefined;
  if (isRun && input === undefined) command.error("error: --input <file> is missing");
  if (isRun && output === undefined) command.error("error: --output <file> is missing");
  if (output !== undefined) await checkWritable(output);
  const engine = await engineOf(options);
  try {
    const config = options.config === undefined ? {} : await readJson(options.config);
    const tensors = input === undefined ? undefined : await tensorsOf(input);
    const shown = showKernel ? await showKernels(row, tensors, config, engine) : undefined;
    const done = tensors && output && (await run(about, row, { tensors, config, engine, output }));
    if (options.json) printJson({ mechanism: name, ...shown, ...(done && inJson(done)) });
    else
      printLines([
        ...(shown ? [shown.kernels] : []),
        ...(done ? [...inWords(name, done), `wrote ${output}`] : []),
      ]);
  } finally {
    if (typeof engine === "object") engine.dispose();
  }
}

/** Threads ask for an engine of this call's own, and for the engine that has them. */
async function engineOf({ engine, threads }: MechanismOptions): Promise<NamedEngine> {
  return threads === undefined ? engine : engineNamed(engine ?? "wasm", { threads });
}

async function showKernels(
  row: Row,
  tensors: Tensors | undefined,
  config: unknown,
  engine: NamedEngine,
): Promise<Shown> {
  const { showRow } = await import("../../contract/execute.ts");
  return showRow(row, tensors, config, { engine });
}

async function tensorsOf(input: string): Promise<Tensors> {
  const { readSafetensors } = await import("edgewise/io");
  return readSafetensors(await readBytes(input), input).tensors;
}

interface Call {
  readonly tensors: Tensors;
  readonly config: unknown;
  readonly engine: NamedEngine;
  readonly output: string;
}

/** Executes a row and writes its outputs. */
async function run(about: About, row: Row, call: Call): Promise<Executed> {
  const { gradientRow, runRow } = await import("../../contract/execute.ts");
  const { writeSafetensors } = await import("edgewise/io");
  const { tensors, config, engine, output } = call;
  const execute = about.execute === "runRow" ? runRow : gradientRow;
  const progress = startProgress(`${about.name} ${row.name}`, 100);
  const onProgress = (share: number) => progress.update(Math.round(100 * share));
  const done = await execute(row, tensors, config, { engine, onProgress });
  progress.stop();
  const written = [...done.outputs].map(
    ([tensor, { data, shape }]) =>
      [tensor, { dtype: "F32", shape, data: single(tensor, data, done.info) }] as const,
  );
  await writeAtomically(new Map([[output, writeSafetensors(written)]]));
  return done;
}

/** What was done, as programs read it. */
function inJson({ engine, threads, milliseconds, outputs, info }: Executed): object {
  const shapes = [...outputs].map(([tensor, { shape }]) => [tensor, shape]);
  return { engine, threads, milliseconds, outputs: Object.fromEntries(shapes), ...info };
}

/** What was done, as people read it. */
function inWords(name: string, { engine, milliseconds, outputs, info }: Executed): string[] {
  return [
    `${name} on ${engine} in ${milliseconds.toFixed(1)} ms`,
    ...[...outputs].map(([tensor, { shape }]) => `  ${tensor} [${shape.join(", ")}]`),
    ...unconverged(info),
    ...remarks(info),
  ];
}

function threadCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("It must be a whole number of at least 1.");
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
