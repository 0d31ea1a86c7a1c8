import type { Command } from "commander";
import { printJson, printLines } from "../output.ts";

/** `edgewise list`: what there is, with one line each. */
export function list(program: Command): void {
  program
    .command("list")
    .description("mechanisms, engines and experiments, and what runs here")
    .addHelpText("after", "\nExample:\n  edgewise list")
    .action(async (options: { json?: boolean }) => {
      const mechanisms = await listMechanisms();
      const engines = enginesOf(mechanisms);
      const experiments = await listExperiments();
      if (options.json)
        return printJson({ mechanisms: withSupport(mechanisms), engines, experiments });
      const width = Math.max(...[...mechanisms, ...experiments].map(({ name }) => name.length));
      printLines([
        "mechanisms",
        ...mechanisms.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
        "engines",
        ...engines.map(
          (engine) => `  ${engine.name.padEnd(width)}  ${inWords(engine, mechanisms.length)}`,
        ),
        "experiments",
        ...experiments.map(
          ({ name, summary, claims }) =>
            `  ${name.padEnd(width)}  ${[summary, claims.join(" ")].filter(Boolean).join(": ")}`,
        ),
      ]);
    });
}

/** Rows of the contract with what every engine says to their programs, keys at their defaults. */
async function listMechanisms() {
  const { rows } = await import("../../contract/rows.ts");
  const { withoutTensors } = await import("../../contract/row.ts");
  const { describeRow } = await import("../../contract/describe.ts");
  const { explain } = await import("edgewise");
  return Promise.all(
    rows.map(async (row) => {
      const { model, read } = row.declare(withoutTensors({}));
      const { engines } = await explain(model, undefined, { read });
      return { ...describeRow(row), verdicts: engines };
    }),
  );
}

/** Experiments of `edgewise reproduce`, none of which is loaded. */
async function listExperiments() {
  const { experiments } = await import("../../experiment/registry.ts");
  return Object.entries(experiments).map(([name, { summary, claims }]) => ({
    ...{ name, summary, claims },
  }));
}

type Listed = Awaited<ReturnType<typeof listMechanisms>>;

/** The same with one word for each engine: true, or why not. */
function withSupport(mechanisms: Listed) {
  return mechanisms.map(({ verdicts, ...mechanism }) => {
    const support = verdicts.map(({ name, runs, reasons }) => [name, runs || reasons[0]]);
    return { ...mechanism, engines: Object.fromEntries(support) };
  });
}

/** Engines with what they have to work with here, and how many mechanisms they run. */
function enginesOf(mechanisms: Listed) {
  const [first] = mechanisms;
  return (first?.verdicts ?? []).map(({ runs: _, reasons, ...engine }) => {
    const all = mechanisms.flatMap(({ verdicts }) =>
      verdicts.filter((v) => v.name === engine.name),
    );
    const count = all.filter(({ runs }) => runs).length;
    return { ...engine, available: count > 0 || (reasons[0] ?? ""), mechanisms: count };
  });
}

function inWords(engine: ReturnType<typeof enginesOf>[number], of: number): string {
  const { available, precision, simd, relaxedSimd, threads, mechanisms } = engine;
  if (available !== true) return `cannot run here: ${available}`;
  return [
    `runs ${mechanisms} of ${of} mechanisms in ${precision}`,
    ...(simd ? ["SIMD"] : []),
    ...(relaxedSimd ? ["relaxed SIMD"] : []),
    threads === 1 ? "1 thread" : `up to ${threads} threads`,
  ].join(", ");
}
