import type { Command } from "commander";
import { printJson, printLines } from "../output.ts";

/** `edgewise list`: what there is, with one line each. */
export function list(program: Command): void {
  program
    .command("list")
    .description("mechanisms, engines and experiments, and what runs here")
    .addHelpText("after", "\nExample:\n  edgewise list")
    .action(async (options: { json?: boolean }) => {
      const { rows } = await import("../../contract/rows.ts");
      const { describeRow } = await import("../../contract/describe.ts");
      const { engineNames } = await import("edgewise");
      const mechanisms = rows.map((row) => ({
        ...describeRow(row),
        engines: Object.fromEntries(engineNames.map((name) => [name, true])),
      }));
      const engines = engineNames.map((name) => ({ name, available: true }));
      if (options.json) return printJson({ mechanisms, engines, experiments: [] });
      const width = Math.max(...mechanisms.map(({ name }) => name.length));
      printLines([
        "mechanisms",
        ...mechanisms.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
        "engines",
        ...engines.map(({ name }) => `  ${name.padEnd(width)}  runs every mechanism here`),
      ]);
    });
}
