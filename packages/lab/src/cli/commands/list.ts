import type { Command } from "commander";
import type { Given } from "../../contract/row.ts";
import { printJson, printLines } from "../output.ts";

/** A row as it stands, without optional tensors or keys. */
const plain: Given = {
  config: {},
  scalars: [],
  has: () => false,
  shapeOf: () => [],
  extentOf: () => undefined,
};

/** `edgewise list`: what there is, with one line each. */
export function list(program: Command): void {
  program
    .command("list")
    .description("mechanisms, engines and experiments, and what runs here")
    .addHelpText("after", "\nExample:\n  edgewise list")
    .action(async (options: { json?: boolean }) => {
      const { rows } = await import("../../contract/rows.ts");
      const { describeRow } = await import("../../contract/describe.ts");
      const { compile } = await import("edgewise/compile");
      const { engineNamed, engineNames } = await import("edgewise");
      const available = await Promise.all(engineNames.map(engineNamed));
      const mechanisms = rows.map((row) => {
        const program = compile(row.declare(plain).model);
        const support = available.map((engine) => [
          engine.name,
          engine.supports(program)[0]?.reason ?? true,
        ]);
        return { ...describeRow(row), engines: Object.fromEntries(support) };
      });
      const engines = engineNames.map((name) => {
        const runs = mechanisms.filter((mechanism) => mechanism.engines[name] === true).length;
        return { name, available: true, mechanisms: runs };
      });
      if (options.json) return printJson({ mechanisms, engines, experiments: [] });
      const width = Math.max(...mechanisms.map(({ name }) => name.length));
      printLines([
        "mechanisms",
        ...mechanisms.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
        "engines",
        ...engines.map(
          ({ name, mechanisms: runs }) =>
            `  ${name.padEnd(width)}  runs ${runs} of ${mechanisms.length} mechanisms`,
        ),
      ]);
    });
}
