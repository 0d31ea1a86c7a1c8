/** What a run comes to: verdicts and figures from its rows, as a section of a report. */
import type { Experiment, Figure, Job } from "../experiment/experiment.ts";
import { experiments } from "../experiment/registry.ts";
import { svgOf } from "../figure/figure.ts";
import type { Section } from "../report/report.ts";
import type { Results, Settings } from "./results.ts";

interface Read {
  readonly name: string;
  readonly experiment: Experiment;
  readonly config: object;
  readonly settings: Settings;
  readonly seeds: number;
  readonly results: Results;
  readonly jobs: readonly Job[];
  /** Path of the results. */
  readonly file: string;
}

/** Where jobs failed there are failures alone; so where rows are not those that the experiment writes. */
export function read(run: Read): { section: Section; figures: readonly Figure[] } {
  const { name, experiment, config, settings, seeds, results, jobs, file } = run;
  const summary = experiments[name]?.summary ?? name;
  const about = { name, summary, settings, seeds, failures: results.failures(jobs) };
  const none = { verdicts: [], figures: [] };
  if (about.failures.length > 0) return { section: { ...about, ...none }, figures: [] };
  try {
    const rows = results.rows(jobs);
    const verdicts = experiment.verdicts(rows, config);
    const figures = experiment.figures(rows, config);
    const drawn = figures.map((figure) => ({ ...figure, svg: svgOf(figure, false) }));
    return { section: { ...about, verdicts, figures: drawn }, figures };
  } catch (error) {
    const failure = `its rows do not add up (${(error as Error).message}): remove ${file}, and its work is done again`;
    const failures = [{ key: "verdicts and figures", seed: seeds, error: failure }];
    return { section: { ...about, ...none, failures }, figures: [] };
  }
}
