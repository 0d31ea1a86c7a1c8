/** Figure 3: what expanding attention costs, and what it is worth to infer how far to look. */
import type { Inputs } from "edgewise";
import { wasm } from "edgewise/engines/wasm";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../../experiment/experiment.ts";
import { train } from "../../../training/train.ts";
import { type Config, full, quick, schema } from "./config.ts";
import { type Batch, drawnBatch, drawnWorld, type World } from "./data.ts";
import { growing, type Head, KnownLook, type Measured } from "./evaluate.ts";
import { figures } from "./figures.ts";
import { shared } from "./groups.ts";
import { headUnder, initial } from "./models.ts";
import { verdicts } from "./verdicts.ts";

export const expanding: Experiment = experiment<Config>({
  name: "expanding",
  engine: "wasm",
  claims: ["K9", "K10", "K11", "K12"],
  schema,
  quick,
  full,
  jobs: ({ widths, curveKeys }, seeds) => {
    const parts: readonly Job["parameters"][] = [
      ...widths.map((width) => ({ part: "width", width })),
      ...curveKeys.flatMap((keys) => [
        { part: "curve", prior: "uniform", keys },
        { part: "curve", prior: "recency", keys },
      ]),
      { part: "groups" },
    ];
    return parts.flatMap((parameters) =>
      forSeeds(seeds, Object.values(parameters).join(" "), parameters),
    );
  },
  run,
  figures,
  verdicts,
});

/** Which sequences a seed's numbers are of; each kind has numbers of its own. */
const seedOf = {
  training: 7919,
  scored: 1_000_003,
  near: 1_000_033,
  far: 1_000_037,
  grid: 1_000_039,
} as const;

async function run(job: Job, config: Config, told: (share: number) => void): Promise<Row[]> {
  const { gain, noise } = config;
  const { part, width = config.width, keys = config.keys } = job.parameters as Parameters;
  const world = drawnWorld({ keys, width, gain, noise }, job.seed);
  const engine = await wasm({ threads: 1 });
  const task: Work = { job, config, world, engine, told };
  try {
    return await parts[part](task);
  } finally {
    engine.dispose();
  }
}

type Parameters = Job["parameters"] & {
  readonly part: keyof typeof parts;
  readonly width?: number;
  readonly keys?: number;
};

interface Work {
  readonly job: Job;
  readonly config: Config;
  readonly world: World;
  readonly engine: Head["engine"];
  readonly told: (share: number) => void;
}

const parts = { width: widthRows, curve: curveRows, groups: groupRows } as const;

const drawn = (world: World, count: number, stop: number, seed: number): Batch =>
  drawnBatch(
    world,
    Array.from({ length: count }, () => stop),
    seed,
  );

interface Training {
  /** Stopping probability of the data, and of the prior that the head is trained under. */
  readonly stop: number;
  readonly prior: number | undefined;
  readonly steps: number;
  readonly after?: (step: number, weights: Inputs) => void;
}

function trained({ job, config, world, engine, told }: Work, training: Training): Head {
  const { steps, stop, prior, after } = training;
  const weights = train(engine, headUnder(prior), {
    ...{ steps, rate: config.rate, weights: initial(world.task.width, job.seed) },
    batch: (step) => {
      const seed = seedOf.training * job.seed + 104_729 * step;
      const { query, key, target } = drawn(world, config.batch, stop, seed);
      return { query, key, value: key, target };
    },
    after: (step, weights) => {
      after?.(step, weights);
      if (step % 50 === 0) told((0.8 * step) / steps);
    },
  });
  return { engine, world, weights };
}

/** One head of a width, and its part of the grid; of the main width also distances and rules. */
async function widthRows(work: Work): Promise<Row[]> {
  const { job, config, world } = work;
  const { stop, steps, alpha, beta, heldOut } = config;
  const head = trained(work, { stop, prior: stop, steps });
  const known = await KnownLook.of(head);
  const batch = drawn(world, heldOut, stop, seedOf.scored * job.seed);
  const { width } = world.task;
  const shares = { part: "width", width, stop };
  const rows: Row[] = [
    { ...shares, arm: "per query", ...(await growing(head, batch, { alpha, beta })) },
    { ...shares, arm: "fixed q", ...known.measure(batch, 1 - stop) },
    { ...shares, arm: "uniform prior", ...known.measure(batch, 1) },
  ];
  rows.push(...(await gridRows(work, head)));
  if (width !== config.width) return rows;
  return [
    ...rows,
    ...(await distanceRows(work, head, known)),
    ...(config.rules ? await ruleRows(head, batch) : []),
  ];
}

/** One head at every mean distance: hyper-prior matched to it, or fixed, or q known. */
async function distanceRows(
  { job, config, world, told }: Work,
  head: Head,
  known: KnownLook,
): Promise<Row[]> {
  const { stops, heldOut, alpha, beta } = config;
  const rows: Row[] = [];
  for (const [k, stop] of stops.entries()) {
    const batch = drawn(world, heldOut, stop, seedOf.scored * job.seed);
    const matched = await growing(head, batch, { alpha: 1, beta: (1 - stop) / stop });
    const fixed = await growing(head, batch, { alpha, beta });
    rows.push(
      { part: "distance", stop, arm: "matched", ...matched },
      { part: "distance", stop, arm: `(${alpha}, ${beta})`, ...fixed },
      { part: "distance", stop, arm: "q known", ...known.measure(batch, 1 - stop) },
    );
    told(0.8 + (0.1 * (k + 1)) / stops.length);
  }
  return rows;
}

/** The head of a width against every arm, at all distances and numbers of keys of the grid. */
async function gridRows({ job, config, world }: Work, { engine, weights }: Head): Promise<Row[]> {
  const { gridKeys, gridStops, gridQueries, alpha, beta, members } = config;
  const rows: Row[] = [];
  for (const keys of gridKeys) {
    const task = { ...world.task, keys };
    const head: Head = { engine, weights, world: { ...world, task } };
    const known = await KnownLook.of(head);
    const start = { alpha, beta };
    for (const stop of gridStops) {
      const batch = drawn(head.world, gridQueries, stop, seedOf.grid * job.seed);
      const arms: readonly (readonly [string, Measured])[] = [
        ["uniform", known.measure(batch, 1)],
        ["fixed q = 0.8", known.measure(batch, 0.8)],
        ["per query", await growing(head, batch, start)],
        ["mean field", await growing(head, batch, { ...start, scheme: "vb" })],
        ["q summed out", await growing(head, batch, { ...start, scheme: "exact" })],
        ["per group", shared(head, known, batch, { ...start, members })],
        ["q known", known.measure(batch, 1 - stop)],
      ];
      const cells = { part: "grid", width: task.width, keys, stop };
      rows.push(...arms.map(([arm, found]) => ({ ...cells, arm, ...found })));
    }
  }
  return rows;
}

const rules = [
  { rule: "R1 reset", options: {} },
  { rule: "R3 reset", options: { growth: "optimistic" } },
  { rule: "R2 reset", options: { growth: "posterior" } },
  { rule: "R1 accumulate", options: { scheme: "plugin-accumulate" } },
  { rule: "R1 mean field", options: { scheme: "vb" } },
  { rule: "R1 q summed out", options: { scheme: "exact" } },
] as const;

async function ruleRows(head: Head, batch: Batch): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { rule, options } of rules)
    for (const beta of [4, 1])
      rows.push({
        ...{ part: "rules", rule, start: `(1, ${beta})` },
        ...(await growing(head, batch, { alpha: 1, beta, ...options })),
      });
  return rows;
}

/** Errors while a head learns, under the prior that it learns with; the last one expanding too. */
async function curveRows(work: Work): Promise<Row[]> {
  const { job, config, world, engine } = work;
  const { stop, curveSteps: steps, points, early, heldOut, alpha, beta } = config;
  const prior = job.parameters["prior"] === "recency" ? stop : undefined;
  const arm = prior === undefined ? "self" : "recency prior";
  const batch = drawn(world, heldOut, stop, seedOf.scored * job.seed);
  const every = Math.max(1, Math.floor(steps / points));
  const kept = new Map<number, Inputs>();
  const isMeasured = (step: number): boolean =>
    step % every === 0 || step === steps || step === Math.round(early * steps);
  trained(work, {
    ...{ stop, prior, steps },
    after: (step, weights) => {
      if (isMeasured(step)) kept.set(step, weights);
    },
  });
  const rows: Row[] = [];
  for (const [step, weights] of kept) {
    const head: Head = { engine, world, weights };
    const known = await KnownLook.of(head);
    const shares = {
      part: "curve",
      keys: world.task.keys,
      step,
      isEarly: step === Math.round(early * steps),
    };
    const own = { ...shares, isFinal: step === steps };
    rows.push({ ...own, arm, ...known.measure(batch, prior === undefined ? 1 : 1 - prior) });
    if (prior !== undefined)
      rows.push({ ...own, arm: "expanding", ...(await growing(head, batch, { alpha, beta })) });
  }
  return rows;
}

/** Other ways to infer one q per query. */
const rivalsOfUpdates = [
  ["mean field", "vb"],
  ["q summed out", "exact"],
] as const;

/** Experiment H: groups of queries near or far, in equal parts, and a head trained between. */
async function groupRows(work: Work): Promise<Row[]> {
  const { job, config, world, told } = work;
  const { trainedAt, groupSteps: steps, near, far, groupQueries, members, fixed } = config;
  const head = trained(work, { stop: trainedAt, prior: trainedAt, steps });
  const known = await KnownLook.of(head);
  const half = (stop: number, seed: number): Batch =>
    drawn(world, groupQueries, stop, seed * job.seed);
  const [nearBatch, farBatch] = [half(near, seedOf.near), half(far, seedOf.far)];
  const rows: Row[] = [];
  const scored = async (
    arm: string,
    kind: string,
    of: (batch: Batch, stop: number) => Measured | Promise<Measured>,
  ) => {
    const halves = both(await of(nearBatch, near), await of(farBatch, far));
    rows.push({ part: "groups", arm, kind, ...halves });
    told(Math.min(0.99, 0.8 + rows.length / 80));
  };
  for (const q of fixed) await scored(`q = ${q}`, "fixed q", (batch) => known.measure(batch, q));
  for (const beta of [1, 4]) {
    const start = { alpha: 1, beta };
    await scored(`per query, (1, ${beta})`, "per query", (batch) => growing(head, batch, start));
    await scored(`per group, (1, ${beta})`, "per group", (batch) =>
      shared(head, known, batch, { ...start, members }),
    );
    for (const [kind, scheme] of rivalsOfUpdates)
      await scored(`${kind}, (1, ${beta})`, kind, (batch) =>
        growing(head, batch, { ...start, scheme }),
      );
  }
  await scored("q known", "q known", (batch, stop) => known.measure(batch, 1 - stop));
  await scored("uniform", "uniform", (batch) => known.measure(batch, 1));
  return rows;
}

/** Both halves are of one size: means over all queries, then each half's own. */
function both(near: Measured, far: Measured): Row {
  const names = Object.keys(near) as (keyof Measured)[];
  return Object.fromEntries([
    ...names.map((name) => [name, (near[name] + far[name]) / 2]),
    ...names.map((name) => [`${name} near`, near[name]]),
    ...names.map((name) => [`${name} far`, far[name]]),
  ]);
}
