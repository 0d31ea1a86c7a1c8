import {
  binary,
  cross,
  edges,
  feedForward,
  given,
  type Inputs,
  parameter,
  proportional,
  tensor,
} from "edgewise";
import { gradient } from "edgewise/ir";
import { describe, expect, test } from "vitest";
import { prepare } from "../inDouble.ts";
import { random, the } from "../random.ts";
import { checkGradient } from "./checkGradient.ts";

const units = ["sigmoid", "silu", "relu", "gelu", "softmax"] as const;
const [B, N, K, D, V] = [2, 3, 5, 2, 3];
function nodes(memories = K): Inputs {
  const rng = random(53);
  return {
    query: rng.normal([B, N, D]),
    key: rng.normal([memories, D]),
    value: rng.normal([memories, V]),
  };
}
const sent = random(7).normal([B, N, V]);

describe.each(units)("%s", (unit) => {
  test.each([1, 3, K])(
    "has the gradient that differences show, for %d memories",
    async (memories) => {
      const model = feedForward({ unit });
      await checkGradient(model, nodes(memories), { of: ["expectation"] });
      await checkGradient(model, nodes(memories), { of: ["expectation", "posterior"] });
      await checkGradient(
        model,
        { ...nodes(memories), chooser_value: sent },
        { of: ["scatter", "mass"] },
      );
    },
  );

  test("has a gradient by the temperature", async () => {
    const model = feedForward({ unit, temperature: parameter("tau") });
    const inputs = { ...nodes(), tau: { data: Float64Array.of(0.7), shape: [] } };
    await checkGradient(model, inputs, { of: ["expectation"] });
  });

  test("has finite gradients for scores of ±10⁴ and of 0", async () => {
    const inputs = {
      query: tensor([[[100], [-100], [0]]]),
      key: tensor([[100], [-100], [0]]),
      value: tensor([[1], [2], [3]]),
    };
    const attend = await prepare(feedForward({ unit }), { read: ["expectation", "posterior"] });
    const gradient = attend.gradientSync(inputs, {
      expectation: tensor([[[1], [1], [1]]]),
      posterior: tensor([
        [
          [1, 2, 3],
          [1, 2, 3],
          [1, 2, 3],
        ],
      ]),
    });
    for (const name of ["query", "key", "value"])
      expect(the(gradient, name).data.every(Number.isFinite), name).toBe(true);
  });
});

describe.each(["sigmoid", "silu"] as const)("%s with log odds", (unit) => {
  const log_odds = { data: Float64Array.of(0.3, -1, Number.NEGATIVE_INFINITY, 2, 0), shape: [K] };
  const of = ["expectation", "posterior", "logEvidence", "entropy"] as const;

  test.each(["likelihood", "joint"] as const)(
    "has the gradient of every reading under %s tempering",
    async (tempering) => {
      const temperature = parameter("tau");
      const model = feedForward({ unit, temperature, tempering, prior: given("log_odds", ["M"]) });
      const inputs = { ...nodes(), log_odds, tau: { data: Float64Array.of(1.4), shape: [] } };
      await checkGradient(model, inputs, { of });
      for (const reading of of) await checkGradient(model, inputs, { of: [reading] });
    },
  );
});

test("softmax has a gradient by its log odds", async () => {
  const log_odds = { data: Float64Array.of(0.3, -1, Number.NEGATIVE_INFINITY, 2, 0), shape: [K] };
  const model = feedForward({ unit: "softmax", prior: given("log_odds", ["M"]) });
  await checkGradient(model, { ...nodes(), log_odds }, { of: ["expectation", "logEvidence"] });
});

test("relu passes nothing at a score of 0", async () => {
  const attend = await prepare(feedForward(), { read: ["expectation"] });
  const inputs = { query: tensor([[[0, 1]]]), key: tensor([[1, 0]]), value: tensor([[2]]) };
  const gradient = attend.gradientSync(inputs, { expectation: tensor([[[1]]]) });
  expect([...the(gradient, "query").data, ...the(gradient, "value").data]).toEqual([0, 0, 0]);
});

test("binary edges in heads, over a list, have their gradient", async () => {
  const rng = random(3);
  const inputs = {
    query: rng.normal([1, 2, 3, D]),
    key: rng.normal([1, 1, 4, D]),
    value: rng.normal([1, 1, 4, V]),
  };
  const graph = edges([
    [0, 1],
    [0, 3],
    [2, 0],
  ]);
  const of = ["expectation", "posterior", "logEvidence", "entropy"] as const;
  await checkGradient(cross({ choice: binary(), graph, value: proportional() }), inputs, { of });
});

test("a proportional value under a softmax has its gradient", async () => {
  const rng = random(5);
  const inputs = {
    query: rng.normal([1, 2, 3, D]),
    key: rng.normal([1, 2, 4, D]),
    value: rng.normal([1, 2, 4, V]),
  };
  await checkGradient(cross({ value: proportional(), temperature: 1.3 }), inputs, {
    of: ["expectation"],
  });
});

test("an edge's score has its gradient once: no loop over values is inside one over features", async () => {
  for (const unit of units) {
    const { program } = await prepare(feedForward({ unit }), { read: ["expectation"] });
    const steps = gradient(program, ["expectation"], ["query", "key", "value"]).steps;
    const results = steps.flatMap((step) => ("results" in step ? step.results : []));
    expect(results.length).toBeGreaterThan(2);
    for (const { name, along } of results) expect(along.length, name).toBeLessThanOrEqual(1);
  }
});
