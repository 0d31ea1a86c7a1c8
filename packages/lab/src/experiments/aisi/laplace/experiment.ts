/** The Laplace precision of a state between two memories, and the exact posterior. */
import { hopfield, tensor } from "edgewise";
import { exactly } from "../../../experiment/exact.ts";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { range } from "../identities/direct.ts";
import { drawing } from "../identities/draw.ts";
import { type Config, full, quick, schema } from "./config.ts";
import { figures } from "./figures.ts";

export const laplace: Experiment = experiment<Config>({
  name: "laplace",
  engine: "reference",
  claims: [],
  schema,
  quick,
  full,
  jobs: (_, seeds) => forSeeds(seeds, "draws", {}),
  run,
  figures,
  verdicts: () => [],
});

/** Iterations run until nothing moves: near half distance 1 a step gains hardly anything. */
const network = hopfield({ maxIterations: 100_000, tolerance: 1e-12 });
const still = hopfield({ maxIterations: 0 });
const read = ["precisionMatrix", "positiveDefinite"] as const;

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const draw = drawing(7919 * job.seed);
  const rows: Row[] = [];
  for (const half of config.halves) {
    const patterns = tensor([[[half], [-half]]]);
    const end = await exactly(network, { state: tensor([[[half]]]), patterns }, ["state", ...read]);
    const middle = await exactly(still, { state: tensor([[[0]]]), patterns }, read);
    const precision = end.precisionMatrix.data[0] as number;
    rows.push({
      half,
      state: end.state.data[0] as number,
      precision,
      middle: middle.precisionMatrix.data[0] as number,
      isMinimum: middle.positiveDefinite.data[0] === 1,
      laplace: 1 / precision,
      ...moments(half, config.points),
      drawn: drawnVariance(
        range(config.draws).map(() => {
          const sign = draw.between(0, 1) < 0.5 ? -1 : 1;
          return sign * half + (draw.vector(1)[0] as number);
        }),
      ),
    });
    told(rows.length / config.halves.length);
  }
  return rows;
}

/** Variance of p(z) ∝ exp(−F(z)), and of its half around one memory, by the trapezoid rule. */
function moments(half: number, points: number): { exact: number; within: number } {
  const reach = half + 10;
  const width = reach / points;
  let [mass, first, second] = [0, 0, 0];
  for (let k = 0; k <= points; k++) {
    const z = k * width;
    // exp(−F) with the two memories' terms apart, each times exp(−half²/2).
    const density = Math.exp(-((z - half) ** 2) / 2) + Math.exp(-((z + half) ** 2) / 2);
    const weight = k === 0 || k === points ? density / 2 : density;
    mass += weight;
    first += weight * z;
    second += weight * z * z;
  }
  return { exact: second / mass, within: second / mass - (first / mass) ** 2 };
}

function drawnVariance(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
