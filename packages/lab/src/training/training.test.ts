import { type Inputs, type Tensor, tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { at, axis, divide, index, load, map, multiply, size, subtract, sum } from "edgewise/ir";
import { expect, it } from "vitest";
import { correctedRate, trainingStep } from "./adam.ts";
import { network } from "./network.ts";
import { train } from "./train.ts";

const [b, d] = [axis("b", "B"), axis("d", "D")];
const error = subtract(
  sum(d, multiply(load("x", [index(b), index(d)]), at("w", [d]))),
  at("y", [b]),
);
/** Least squares, whose gradient and solution are known. */
const line = {
  program: network(
    "line",
    [
      map("error", [b], error),
      map("loss", [], divide(sum(b, multiply(at("error", [b]), at("error", [b]))), size("B"))),
    ],
    [
      { name: "x", shape: ["B", "D"] },
      { name: "y", shape: ["B"] },
      { name: "w", shape: ["D"] },
    ],
    { loss: "loss" },
  ),
  learned: { w: [d] },
};
const data: Inputs = {
  x: tensor([
    [1, 0],
    [0, 1],
    [1, 1],
  ]),
  y: tensor([1, 2, 3]),
};
const engine = reference();

it("a step is Adam's", () => {
  const rate = 0.1;
  const zeros = tensor([0, 0]);
  const { outputs } = engine.runSync(engine.lower(trainingStep(line)), {
    ...data,
    ...{ w: tensor([0.5, 0.5]), "mean w": zeros, "square w": zeros },
    ...{
      rate: { data: Float64Array.of(correctedRate(rate, 1)), shape: [] },
      d_loss: { data: Float64Array.of(1), shape: [] },
    },
  }) as { outputs: Record<string, Tensor> };
  // Errors −½, −3/2 and −2: the slopes are ⅔ of their sums by column.
  expect([...(outputs["d_w"]?.data ?? [])]).toEqual([
    expect.closeTo(-5 / 3, 12),
    expect.closeTo(-7 / 3, 12),
  ]);
  // The first step has the size of the rate, whatever the slope.
  for (const weight of outputs["next w"]?.data ?? []) expect(weight).toBeCloseTo(0.5 + rate, 6);
});

it("training finds the least squares, and the same numbers each time", () => {
  const run = (): number[] => {
    const { w } = train(engine, line, {
      ...{ steps: 400, rate: 0.05, batch: () => data, weights: { w: tensor([0, 0]) } },
    });
    return [...(w?.data ?? [])];
  };
  expect(run()).toEqual([expect.closeTo(1, 3), expect.closeTo(2, 3)]);
  expect(run()).toEqual(run());
});
