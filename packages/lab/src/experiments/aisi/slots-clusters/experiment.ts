/** Slots on blobs of points: sums, means, and what becomes of a softmax over the wrong axis. */
import { factor, type LatentModel, latentModel, slot, tensor } from "edgewise";
import { exactly } from "../../../experiment/exact.ts";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { type Matrix, range, rowsOf, squaredDistance } from "../identities/direct.ts";
import { type Draw, drawing } from "../identities/draw.ts";
import { type Config, full, quick, schema, type Update, updates } from "./config.ts";
import { figures } from "./figures.ts";
import { adjustedRandIndex } from "./randIndex.ts";

export const slotsClusters: Experiment = experiment<Config>({
  name: "slots-clusters",
  engine: "reference",
  claims: [],
  schema,
  quick,
  full,
  jobs: (config, seeds) =>
    config.clusters.flatMap((clusters) => forSeeds(seeds, `${clusters} clusters`, { clusters })),
  run,
  figures,
  verdicts: () => [],
});

const summed = slot();
const averaged = slot({ update: "mean", responsibilities: "distance" });
/** The same scores with slots that choose inputs: each becomes a mean of all of them. */
const wrongAxis: LatentModel<"slots"> = latentModel({
  ...summed,
  factors: summed.factors.map(({ edges }) =>
    factor("responsibilities", { ...edges, chooser: "receiver" as const }),
  ),
});

/** What moves slots, and whose responsibilities and energy are read on the way. */
const models: Readonly<Record<Update, readonly [step: LatentModel, read: LatentModel]>> = {
  sum: [summed, summed],
  mean: [averaged, averaged],
  "wrong axis": [wrongAxis, summed],
};

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const clusters = job.parameters["clusters"] as number;
  const draw = drawing(7919 * job.seed + clusters);
  const rows: Row[] = [];
  for (let scene = 1; scene <= config.scenes; scene++) {
    const { points, labels } = blobs(draw, config, clusters);
    const start = draw.matrix(clusters, 2);
    const inputs = tensor([points]);
    for (const update of updates) {
      const [step, read] = models[update];
      let slots: Matrix = start;
      for (let iteration = 0; iteration <= config.iterations; iteration++) {
        const now = { slots: tensor([slots]), inputs };
        // Responsibilities are those under the states that were given, whatever came of them.
        const seen = await exactly(read, now, ["responsibilities", "freeEnergy"]);
        const chosen = rowsOf(seen.responsibilities).map((own) => own.indexOf(Math.max(...own)));
        rows.push({
          ...{ clusters, scene, update, iteration },
          agreement: adjustedRandIndex(labels, chosen),
          freeEnergy: seen.freeEnergy.data[0] as number,
          apart: leastDistance(slots),
        });
        slots = rowsOf((await exactly(step, now, ["slots"])).slots);
      }
    }
    told(scene / config.scenes);
  }
  return rows;
}

/** Distance of the two slots that are nearest to each other; 0 for a single one. */
function leastDistance(slots: Matrix): number {
  const distances = slots.flatMap((a, i) => slots.slice(0, i).map((b) => squaredDistance(a, b)));
  return distances.length === 0 ? 0 : Math.sqrt(Math.min(...distances));
}

/** Points around centres on a circle, at angles that are even but for a turn and some noise. */
function blobs(draw: Draw, config: Config, clusters: number): { points: Matrix; labels: number[] } {
  const turn = draw.between(0, 2 * Math.PI);
  const centres = range(clusters).map((k) => {
    const angle = turn + (2 * Math.PI * (k + draw.between(-0.2, 0.2))) / clusters;
    return [config.radius * Math.cos(angle), config.radius * Math.sin(angle)] as const;
  });
  const labels = range(config.points).map((k) => k % clusters);
  const points = labels.map((label) => {
    const [x, y] = centres[label] as readonly [number, number];
    const [dx = 0, dy = 0] = draw.vector(2, config.deviation);
    return [x + dx, y + dy];
  });
  return { points, labels };
}
