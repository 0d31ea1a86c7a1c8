/** Identities: the primitive against formulas that are written here, in double precision. */
import { z } from "zod";
import { checkRows } from "../../../experiment/checks.ts";
import type { ClaimId } from "../../../experiment/claims.ts";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { attentionRows } from "./attention.ts";
import { type Checks, drawing } from "./draw.ts";
import { figures } from "./figures.ts";
import { hardDraws } from "./hardDraws.ts";
import { twoHops } from "./hops.ts";
import { iteratedRows } from "./iterated.ts";
import { mapValue, vanishingPrecision } from "./mapValue.ts";
import { coldLimit, memories } from "./memories.ts";
import { owners } from "./owners.ts";
import { adjustments } from "./priors.ts";
import { verdicts } from "./verdicts.ts";

export interface Config {
  /** Random instances of every check. */
  readonly instances: number;
  /** Numbers of draws of hard attention, and times that each is repeated. */
  readonly samples: readonly number[];
  readonly repeats: number;
}

const schema: z.ZodType<Config> = z.strictObject({
  instances: z.int().min(1),
  samples: z.array(z.int().min(1)).min(2),
  repeats: z.int().min(2),
});

const samples = [1, 4, 16, 64, 256, 1024];
const quick: Config = { instances: 10, samples, repeats: 30 };
const full: Config = { instances: 60, samples, repeats: 100 };

const exact: Readonly<Partial<Record<ClaimId, Checks>>> = {
  K1: async (draw) => ({
    holds: { ...(await attentionRows(draw)), ...(await iteratedRows(draw)) },
  }),
  K3: owners,
  K5: twoHops,
  K13: adjustments,
  K14: memories,
  K15: mapValue,
};

const claims: readonly ClaimId[] = ["K1", "K3", "K5", "K13", "K14", "K15", "K21"];

export const identities: Experiment = experiment<Config>({
  name: "identities",
  engine: "reference",
  claims,
  schema,
  quick,
  full,
  jobs: (_, seeds) => claims.flatMap((claim) => forSeeds(seeds, claim, { claim })),
  run,
  figures,
  verdicts,
});

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const claim = job.parameters["claim"] as ClaimId;
  const draw = drawing(7919 * job.seed + claims.indexOf(claim));
  const rows: Row[] = [];
  for (let instance = 1; instance <= config.instances; instance++) {
    if (claim === "K21")
      rows.push(...(await hardDraws(draw, config)).map((row) => ({ claim, instance, ...row })));
    const measured = (await exact[claim]?.(draw)) ?? {};
    rows.push(...checkRows(claim, measured).map((row) => ({ instance, ...row })));
    if (claim === "K14")
      for (const point of await coldLimit(draw))
        rows.push({ claim, instance, check: "limit", ...point });
    if (claim === "K15")
      for (const point of vanishingPrecision(draw))
        rows.push({ claim, instance, check: "limit", ...point });
    told(instance / config.instances);
  }
  return rows;
}
