/** Learning: whether the error of learning depends on how long sequences are. */
import type { Inputs, Tensor } from "edgewise";
import { type WasmEngine, wasm } from "edgewise/engines/wasm";
import { Matrix, solve } from "ml-matrix";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { mean } from "../../../experiment/statistics.ts";
import { train } from "../../../training/train.ts";
import {
  drawnSequences,
  drawnWorld,
  predictive,
  type Sequences,
  type World,
} from "../concepts/concepts.ts";
import { type Config, full, quick, schema } from "./config.ts";
import { figures } from "./figures.ts";
import { initial, layer, queries, type Task } from "./layer.ts";
import { verdicts } from "./verdicts.ts";

const tasks: readonly Task[] = ["answer", "masked token"];

export const learning: Experiment = experiment<Config>({
  name: "learning",
  engine: "wasm",
  claims: ["K20"],
  schema,
  quick,
  full,
  jobs: (config, seeds) =>
    tasks.flatMap((task) =>
      config.lengths.flatMap((length) =>
        forSeeds(seeds, `${task}, length ${length}`, { task, length }),
      ),
    ),
  run,
  figures,
  verdicts,
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const { task, length } = job.parameters as { task: Task; length: number };
  const options = { ...config.concepts, sides: 1, questions: 1 } as const;
  const world = drawnWorld(options, job.seed);
  const engine = await wasm({ threads: 1 });
  const heldOut = drawnSequences(world, config.heldOut, length, 1_000_003 * job.seed);
  const rows: Row[] = [];
  let weights: Inputs = {};
  const all = config.sequences.reduce((a, b) => a + b, 0);
  let done = 0;
  for (const sequences of config.sequences) {
    const seen = drawnSequences(world, sequences, length, 7919 * job.seed + sequences);
    weights = learned(engine, task, seen, world, config, job.seed);
    const shared = { part: task, length, sequences };
    if (task === "answer")
      rows.push({ ...shared, excess: excess(engine, weights, heldOut, world) });
    else rows.push({ ...shared, ...probed(engine, weights, heldOut, world, config, job.seed) });
    done += sequences;
    told(done / all);
  }
  // What was learned from most sequences, at lengths that were not trained on.
  for (const tested of task === "answer" ? config.lengths : []) {
    const other = drawnSequences(world, config.heldOut, tested, 1_000_003 * job.seed + tested);
    rows.push({ part: "transfer", length, tested, excess: excess(engine, weights, other, world) });
  }
  engine.dispose();
  return rows;
}

/**
 * Training goes on from the best of some beginnings, by their loss on the same sequences after a few
 * steps: from a beginning that takes two concepts for one it hardly ever parts them.
 */
function learned(
  engine: WasmEngine,
  task: Task,
  seen: Sequences,
  { options }: World,
  { senders, steps, rate, beginnings }: Config,
  seed: number,
): Inputs {
  const query = queries(seen, options.noise, task === "masked token");
  const target = task === "answer" ? answers(seen) : firstTokens(seen);
  const model = layer(task, options.noise);
  const trained = (weights: Inputs, share: number): Inputs =>
    train(engine, model, {
      ...{ steps: Math.ceil(share * steps), rate, weights, batch: () => ({ query, target }) },
    });
  const artifact = engine.lower(model.program);
  const tried = Array.from({ length: beginnings }, (_, k) => {
    const says = target.shape[1] as number;
    const weights = trained(initial(task, query, senders, says, 101 * seed + k), 0.1);
    const { outputs } = engine.runSync(artifact, { ...weights, query, target });
    return { weights, loss: Number(outputs["loss"]?.data[0]) };
  });
  const best = tried.reduce((one, other) => (other.loss < one.loss ? other : one));
  return trained(best.weights, 1);
}

const answers = ({ answers: { data, shape } }: Sequences): Tensor => ({
  data,
  shape: [shape[0] as number, shape[2] as number],
});

function firstTokens({ tokens }: Sequences): Tensor {
  const [count = 0, length = 0, width = 0] = tokens.shape;
  const data = Float32Array.from({ length: count * width }, (_, k) =>
    Number(tokens.data[Math.floor(k / width) * length * width + (k % width)]),
  );
  return { data, shape: [count, width] };
}

/** Log-loss above that of the exact predictive, nats; against its chances, not answers drawn from it. */
function excess(engine: WasmEngine, weights: Inputs, held: Sequences, world: World): number {
  const { said } = read(engine, "answer", weights, held, world, answers(held));
  const exact = held.posterior.flatMap((of) => predictive(world, of).flat());
  const gap = exact.reduce((sum, p, k) => sum + p * Math.log(p / Number(said.data[k])), 0);
  return gap / held.posterior.length;
}

/**
 * Accuracy for concepts of a linear probe on the layer's posterior, and that of the exact one: the
 * mean chance that the concept which is named is the true one.
 */
function probed(
  engine: WasmEngine,
  weights: Inputs,
  held: Sequences,
  world: World,
  { labelled }: Config,
  seed: number,
): Row {
  const { concepts } = world.options;
  const length = held.tokens.shape[1] as number;
  const known = drawnSequences(world, labelled, length, 1_000_003 * seed + 1);
  const features = (of: Sequences): Matrix => {
    const { posterior } = read(engine, "masked token", weights, of, world, firstTokens(of));
    return Matrix.from1DArray(
      of.posterior.length,
      posterior.shape[3] as number,
      [...posterior.data] as number[],
    );
  };
  const seen = features(known);
  const labels = Matrix.zeros(labelled, concepts);
  for (const [k, concept] of known.concepts.entries()) labels.set(k, concept, 1);
  const ridge = Matrix.eye(seen.columns).mul(1e-3 * labelled);
  const probe = solve(seen.transpose().mmul(seen).add(ridge), seen.transpose().mmul(labels));
  const scores = features(held).mmul(probe);
  return {
    accuracy: mean(
      held.posterior.map((chances, k) => {
        const row = scores.getRow(k);
        return chances[row.indexOf(Math.max(...row))] as number;
      }),
    ),
    bayes: mean(held.posterior.map((chances) => Math.max(...chances))),
  };
}

function read(
  engine: WasmEngine,
  task: Task,
  weights: Inputs,
  of: Sequences,
  { options }: World,
  target: Tensor,
): { said: Tensor; posterior: Tensor } {
  const query = queries(of, options.noise, false);
  const { outputs } = engine.runSync(engine.lower(layer(task, options.noise).program), {
    ...{ ...weights, query, target },
  });
  return outputs as { said: Tensor; posterior: Tensor };
}
