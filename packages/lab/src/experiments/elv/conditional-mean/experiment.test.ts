import { expect, test } from "vitest";
import type { Job, Row } from "../../../experiment/experiment.ts";
import { softmaxBias } from "./circle.ts";
import type { Config } from "./config.ts";
import { lengths } from "./experiment.ts";

const config = lengths.quick as Config;

interface Slopes {
  readonly mean?: number;
  readonly sharpened?: number;
  readonly angle?: number;
  /** Error of softmax over its bias. */
  readonly plateau?: number;
}

/** Rows of two seeds that are powers of the length. */
function rowsOf({ mean = -0.5, sharpened = -0.4, angle = -1, plateau = 1 }: Slopes): Row[] {
  const bias = softmaxBias(config.scale);
  return config.lengths.flatMap((length) =>
    [1, 2].flatMap((): Row[] => [
      { part: "error", length, method: "conditional mean", value: length ** mean },
      { part: "error", length, method: "sharpened softmax", value: length ** sharpened },
      { part: "error", length, method: "softmax", value: plateau * bias },
      { part: "proportion", length, method: null, value: length ** angle },
    ]),
  );
}

const verdictOf = (slopes: Slopes) => lengths.verdicts(rowsOf(slopes), config)[0];

test("the slope of the conditional mean decides", () => {
  expect(verdictOf({})?.verdict).toBe("reproduced");
  expect(verdictOf({})?.measured).toBeCloseTo(-0.5, 12);
  expect(verdictOf({ mean: -0.26 })?.verdict).toBe("reproduced");
  expect(verdictOf({ mean: -0.24 })?.verdict).toBe("not reproduced");
  expect(verdictOf({ mean: -0.61 })?.verdict).toBe("not reproduced");
});

test("what softmax does makes it conditional", () => {
  expect(verdictOf({ sharpened: -0.29 })?.verdict).toBe("conditional");
  expect(verdictOf({ angle: -0.69 })?.verdict).toBe("conditional");
  expect(verdictOf({ plateau: 1.19 })?.verdict).toBe("reproduced");
  expect(verdictOf({ plateau: 1.21 })?.reason).toContain("outside: the plateau of softmax");
});

test("the bias of softmax is that of its kernel's eigenvalues", () => {
  expect(softmaxBias(8)).toBeCloseTo(0.1669, 4);
});

test("a job gives the same rows whenever it is run", async () => {
  const job: Job = { key: "", seed: 2, parameters: { length: 16 } };
  const tiny: Config = { ...config, mostDraws: 2, queries: 16 };
  const rows = await lengths.run(job, tiny, () => {});
  expect(rows.map(({ method }) => method)).toEqual([
    ...["conditional mean", "softmax"],
    "sharpened softmax",
    null,
  ]);
  expect(await lengths.run(job, tiny, () => {})).toEqual(rows);
});
