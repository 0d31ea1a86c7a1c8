/** Softmax as precision: predictive coding whose units choose the parent that predicts them. */
import { z } from "zod";
import { checkRows, judged, reasonOf } from "../../../experiment/checks.ts";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
  type Verdict,
} from "../../../experiment/experiment.ts";
import { drawing } from "../identities/draw.ts";
import { precisionChecks } from "./checks.ts";
import { settling, sharpening } from "./courses.ts";
import expected from "./expected.json" with { type: "json" };
import { figures } from "./figures.ts";

export interface Config {
  /** Units of the clamped top, of the hidden layer and of the clamped bottom. */
  readonly units: readonly [top: number, hidden: number, bottom: number];
  /** Random networks of a seed. */
  readonly networks: number;
  /** Steps down the gradient. */
  readonly iterations: number;
  /** What all precisions are multiplied by, one after the other. */
  readonly factors: readonly number[];
}

const count = z.int().min(1);
const schema: z.ZodType<Config> = z.strictObject({
  units: z.tuple([count, count, count]),
  networks: count,
  iterations: count,
  factors: z.array(z.number().positive()).min(1),
});

const factors = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];
const quick: Config = { units: [4, 6, 8], networks: 5, iterations: 60, factors };
const full: Config = { ...quick, networks: 40, iterations: 200 };

export const precision: Experiment = experiment<Config>({
  name: "precision",
  engine: "reference",
  claims: ["K4"],
  schema,
  quick,
  full,
  jobs: (_, seeds) => forSeeds(seeds, "networks", {}),
  run,
  figures,
  verdicts,
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const draw = drawing(104_729 * job.seed);
  const { units, networks, iterations } = config;
  const rows: Row[] = [];
  for (let network = 1; network <= networks; network++) {
    const own = [
      ...checkRows("K4", await precisionChecks(draw, units)),
      ...(await settling(draw, units, iterations)),
      ...(await sharpening(draw, units, config.factors)),
    ];
    rows.push(...own.map((row) => ({ network, ...row })));
    told(network / networks);
  }
  return rows;
}

function verdicts(rows: readonly Row[]): Verdict[] {
  const found = judged(rows, "K4", expected.tolerance);
  if (found === undefined) return [];
  return [
    {
      ...{ id: "K4", verdict: found.outcome, measured: found.measured, interval: null },
      metric: `largest relative error of ${found.checks} checks`,
      expected: `below ${expected.tolerance}`,
      reason: reasonOf(
        found,
        "P k is an edge's precision, a unit's edges share its k, and the corrected gradient is that of F",
      ),
    },
  ];
}
