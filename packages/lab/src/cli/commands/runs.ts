import { relative } from "node:path";
import type { Command } from "commander";
import { EdgewiseError } from "edgewise";
import { differences, flat } from "../../run/comparison.ts";
import type { KeptRun } from "../../run/store.ts";
import { printJson, printLines } from "../output.ts";

/** `edgewise runs`: the runs that were kept, and what differs between some of them. */
export function runs(program: Command): void {
  program
    .command("runs [number...]")
    .description("list the runs that were kept, show one, or compare some by what differs")
    .addHelpText(
      "after",
      "\nExamples:\n  edgewise runs\n  edgewise runs 3\n  edgewise runs 3 7\n\nSeconds are those of a run's jobs, added up over threads.",
    )
    .action(async (given: readonly string[], options: { json?: boolean }) => {
      const { keptRuns } = await import("../../run/store.ts");
      const all = keptRuns();
      const chosen = given.length === 0 ? all : given.map((word) => found(word, all));
      const [only] = chosen;
      if (options.json) printJson({ runs: chosen });
      else if (given.length === 0) printLines(all.length === 0 ? [none] : all.map(line));
      else if (given.length === 1 && only !== undefined) printLines(shown(only));
      else printLines(compared(chosen));
    });
}

const none = "no runs yet: edgewise reproduce --quick makes some";

function found(word: string, all: readonly KeptRun[]): KeptRun {
  const run = all.find(({ id }) => String(id) === word);
  if (run !== undefined) return run;
  throw new EdgewiseError({
    code: "bad_usage",
    where: "number of edgewise runs",
    got: /^\d+$/.test(word) ? `${word}, and no run of that number` : `${word}, no whole number`,
    expected:
      all.length === 0
        ? "a run, of which there is none yet"
        : `the number of a run: ${numbers(all.map(({ id }) => id))}`,
    fix: "edgewise runs lists them with their numbers",
  });
}

function line({ id, settings, seeds, state, started, seconds, folder }: KeptRun): string {
  const when = new Date(started).toISOString().slice(0, 16).replace("T", " ");
  const what = `${settings.experiment} ${settings.size}, ${seeds} seed${seeds === 1 ? "" : "s"}`;
  return `${String(id).padStart(4)}  ${when}  ${state.padEnd(8)}  ${seconds.toFixed(1)} s  ${what}  ${near(folder)}`;
}

/** A path from here, where it leads into this folder. */
function near(path: string): string {
  const from = relative("", path);
  return from.startsWith("..") ? path : from;
}

/** Numbers that rise, those that follow each other as a stretch: 1–3, 7. */
function numbers(ids: readonly number[]): string {
  const stretches: [number, number][] = [];
  for (const id of ids) {
    const last = stretches.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else stretches.push([id, id]);
  }
  return stretches.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}

/** A run by itself: its line, its settings and what it came to. */
function shown(run: KeptRun): string[] {
  const settings = flat(run.settings);
  const width = Math.max(...settings.map(([name]) => name.length));
  return [
    line(run).trimStart(),
    ...settings.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...run.verdicts.map(
      ({ id, verdict, metric, measured: value }) =>
        `${id.padEnd(3)}  ${verdict.padEnd(14)}  ${metric}: ${Number(value.toPrecision(4))}`,
    ),
  ];
}

/** What differs between runs, a line each: settings, then what was measured. */
function compared(chosen: readonly KeptRun[]): string[] {
  const found = differences(chosen.map((run) => [...flat(run.settings), ...measured(run)]));
  if (found.length === 0) return ["their settings and verdicts do not differ"];
  const rows = [["", ...chosen.map(({ id }) => `run ${id}`)]].concat(
    found.map(({ name, values }) => [name, ...values.map((value) => value ?? "–")]),
  );
  const widths = rows[0]?.map((_, k) => Math.max(...rows.map((row) => row[k]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, k) => cell.padEnd(widths[k] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const measured = ({ verdicts }: KeptRun): [string, string][] =>
  verdicts.map(({ id, metric, measured: value }) => [
    `${id} ${metric}`,
    String(Number(value.toPrecision(4))),
  ]);
