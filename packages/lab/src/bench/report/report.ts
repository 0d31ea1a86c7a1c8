import { join } from "node:path";
import type { Report } from "../bench.ts";
import { rowTable, verdictTable } from "./table.ts";

/** Everything of a report that is read in a terminal. */
export function textOf({ rows, ceilings, verdicts, missing, machine, quick }: Report): string[] {
  const { gflops, relaxed_simd, gexp_per_second, triad_gb_per_second } = ceilings;
  const goals = verdictTable(verdicts);
  return [
    machine,
    `ceilings of one thread in WebAssembly: ${gflops.toFixed(1)} GFLOP/s (${relaxed_simd ? "fused" : "multiply, then add"}), ${gexp_per_second.toFixed(1)} Gexp/s, ${triad_gb_per_second.toFixed(0)} GB/s`,
    "",
    ...rowTable(rows),
    ...(goals.length === 0 ? [] : ["", ...goals]),
    ...(missing.length === 0 ? [] : ["", "not installed here:"]),
    ...[...new Set(missing.map(({ install }) => install))].map((install) => {
      const names = missing.filter((one) => one.install === install).map(({ peer }) => peer);
      return `  ${names.join(", ")}: ${install}`;
    }),
    ...(quick ? ["", "Short lengths: everything ran, and nothing is said about speed."] : []),
  ];
}

/** Files of a report, by their paths. */
export async function filesOf(
  report: Report,
  folder: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { plot } = await import("./plot.ts");
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  return new Map([
    [join(folder, "bench.json"), bytes(`${JSON.stringify(report, null, 2)}\n`)],
    [join(folder, "bench.svg"), bytes(`${plot(report.rows, report.machine)}\n`)],
    [join(folder, "bench.txt"), bytes(`${textOf(report).join("\n")}\n`)],
  ]);
}
