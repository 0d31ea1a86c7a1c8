/** Tempered posteriors where the likelihood is wrong: which temperature predicts best. */
import { edgeModel, gaussian, given, indicator, tensor } from "edgewise";
import { exactly } from "../../../experiment/exact.ts";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { logSumExp, range, squaredDistance, type Vector } from "../identities/direct.ts";
import { drawing } from "../identities/draw.ts";
import { type Config, full, type Noise, noises, quick, schema, temperings } from "./config.ts";
import { figures } from "./figures.ts";

export const tempered: Experiment = experiment<Config>({
  name: "tempered",
  engine: "reference",
  claims: [],
  schema,
  quick,
  full,
  jobs: (_, seeds) =>
    (Object.keys(noises) as Noise[]).flatMap((noise) => forSeeds(seeds, noise, { noise })),
  run,
  figures,
  verdicts: () => [],
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const noise = job.parameters["noise"] as Noise;
  const { classes, width, believed, observations } = config;
  const draw = drawing(7919 * job.seed);
  const means = draw.matrix(classes, width);
  const weights = draw.vector(classes);
  const logPrior = weights.map((weight) => weight - logSumExp(weights));
  const deviation = believed * noises[noise];
  const made = range(observations).map(() => {
    const label = drawnFrom(logPrior, draw.between(0, 1));
    const own = draw.vector(width, deviation);
    return { label, seen: (means[label] as Vector).map((mean, k) => mean + (own[k] as number)) };
  });
  const inputs = {
    seen: tensor(made.map(({ seen }) => seen)),
    means: tensor(means),
    log_prior: tensor(logPrior),
  };
  // What one who knows the noise loses: the least that there is.
  const least =
    made.reduce((sum, { label, seen }) => {
      const scores = means.map(
        (mean, c) => (logPrior[c] as number) - squaredDistance(seen, mean) / (2 * deviation ** 2),
      );
      return sum + logSumExp(scores) - (scores[label] as number);
    }, 0) / observations;
  const rows: Row[] = [];
  for (const tempering of temperings)
    for (const temperature of config.temperatures) {
      const model = edgeModel({
        name: "classes",
        nodes: {
          query: { tensor: "seen", shape: ["B", "D"] },
          key: { tensor: "means", shape: ["M", "D"] },
        },
        prior: given("log_prior", ["M"]),
        potential: gaussian({ precision: believed ** -2 }),
        value: indicator(),
        ...{ temperature, tempering },
      });
      const { posterior } = await exactly(model, inputs, ["posterior"]);
      const loss = made.reduce(
        (sum, { label }, b) => sum - Math.log(posterior.data[b * classes + label] as number),
        0,
      );
      rows.push({ noise, tempering, temperature, logLoss: loss / observations, least });
      told(rows.length / (temperings.length * config.temperatures.length));
    }
  return rows;
}

/** The class whose share of the prior holds a uniform number. */
function drawnFrom(logPrior: Vector, uniform: number): number {
  let left = uniform;
  const found = logPrior.findIndex((log) => {
    left -= Math.exp(log);
    return left < 0;
  });
  return found < 0 ? logPrior.length - 1 : found;
}
