import { cross, posteriorExpectation, scaledDot } from "edgewise";
import { expect, test } from "vitest";
import type { Job, Row } from "../../../experiment/experiment.ts";
import { drawnSequences, drawnWorld } from "../concepts/concepts.ts";
import type { Config } from "./config.ts";
import { sufficiency } from "./experiment.ts";
import { type Representation, representations } from "./probe.ts";

const config = sufficiency.quick as Config;

const usual: Readonly<Record<Representation, number>> = {
  posterior: 0.001,
  "token mean": 0.1,
  "first token": 0.1,
  "all tokens": 0.01,
  "posterior and tokens": 0.001,
};

const verdictOf = (changed: Partial<Record<Representation, number>>, distance = 0.05) => {
  const of = { ...usual, ...changed };
  const rows = Object.keys(config.families).flatMap((family) =>
    representations.flatMap((representation) =>
      [1, 2].map((): Row => ({ family, representation, excess: of[representation], distance })),
    ),
  );
  return sufficiency.verdicts(rows, config)[0]?.verdict;
};

test("a posterior that loses nothing, and gains nothing from tokens, is reproduced", () => {
  expect(verdictOf({})).toBe("reproduced");
  expect(verdictOf({ posterior: 0.0051, "posterior and tokens": 0.0051 })).toBe("not reproduced");
  expect(verdictOf({ posterior: 0.0029 })).toBe("reproduced");
  expect(verdictOf({ posterior: 0.0031 })).toBe("not reproduced");
});

test("what tokens, the first token and their mean say makes it conditional", () => {
  expect(verdictOf({ "all tokens": 0.019 })).toBe("reproduced");
  expect(verdictOf({ "all tokens": 0.021 })).toBe("conditional");
  expect(verdictOf({ "first token": 0.029 })).toBe("conditional");
  expect(verdictOf({ "token mean": 0.029 })).toBe("conditional");
  expect(verdictOf({}, 0.16)).toBe("conditional");
});

test("the posterior of Gaussian concepts is softmax attention of the tokens' sum over the means", async () => {
  const options = { ...config.families["gaussian"], noise: 2 } as Config["families"][string];
  const world = drawnWorld(options, 3);
  const { tokens, posterior } = drawnSequences(world, 5, 6, 4);
  const { width, noise } = options;
  // One more feature carries the part of the score that is of the concept alone.
  const query = posterior.flatMap((_, b) => [
    ...Array.from({ length: width }, (_, d) =>
      Array.from({ length: 6 }, (_, l) => tokens.data[(b * 6 + l) * width + d] as number).reduce(
        (sum, x) => sum + x / noise ** 2,
        0,
      ),
    ),
    6 / noise ** 2,
  ]);
  const key = world.means.flatMap((mean) => [...mean, -mean.reduce((s, m) => s + m * m, 0) / 2]);
  const { expectation } = await posteriorExpectation(
    cross({ potential: scaledDot({ scale: 1 }) }),
    {
      query: { data: Float32Array.from(query), shape: [1, 1, 5, width + 1] },
      key: { data: Float32Array.from(key), shape: [1, 1, 4, width + 1] },
      value: {
        data: Float32Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? 1 : 0)),
        shape: [1, 1, 4, 4],
      },
    },
  );
  for (const [k, p] of posterior.flat().entries()) expect(expectation.data[k]).toBeCloseTo(p, 5);
});

test("a job gives the same rows whenever it is run", async () => {
  const tiny: Config = { ...config, steps: 5, batch: 8, heldOut: 16 };
  const parameters = { family: "two-sided", representation: "posterior and tokens" };
  const job: Job = { key: "", seed: 2, parameters };
  const rows = await sufficiency.run(job, tiny, () => {});
  expect(rows).toHaveLength(1);
  expect(await sufficiency.run(job, tiny, () => {})).toEqual(rows);
});
