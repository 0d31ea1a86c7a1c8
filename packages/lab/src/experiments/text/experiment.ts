/** What a text of the user's own says of expanding attention: bits per character against edges. */
import { readFile } from "node:fs/promises";
import { EdgewiseError, type Engine, type Tensor } from "edgewise";
import { wasm } from "edgewise/engines/wasm";
import { z } from "zod";
import {
  type Experiment,
  experiment,
  forSeeds,
  type Job,
  type Row,
} from "../../experiment/experiment.ts";
import { mean } from "../../experiment/statistics.ts";
import { train } from "../../training/train.ts";
import {
  type About,
  batchAt,
  type Corpus,
  corpusOf,
  drawnStarts,
  evenStarts,
  kinds,
  textAbout,
} from "./data.ts";
import { figures } from "./figures.ts";
import { type ArmName, armNames, arms, edgesOf, initial, textModel } from "./models.ts";

export interface Config {
  /** Characters of a stretch, and features of one. */
  readonly context: number;
  readonly width: number;
  /** Steps of training, stretches of a step, rate of Adam. */
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  /** Stretches of the test part that are scored. */
  readonly heldOut: number;
  readonly arms: readonly ArmName[];
  /** The text; absent until one is named. */
  readonly text?: About | undefined;
  /** Seconds that the full size may take on two processors. */
  readonly budgetSeconds: number;
}

const count = z.int().min(1);

const schema: z.ZodType<Config> = z.strictObject({
  context: z.int().min(2).max(128),
  width: count,
  steps: count,
  batch: count,
  rate: z.number().positive(),
  heldOut: count,
  arms: z.array(z.enum(armNames)),
  text: z
    .strictObject({ name: z.string(), characters: count, sha256: z.string().length(64) })
    .optional(),
  budgetSeconds: z.number().positive(),
});

export const full: Config = {
  ...{ context: 64, width: 32, steps: 1500, batch: 16, rate: 2e-2, heldOut: 512 },
  ...{ arms: armNames, budgetSeconds: 480 },
};
export const quick: Config = {
  ...{ context: 32, width: 16, steps: 250, batch: 16, rate: 2e-2, heldOut: 128 },
  arms: [
    ...(["full", "window 16", "q = 0.5", "q = 0.8"] as const),
    ...(["per query, (1, 1)", "per group, (1, 1)", "multihop"] as const),
  ],
  budgetSeconds: 15,
};

export const text: Experiment = experiment<Config>({
  name: "text",
  engine: "wasm",
  claims: [],
  schema,
  quick,
  full,
  jobs: ({ arms: chosen }, seeds) => chosen.flatMap((arm) => forSeeds(seeds, arm, { arm })),
  run,
  figures,
  verdicts: () => [],
});

async function run(
  job: Job,
  config: Config,
  told: (share: number) => void,
  file?: string,
): Promise<Row[]> {
  if (file === undefined || config.text === undefined) throw unnamed();
  const corpus = corpusOf(textAbout(file, await readFile(file), config.text));
  const { arm } = job.parameters as { arm: ArmName };
  const { context, width, steps, batch, rate } = config;
  const engine = await wasm({ threads: 1 });
  try {
    const weights = train(engine, textModel(arm, "train"), {
      ...{ steps, rate, weights: initial(width, corpus.count, job.seed) },
      batch: (step) => {
        const seed = 7919 * job.seed + 104_729 * step;
        const starts = drawnStarts(corpus.train, batch, context, seed);
        return { ...batchAt(corpus.train, starts, context, corpus.count) };
      },
      after: (step) => {
        if (step % 50 === 0) told((0.95 * step) / steps);
      },
    });
    return [{ arm, kind: arms[arm].kind, ...scored(engine, arm, weights, corpus, config) }];
  } finally {
    engine.dispose();
  }
}

const unnamed = (): EdgewiseError =>
  new EdgewiseError({
    code: "bad_usage",
    where: "experiment text",
    got: "no file",
    expected: "a text to read",
    fix: "name one with --file",
  });

/** Stretches of a call: counts of their operations are whole in single precision. */
const together = 16;

/** Bits and edges per character of the test part; of expanding also windows by kind of character. */
function scored(
  engine: Engine,
  arm: ArmName,
  weights: Readonly<Record<string, Tensor>>,
  corpus: Corpus,
  { context, heldOut }: Config,
): Row {
  const { kind, reach, passes } = arms[arm];
  const artifact = engine.lower(textModel(arm, "score").program);
  const starts = evenStarts(corpus.test, heldOut, context);
  const characters = starts.length * context;
  const windows = Object.fromEntries(kinds.map((name) => [name, [] as number[]]));
  let nats = 0;
  let relative = 0;
  let window = 0;
  for (let from = 0; from < starts.length; from += together) {
    const own = starts.slice(from, from + together);
    const batch = batchAt(corpus.test, own, context, corpus.count);
    const outputs = engine.runSync?.(artifact, { ...weights, ...batch }).outputs as Record<
      "surprise" | "window" | "operations",
      Tensor
    >;
    for (const value of outputs.surprise.data) nats += value;
    if (kind !== "expanding") continue;
    const [counted, dense] = outputs.operations.data as unknown as [number, number];
    relative += ((counted / dense) * own.length) / starts.length;
    for (const [k, value] of outputs.window.data.entries()) {
      window += value / characters;
      const place = (own[Math.floor(k / context)] as number) + (k % context);
      // Early characters have no more to look at: they would say where they stand.
      if (k % context >= context / 2) windows[corpus.test.kinds[place] as string]?.push(value);
    }
  }
  const isExpanding = kind === "expanding";
  const visible = edgesOf(Number.POSITIVE_INFINITY, 1, context);
  return {
    bits: nats / Math.LN2 / characters,
    edges: isExpanding ? relative * visible : edgesOf(reach, passes, context),
    ...{ symbols: corpus.count, characters },
    window: isExpanding ? window : edgesOf(reach, 1, context),
    ...(isExpanding
      ? Object.fromEntries(
          Object.entries(windows).map(([name, of]) => [
            `window ${name}`,
            of.length === 0 ? null : mean(of),
          ]),
        )
      : {}),
  };
}
