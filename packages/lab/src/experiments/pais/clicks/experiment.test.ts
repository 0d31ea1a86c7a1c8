import { expect, test } from "vitest";
import type { Job, Row } from "../../../experiment/experiment.ts";
import { innermost, largestMistake, meanIou } from "./clicking.ts";
import type { Config } from "./config.ts";
import { clicks } from "./experiment.ts";

const config = clicks.quick as Config;

/** Rows of two scenes in which arms gain so much over plain attention at each key noise. */
function rowsOf(keys: readonly number[], values: readonly number[]): Row[] {
  return config.keyNoises.flatMap((keyNoise, n) =>
    Object.entries({ plain: 0, keys: keys[n] ?? 0, values: values[n] ?? 0 }).flatMap(
      ([arm, gain]) =>
        [1, 2].flatMap((scene) =>
          Array.from({ length: config.clicks + 1 }, (_, click): Row => {
            const iou = 0.5 + 0.1 * scene + gain;
            return { part: "arms", keyNoise, arm, scene: `1.${scene}`, clicks: click, iou };
          }),
        ),
    ),
  );
}

const verdictsOf = (keys: readonly number[], values: readonly number[]): string[] =>
  clicks.verdicts(rowsOf(keys, values), config).map(({ verdict }) => verdict);

test("what helps at every key noise is reproduced, at some conditional, at none not", () => {
  expect(verdictsOf([0.05, 0.05, 0.1], [-0.01, -0.01, 0.08])).toEqual([
    "reproduced",
    "conditional",
  ]);
  expect(verdictsOf([-0.01, 0.05, 0.1], [0.01, 0.01, 0.08])).toEqual(["conditional", "reproduced"]);
  expect(verdictsOf([-0.01, 0, -0.1], [0, 0, 0])).toEqual(["not reproduced", "not reproduced"]);
});

test("a verdict tells the least gain of keys and the greatest of values", () => {
  const [keys, values] = clicks.verdicts(rowsOf([0.05, 0.04, 0.1], [-0.01, -0.01, 0.08]), config);
  expect(keys?.measured).toBeCloseTo(0.04, 12);
  expect(values?.measured).toBeCloseTo(0.08, 12);
});

test("a job gives the same rows whenever it is run", async () => {
  const tiny: Config = { ...config, scenes: 1, clicks: 3, scene: { ...config.scene, side: 10 } };
  const job: Job = { key: "", seed: 3, parameters: { keyNoise: 1, arm: "both" } };
  const rows = await clicks.run(job, tiny, () => {});
  expect(rows).toHaveLength(4);
  expect(await clicks.run(job, tiny, () => {})).toEqual(rows);
});

test("a click falls in the middle of the largest mistake, the border being a boundary", () => {
  const truth = [
    1, 1, 1, -1, -1, 1, 1, 1, -1, -1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
  ];
  const none = truth.map(() => -1);
  const mistake = largestMistake(truth, none, 5) as boolean[];
  expect(mistake.filter(Boolean)).toHaveLength(9);
  expect(innermost(mistake, 5)).toBe(6);
  expect(largestMistake(truth, truth, 5)).toBeUndefined();
  expect(meanIou(truth, none)).toBeCloseTo((0 + 16 / 25) / 2, 12);
});
