/** The runs that stand in an output folder, whichever call made them. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Experiment } from "../experiment/experiment.ts";
import { experiments } from "../experiment/registry.ts";
import type { Section } from "../report/report.ts";
import { read } from "./reading.ts";
import { onFile, Results, type Settings, settingsSchema, wholeLines } from "./results.ts";
import type { Run } from "./workOff.ts";

/**
 * Sections of all runs in a folder, in the order of the registry, and of an experiment the latest
 * first. Those of this call are given; of others, as many seeds are told as all work is done of.
 * What cannot be read as a run, or not any more, is left out.
 */
export async function standing(
  output: string,
  runs: readonly Run[],
  sections: readonly Section[],
): Promise<Section[]> {
  const own = new Map(runs.map(({ folder }, k) => [folder.path, sections[k] as Section]));
  const all: { section: Section; at: number }[] = [];
  for (const name of readdirSync(output).sort()) {
    const path = join(output, name);
    const section = own.get(path) ?? (await sectionOf(path));
    if (section === undefined) continue;
    all.push({ section, at: statSync(join(path, "results.jsonl")).mtimeMs });
  }
  const order = Object.keys(experiments);
  const place = ({ section }: { section: Section }): number => order.indexOf(section.name);
  return all.sort((a, b) => place(a) - place(b) || b.at - a.at).map(({ section }) => section);
}

async function sectionOf(path: string): Promise<Section | undefined> {
  const file = join(path, "results.jsonl");
  const settings = settingsOf(join(path, "config.json"));
  if (settings === undefined || !existsSync(file)) return undefined;
  const { experiment: name } = settings;
  const known = Object.hasOwn(experiments, name) ? experiments[name] : undefined;
  const experiment = await known?.load();
  const config = experiment?.schema.safeParse(settings.config).data;
  const results = resultsOf(file);
  if (experiment === undefined || config === undefined || results === undefined) return undefined;
  const seeds = doneSeeds(experiment, config, results);
  if (seeds === 0) return undefined;
  const jobs = experiment.jobs(config, seeds);
  return read({ name, experiment, config, settings, seeds, results, jobs, file }).section;
}

function doneSeeds(experiment: Experiment, config: object, results: Results): number {
  let seeds = results.seeds;
  while (seeds > 0 && results.missing(experiment.jobs(config, seeds)).length > 0) seeds--;
  return seeds;
}

function settingsOf(file: string): Settings | undefined {
  try {
    return settingsSchema.safeParse(JSON.parse(onFile(file, () => readFileSync(file, "utf8"))))
      .data;
  } catch {
    return undefined;
  }
}

function resultsOf(file: string): Results | undefined {
  try {
    return new Results(onFile(file, () => wholeLines(file)).lines);
  } catch {
    return undefined;
  }
}
