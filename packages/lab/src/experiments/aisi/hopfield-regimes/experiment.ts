/** Regimes of recall: from the mean of all patterns, over means of some, to one. */
import { hopfield, tensor } from "edgewise";
import { exactly } from "../../../experiment/exact.ts";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import {
  dot,
  type Matrix,
  range,
  rowsOf,
  squaredDistance,
  type Vector,
} from "../identities/direct.ts";
import { type Draw, drawing } from "../identities/draw.ts";
import { type Arrangement, arrangements, type Config, full, quick, schema } from "./config.ts";
import { figures } from "./figures.ts";

export const hopfieldRegimes: Experiment = experiment<Config>({
  name: "hopfield-regimes",
  engine: "reference",
  claims: [],
  schema,
  quick,
  full,
  jobs: (_, seeds) =>
    arrangements.flatMap((arrangement) => forSeeds(seeds, arrangement, { arrangement })),
  run,
  figures,
  verdicts: () => [],
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const arrangement = job.parameters["arrangement"] as Arrangement;
  const draw = drawing(7919 * job.seed);
  const patterns = drawnPatterns(draw, config, arrangement);
  const cues = patterns.map((pattern) =>
    sum(pattern, unit(draw.vector(config.width)), config.noise),
  );
  const inputs = { state: tensor([cues]), patterns: tensor([patterns]) };
  const rows: Row[] = [];
  for (const [k, beta] of config.betas.entries()) {
    const model = hopfield({ precision: beta, maxIterations: config.iterations });
    const found = await exactly(model, inputs, ["state", "posterior", "freeEnergy"]);
    const [states, posterior] = [rowsOf(found.state), rowsOf(found.posterior)];
    const energies = rowsOf(found.freeEnergy);
    states.forEach((state, cue) => {
      const shares = posterior[cue] as Vector;
      const first = cue - (cue % config.group);
      rows.push({
        ...{ check: "end", arrangement, beta, cue },
        entropy: -shares.reduce((total, p) => total + (p > 0 ? p * Math.log(p) : 0), 0),
        onGroup: shares.slice(first, first + config.group).reduce((a, b) => a + b, 0),
        distance: Math.sqrt(squaredDistance(state, patterns[cue] as Vector)),
      });
    });
    for (let iteration = 0; iteration <= config.iterations; iteration++) {
      const freeEnergy = energies.reduce((total, own) => total + (own[iteration] as number), 0);
      rows.push({
        ...{ check: "course", arrangement, beta, iteration },
        freeEnergy: freeEnergy / energies.length,
      });
    }
    told((k + 1) / config.betas.length);
  }
  return rows;
}

const unit = (v: Vector): number[] => v.map((x) => x / Math.sqrt(dot(v, v)));
const sum = (a: Vector, b: Vector, by: number): number[] =>
  a.map((x, k) => x + by * (b[k] as number));

/** Patterns of length 1, at random or around a centre for every group. */
function drawnPatterns(draw: Draw, config: Config, arrangement: Arrangement): Matrix {
  const { patterns, width, group, likeness } = config;
  const centres = range(Math.ceil(patterns / group)).map(() => unit(draw.vector(width)));
  return range(patterns).map((k) => {
    const own = unit(draw.vector(width));
    if (arrangement === "random") return own;
    const centre = centres[Math.floor(k / group)] as Vector;
    // Two of a group have their centre in common: a cosine of about `likeness`.
    return unit(sum(centre, own, Math.sqrt(1 / likeness - 1)));
  });
}
