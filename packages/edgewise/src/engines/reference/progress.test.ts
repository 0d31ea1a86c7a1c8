import { expect, test } from "vitest";
import { posteriorExpectation } from "../../../test/inDouble.ts";
import { random } from "../../../test/random.ts";
import { alternate, hopfield, latentModel, predictiveCoding } from "../../index.ts";

test.each([
  ["rounds", { ...hopfield({ maxIterations: 5 }) }],
  [
    "blocks of rounds",
    latentModel({ ...predictiveCoding({ layers: 2 }), inference: alternate({ maxIterations: 4 }) }),
  ],
])("progress over %s never goes back", async (_, model) => {
  const shares: number[] = [];
  const inputs =
    "floor" in model
      ? { state: random(1).normal([2, 200, 3]), patterns: random(2).normal([2, 20, 3]) }
      : {
          ...{
            "state.0": random(1).normal([40, 5]),
            "state.1": random(2).normal([40, 6]),
            "state.2": random(3).normal([40, 7]),
          },
          ...{ "weight.0": random(4).normal([6, 5]), "weight.1": random(5).normal([7, 6]) },
          ...{ "precision.0": ones(6), "precision.1": ones(7) },
        };
  await posteriorExpectation(model, inputs, { onProgress: (share) => shares.push(share) });
  expect(shares.length).toBeGreaterThan(10);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect([Math.min(...shares) >= 0, Math.max(...shares) <= 1]).toEqual([true, true]);
});

function ones(length: number) {
  return { data: new Float64Array(length).fill(1), shape: [length] };
}
