/** Training on an engine: steps of Adam on batches, with a rate that decays like a cosine. */
import type { Engine, Inputs, Tensor } from "edgewise";
import { correctedRate, type Trainable, trainingStep } from "./adam.ts";

export interface TrainOptions {
  readonly steps: number;
  readonly rate: number;
  /** Part of the rate that is left at the end. */
  readonly leaves?: number;
  /** Inputs of a step's batch. */
  readonly batch: (step: number) => Inputs;
  /** Weights to begin with. */
  readonly weights: Inputs;
  /** Told the weights after each step that counts, from 1 on. */
  readonly after?: (step: number, weights: Inputs) => void;
}

/** The weights after the last step. */
export function train(
  engine: Engine,
  trainable: Trainable,
  { steps, rate, leaves = 0.05, batch, weights, after }: TrainOptions,
): Inputs {
  const { artifact, run } = lowered(engine, trainable);
  const names = Object.keys(trainable.learned);
  let state: Record<string, Tensor> = {};
  for (const name of names) {
    const { data, shape } = weights[name] as Tensor;
    const zeros = (): Tensor => ({ data: new Float32Array(data.length), shape });
    Object.assign(state, { [name]: { data, shape }, [`mean ${name}`]: zeros() });
    state[`square ${name}`] = zeros();
  }
  for (let step = 1; step <= steps; step++) {
    const decay = leaves + ((1 - leaves) * (1 + Math.cos((Math.PI * (step - 1)) / steps))) / 2;
    const outputs = run(artifact, {
      ...batch(step),
      ...state,
      rate: scalar(correctedRate(rate * decay, step)),
      d_loss: scalar(1),
    });
    state = Object.fromEntries(
      Object.keys(state).map((name) => [name, outputs[`next ${name}`] as Tensor]),
    );
    after?.(step, learnedOf(state, names));
  }
  return learnedOf(state, names);
}

function lowered(engine: Engine, trainable: Trainable) {
  const artifact = engine.lower(trainingStep(trainable));
  const run = (of: unknown, inputs: Inputs): Inputs => {
    if (engine.runSync === undefined) throw new TypeError(`${engine.name} does not answer at once`);
    return engine.runSync(of, inputs).outputs;
  };
  return { artifact, run };
}

const learnedOf = (state: Inputs, names: readonly string[]): Inputs =>
  Object.fromEntries(names.map((name) => [name, state[name] as Tensor]));

const scalar = (value: number): Tensor => ({ data: Float32Array.of(value), shape: [] });
