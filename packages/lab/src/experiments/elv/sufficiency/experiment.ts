/** Sufficiency: whether the posterior over concepts is all that a sequence says. */
import { type Inputs, normals, type Tensor } from "edgewise";
import { wasm } from "edgewise/engines/wasm";
import { Matrix, pseudoInverse } from "ml-matrix";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { mean } from "../../../experiment/statistics.ts";
import type { Trainable } from "../../../training/adam.ts";
import { train } from "../../../training/train.ts";
import {
  type ConceptOptions,
  drawnSequences,
  drawnWorld,
  predictive,
  type Sequences,
  type World,
} from "../concepts/concepts.ts";
import { type Config, full, quick, schema } from "./config.ts";
import { figures } from "./figures.ts";
import { given, probe, type Representation, representations } from "./probe.ts";
import { verdicts } from "./verdicts.ts";

export const sufficiency: Experiment = experiment<Config>({
  name: "sufficiency",
  engine: "wasm",
  claims: ["K18"],
  schema,
  quick,
  full,
  jobs: (config, seeds) =>
    Object.keys(config.families).flatMap((family) =>
      representations.flatMap((representation) =>
        forSeeds(seeds, `${family}: ${representation}`, { family, representation }),
      ),
    ),
  run,
  figures,
  verdicts,
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const { family, representation } = job.parameters as {
    family: string;
    representation: Representation;
  };
  const world = drawnWorld(config.families[family] as ConceptOptions, job.seed);
  const drawn = (count: number, seed: number) => drawnSequences(world, count, config.length, seed);
  const model = probe(representation);
  const engine = await wasm({ threads: 1 });
  const weights = train(engine, model, {
    ...{ steps: config.steps, rate: config.rate },
    weights: initial(model, { ...world.options, hidden: config.hidden }, representation, job.seed),
    batch: (step) => {
      const sequences = drawn(config.batch, 7919 * job.seed + 104_729 * step);
      return { ...given(representation, sequences), answers: sequences.answers };
    },
    after: (step) => {
      if (step % 50 === 0) told(step / config.steps);
    },
  });
  const held = drawn(config.heldOut, 1_000_003 * job.seed);
  const { outputs } = engine.runSync(engine.lower(model.program), {
    ...weights,
    ...given(representation, held),
    answers: held.answers,
  });
  engine.dispose();
  const exact = held.posterior.flatMap((of) => predictive(world, of).flat());
  const answered = (outputs["log_answer"] as Tensor).data;
  const questions = config.heldOut * world.options.questions;
  // Against the exact chances, not against answers drawn from them, which would add their noise.
  const gap = exact.reduce((sum, p, k) => sum + p * (Math.log(p) - Number(answered[k])), 0);
  const entropy = exact.reduce((sum, p) => sum - p * Math.log(p), 0);
  return [
    {
      ...{ family, representation, excess: gap / questions, bayes: entropy / questions },
      distance: distance(world, held, answered),
    },
  ];
}

/**
 * Total variation between the posterior and what the answers to all questions tell of it, by least
 * squares: where it is small, whoever can answer holds the posterior, which is therefore minimal.
 */
function distance(world: World, { posterior }: Sequences, logAnswers: Tensor["data"]): number {
  const chances = new Matrix(
    world.tables.flatMap((table) =>
      (table[0] as readonly number[]).map((_, k) => table.map((row) => row[k] as number)),
    ),
  );
  const answers = new Matrix(chances.rows, posterior.length);
  for (let b = 0; b < posterior.length; b++)
    for (let k = 0; k < chances.rows; k++)
      answers.set(k, b, Math.exp(Number(logAnswers[b * chances.rows + k])));
  const told = pseudoInverse(chances).mmul(answers);
  const apart = posterior.map((row, b) =>
    row.reduce((sum, p, c) => sum + Math.abs(p - told.get(c, b)) / 2, 0),
  );
  return mean(apart);
}

/** Normal weights, each row as long as 1 on average. */
function initial(
  { learned }: Trainable,
  sizes: ConceptOptions & { readonly hidden: number },
  representation: Representation,
  seed: number,
): Inputs {
  const normal = normals(31 * seed + 7);
  const { concepts, width, hidden, questions, answers } = sizes;
  const summary = representation.startsWith("posterior") ? concepts : width;
  const extents: Readonly<Record<string, number>> = {
    ...{ D: width, S: summary, H: hidden, P: hidden, T: questions, K: answers },
  };
  return Object.fromEntries(
    Object.entries(learned).map(([name, axes]): [string, Tensor] => {
      const shape = axes.map(({ size }) => extents[size] as number);
      const count = shape.reduce((a, b) => a * b, 1);
      const scale = name.endsWith("bias") ? 0 : 1 / Math.sqrt(shape.at(-1) as number);
      return [name, { data: Float32Array.from({ length: count }, () => scale * normal()), shape }];
    }),
  );
}
