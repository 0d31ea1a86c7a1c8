/** What the page is told of claims and runs. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClaimId, claims } from "../experiment/claims.ts";
import { type KeptRun, keptRuns } from "../run/store.ts";
import type { Told, ToldClaim } from "./told.ts";

/** Claims with what the last runs say of them, and all runs that are kept. @throws unreadable_file */
export async function told(home?: string): Promise<Told> {
  const kept = keptRuns(home);
  const runs = await Promise.all(
    kept.map(async ({ id, settings, seeds, state, started, seconds, folder }) => ({
      ...{ id, experiment: settings.experiment, size: settings.size, seeds, state },
      ...{ started, seconds, figures: await figuresOf(folder) },
    })),
  );
  return {
    claims: Object.entries(claims).map(([id, { paper, text, outcome }]) => ({
      ...{ id, paper, text, known: outcome },
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

async function figuresOf(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, "figures")).catch(() => []);
  return files.filter((file) => /^[\w-]+\.svg$/.test(file)).map((file) => file.slice(0, -4));
}

/** A figure of a run; nothing where there is none. */
export async function figureOf(
  run: string,
  name: string,
  home?: string,
): Promise<Uint8Array | undefined> {
  const found = keptRuns(home).find(({ id }) => String(id) === run);
  if (found === undefined || !/^[\w-]+$/.test(name)) return undefined;
  return await readFile(join(found.folder, "figures", `${name}.svg`)).catch(() => undefined);
}
