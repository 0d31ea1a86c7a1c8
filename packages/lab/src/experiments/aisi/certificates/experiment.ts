/** Certificates: concave–convex steps on random models, and where the free energy rose. */
import { normals, uniforms } from "edgewise";
import { z } from "zod";
import { certify } from "../../../certify/certify.ts";
import type { Family } from "../../../certify/draws.ts";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  numberOf,
  type Row,
  type Verdict,
} from "../../../experiment/experiment.ts";
import expected from "./expected.json" with { type: "json" };
import { contrast, families } from "./families.ts";
import { figures } from "./figures.ts";
import { gradientErrors } from "./gradients.ts";

export interface Config {
  /** Random models of each family, each followed for four updates. */
  readonly draws: number;
  /** Random models of each family whose gradient is compared with differences. */
  readonly gradients: number;
}

const schema: z.ZodType<Config> = z.strictObject({
  draws: z.int().min(1),
  gradients: z.int().min(1),
});

export const certificates: Experiment = experiment<Config>({
  name: "certificates",
  engine: "reference",
  claims: ["K2"],
  schema,
  quick: { draws: 300, gradients: 2 },
  full: { draws: 10_000, gradients: 100 },
  jobs: (_, seeds) =>
    Object.keys(families).flatMap((family) => forSeeds(seeds, family, { family })),
  run,
  figures,
  verdicts,
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const name = job.parameters["family"] as string;
  const family = families[name] as Family;
  const { draws, updates, rises, shortfalls, largestRise } = certify(name, family, {
    draws: config.draws,
    seed: 1_000_003 * job.seed,
    onProgress: (done) => {
      if (done % 100 === 0) told(done / config.draws);
    },
  });
  const source = { normal: normals(job.seed), uniform: uniforms(job.seed) };
  const errors = [];
  for (let k = 0; k < config.gradients; k++) errors.push(await gradientErrors(family(source)));
  return [
    {
      ...{ family: name, isPromised: name !== contrast },
      ...{ draws, updates, rises, shortfalls: shortfalls ?? null, largestRise },
      gradient: Math.max(...errors.map(({ gradient }) => gradient)),
      step: Math.max(...errors.map(({ step }) => step)),
    },
  ];
}

const total = (rows: readonly Row[], name: string): number =>
  rows.reduce((sum, row) => sum + (row[name] === null ? 0 : numberOf(row, name)), 0);

/** An error of a row: what was no number when it was written down is the largest. */
function error(row: Row, name: string): number {
  const value = row[name];
  return typeof value === "number" ? value : Number.POSITIVE_INFINITY;
}

function verdicts(rows: readonly Row[]): Verdict[] {
  const promised = rows.filter((row) => row["isPromised"] === true);
  const other = rows.filter((row) => row["isPromised"] === false);
  const violations = total(promised, "rises") + total(promised, "shortfalls");
  const worst = (name: string): number => Math.max(...promised.map((row) => error(row, name)));
  const [gradient, step] = [worst("gradient"), worst("step")];
  const holds =
    promised.length > 0 &&
    violations === expected.violations &&
    gradient < expected.gradient.tolerance &&
    step < expected.step.tolerance;
  const updates = total(promised, "updates");
  return [
    {
      id: "K2",
      verdict: holds ? "reproduced" : "not reproduced",
      metric: "rises and shortfalls of the free energy",
      measured: violations,
      interval: null,
      expected: `${expected.violations} in ${updates} updates; ∇F within ${expected.gradient.tolerance} of differences, z − z⁺ within ${expected.step.tolerance} of ∇F`,
      reason: `∇F is off by ${gradient.toExponential(1)} and steps by ${step.toExponential(1)}, as shares of their terms; latents that an edge joins have to move in turn: at once, ${total(other, "rises")} of ${total(other, "updates")} updates raised F.`,
    },
  ];
}
