/** Clicks: whether adapting keys helps at few of them, and propagating values at many. */
import { wasm } from "edgewise/engines/wasm";
import { type Experiment, experiment, type Job, type Row } from "../../../experiment/experiment.ts";
import { type Arm, armModel, arms, clickThrough } from "./arms.ts";
import { type Config, full, quick, schema } from "./config.ts";
import { figures } from "./figures.ts";
import { drawnScenes } from "./scene.ts";
import { verdicts } from "./verdicts.ts";

export const clicks: Experiment = experiment<Config>({
  name: "clicks",
  engine: "wasm",
  claims: ["K16", "K17"],
  schema,
  quick,
  full,
  jobs: (config, seeds) =>
    Array.from({ length: seeds }, (_, s) => s + 1).flatMap((seed) => [
      ...config.keyNoises.flatMap((keyNoise) =>
        arms.map((arm): Job => {
          return { key: `key noise ${keyNoise}: ${arm}`, seed, parameters: { keyNoise, arm } };
        }),
      ),
      ...config.grid.iterations.map((iterations): Job => {
        return { key: `grid, ${iterations} iterations`, seed, parameters: { iterations } };
      }),
    ]),
  run: async (job, config, told) => {
    const engine = await wasm({ threads: 1 });
    try {
      return "arm" in job.parameters
        ? await armRows(job, config, engine, told)
        : await gridRows(job, config, engine, told);
    } finally {
      engine.dispose();
    }
  },
  figures,
  verdicts,
});

type Engine = Awaited<ReturnType<typeof wasm>>;
type Told = (share: number) => void;

async function armRows(job: Job, config: Config, engine: Engine, told: Told): Promise<Row[]> {
  const { keyNoise, arm } = job.parameters as { keyNoise: number; arm: Arm };
  const { scene, clicks, point } = config;
  const scenes = drawnScenes(scene, config.scenes, job.seed);
  const model = await armModel(arm, point, engine);
  const scores = clickThrough(arm, model, scenes, { side: scene.side, keyNoise, clicks }, told);
  return scores.flatMap((of, k) =>
    of.map((iou, click): Row => {
      return { part: "arms", keyNoise, arm, scene: `${job.seed}.${k + 1}`, clicks: click, iou };
    }),
  );
}

/** Both adapt at every setting of some iterations; the scenes are the first ones of the seed. */
async function gridRows(job: Job, config: Config, engine: Engine, told: Told): Promise<Row[]> {
  const { iterations } = job.parameters as { iterations: number };
  const { scene, grid, point } = config;
  const scenes = drawnScenes(scene, grid.scenes, job.seed);
  const settings = grid.keyPriorPrecision.flatMap((keyPriorPrecision) =>
    grid.valuePriorPrecision.flatMap((valuePriorPrecision) =>
      grid.valuePrecision.map((valuePrecision) => {
        return { keyPriorPrecision, valuePriorPrecision, valuePrecision };
      }),
    ),
  );
  const rows: Row[] = [];
  for (const [k, setting] of settings.entries()) {
    const model = await armModel("both", { ...point, ...setting, iterations }, engine);
    const scores = clickThrough("both", model, scenes, { ...grid, side: scene.side }, (share) =>
      told((k + share) / settings.length),
    );
    rows.push(
      ...scores.flatMap((of, k) =>
        of.map((iou, click): Row => {
          const shared = { part: "grid", scene: `${job.seed}.${k + 1}`, clicks: click, iou };
          return { ...shared, iterations, ...setting };
        }),
      ),
    );
  }
  return rows;
}
