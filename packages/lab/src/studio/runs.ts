/** What the page is told of claims and runs. */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type ClaimId, claims } from "../experiment/claims.ts";
import { experimentsOf } from "../experiment/registry.ts";
import { type KeptRun, keptRuns } from "../run/store.ts";
import type { Told, ToldClaim, ToldFigure } from "./told.ts";

/** Claims with what the last runs say of them, and all runs that are kept. @throws unreadable_file */
export async function told(working: string, home: string): Promise<Told> {
  const kept = keptRuns(home);
  const runs = await Promise.all(
    kept.map(async ({ id, settings, seeds, state, started, seconds, verdicts, folder }) => ({
      ...{ id, experiment: settings.experiment, size: settings.size, seeds, state },
      ...{ started, seconds, settings, verdicts },
      figures: await figuresOf(resolve(working, folder)),
    })),
  );
  return {
    claims: Object.entries(claims).map(([id, { paper, text, outcome }]) => ({
      ...{ id, paper, text, known: outcome, experiments: experimentsOf(id as ClaimId) },
      ...lastOf(id as ClaimId, kept),
    })),
    runs,
  };
}

/** Full sizes count before quick ones, later runs before earlier ones. */
function lastOf(id: ClaimId, kept: readonly KeptRun[]): Pick<ToldClaim, "verdict" | "run"> {
  const said = kept.flatMap(({ id: run, verdicts, settings, started }) =>
    verdicts
      .filter((verdict) => verdict.id === id)
      .map((verdict) => ({ verdict, run, isFull: settings.size === "full", started })),
  );
  const [last] = said.sort((a, b) => Number(b.isFull) - Number(a.isFull) || b.started - a.started);
  return last === undefined ? {} : { verdict: last.verdict, run: last.run };
}

/** Name of a figure, and what its file ends in; nothing else of the folder is told or served. */
const figureFile = /^([\w-]+)\.(svg|png|csv)$/;

async function figuresOf(folder: string): Promise<ToldFigure[]> {
  const files = await readdir(join(folder, "figures")).catch(() => []);
  const found = files.flatMap((file) => {
    const [, name, kind] = figureFile.exec(file) ?? [];
    return name === undefined || kind === undefined ? [] : [{ name, kind }];
  });
  return [...new Set(found.map(({ name }) => name))].map((name) => ({
    name,
    kinds: found.filter((file) => file.name === name).map(({ kind }) => kind),
  }));
}

/** A file of a figure of a run; nothing where there is none. */
export async function figureOf(
  run: string,
  file: string,
  { working, home }: { readonly working: string; readonly home: string },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const found = keptRuns(home).find(({ id }) => String(id) === run);
  if (found === undefined || !figureFile.test(file)) return undefined;
  const path = join(resolve(working, found.folder), "figures", file);
  const figure = await readFile(path).catch(() => undefined);
  return figure === undefined ? undefined : new Uint8Array(figure);
}
