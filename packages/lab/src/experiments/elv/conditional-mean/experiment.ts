/** Lengths: whether attention approaches the conditional mean as sequences grow longer. */
import {
  conditionalMean,
  cross,
  type Inputs,
  type Model,
  prepare,
  scaledDot,
  type Tensor,
} from "edgewise";
import { reference } from "edgewise/engines/reference";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { anglesOf, exactly, observed, onCircle } from "./circle.ts";
import { type Config, full, quick, schema } from "./config.ts";
import { figures } from "./figures.ts";
import { verdicts } from "./verdicts.ts";

export const lengths: Experiment = experiment<Config>({
  name: "lengths",
  engine: "reference",
  claims: ["K19"],
  schema,
  quick,
  full,
  jobs: (config, seeds) =>
    // The longest first: they take most of the time.
    [...config.lengths]
      .reverse()
      .flatMap((length) => forSeeds(seeds, `length ${length}`, { length })),
  run,
  figures,
  verdicts,
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const { length } = job.parameters as { length: number };
  const { queries, noise, scale, ridge, sharpened } = config;
  const draws = Math.min(config.mostDraws, Math.ceil(config.observations / length));
  const angles = anglesOf(queries);
  const inputs: Inputs = {
    ...observed(draws, length, noise, 7919 * job.seed + length),
    query: onCircle(Array.from({ length: draws }, () => angles).flat(), draws),
  };
  // The experiment's kernel is exp(scale · (⟨k, q⟩ − 1)): the library's is exp(scale) times it.
  const mean = (by: number): Model => conditionalMean({ scale, ridge: by * Math.exp(scale) });
  const softmax = (by: number): Model => cross({ potential: scaledDot({ scale: by }) });
  // The kernel matrix of a thousand keys on a circle does not bear single precision.
  const engine = reference();
  const answered = async (model: Model, share: number): Promise<Tensor> => {
    const { expectation } = await (await prepare(model, { engine, read: ["expectation"] }))(inputs);
    told(share);
    return expectation;
  };
  const exponent = sharpened.factor * length ** sharpened.power;
  const answers = {
    "conditional mean": await answered(mean(ridge * Math.sqrt(length)), 0.4),
    softmax: await answered(softmax(scale), 0.45),
    "sharpened softmax": await answered(softmax(exponent), 0.5),
  };
  const ridged = await answered(mean(config.proportionalRidge * length), 1);
  return [
    ...Object.entries(answers).map(([method, { data }]): Row => {
      return { part: "error", length, method, value: rmse(data, angles) };
    }),
    { part: "proportion", length, method: null, value: angleBetween(ridged, answers.softmax) },
    ...(job.seed === 1 ? curves(answers, angles, length) : []),
  ];
}

function rmse(data: Tensor["data"], angles: readonly number[]): number {
  const squares = Array.from(data, (found, k) => {
    return (Number(found) - exactly(angles[k % angles.length] as number)) ** 2;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** 1 − cosine of the angle between two predictions. */
function angleBetween({ data: a }: Tensor, { data: b }: Tensor): number {
  let [both, one, other] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [Number(a[k]), Number(b[k])];
    both += x * y;
    one += x * x;
    other += y * y;
  }
  return 1 - both / Math.sqrt(one * other);
}

/** What the first draw of a seed is answered, angle by angle. */
const curves = (
  answers: Readonly<Record<string, Tensor>>,
  angles: readonly number[],
  length: number,
): Row[] =>
  Object.entries(answers).flatMap(([method, { data }]) =>
    angles.map((angle, k): Row => {
      return { part: "curve", length, method, angle, value: data[k] as number };
    }),
  );
