/**
 * Gradients of expanding attention, which take windows and ρ as constants: those of the closing
 * softmax, written as causal attention under a given prior that is −∞ beyond the window.
 */
import {
  type ExpandingOptions,
  expanding,
  given,
  type Inputs,
  scaledDot,
  self,
  softcap,
  type Tensor,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { at, random, the } from "../random.ts";
import { checkGradient, everything } from "./checkGradient.ts";

function nodes(N: number, { H = 2, G = H }: { H?: number; G?: number } = {}): Inputs {
  const rng = random(61);
  return {
    query: rng.normal([2, H, N, 3], 1.5),
    key: rng.normal([2, G, N, 3], 1.5),
    value: rng.normal([2, G, N, 2]),
    chooser_value: rng.normal([2, H, N, 2]),
  };
}

/** The prior that a call arrived at, as a tensor. */
async function frozenPrior(
  options: ExpandingOptions,
  { chooser_value: _, ...inputs }: Inputs,
): Promise<Tensor> {
  const [B, H, N] = the(inputs, "query").shape as [number, number, number];
  const isExact = options.scheme === "exact";
  const read = ["window", ...(isExact ? [] : ["logRatio"])];
  const held = await prepare(expanding(options), { read });
  const got = held.sync(inputs) as unknown as Record<string, Tensor>;
  const nearest = options.selfEdges === false ? 1 : 0;
  const { alpha = 1, beta = 4 } = options;
  // p(h) up to a factor: Π (β + k) / (α + β + k + 1).
  const collapsed = (h: number): number => {
    let log = 0;
    for (let k = 0; k < h; k++) log += Math.log((beta + k) / (alpha + beta + k + 1));
    return log;
  };
  const data = new Float64Array(B * H * N * N);
  for (let row = 0; row < B * H * N; row++)
    for (let j = 0; j < N; j++) {
      const distance = (row % N) - nearest - j;
      const isSeen = distance >= 0 && distance < at(the(got, "window").data, row);
      const log = isExact
        ? collapsed(Math.max(0, distance))
        : distance * at(the(got, "logRatio").data, row);
      data[row * N + j] = isSeen ? log : Number.NEGATIVE_INFINITY;
    }
  return { data, shape: [B, H, N, N] };
}

const settings: [claim: string, options: ExpandingOptions, inputs: Inputs][] = [
  ["plugin-reset", { tail: 0.3 }, nodes(5)],
  ["plugin-accumulate", { scheme: "plugin-accumulate", tail: 0.3 }, nodes(5)],
  ["mean field", { scheme: "vb", tail: 0.3 }, nodes(5)],
  ["q summed out", { scheme: "exact", tail: 0.3 }, nodes(5)],
  ["rule R2", { growth: "posterior", tail: 0.5 }, nodes(5)],
  ["one q for each head", { share: "group", tail: 0.3 }, nodes(5)],
  ["an empty first row", { selfEdges: false, tail: 0.3 }, nodes(4)],
  ["grouped heads", { tail: 0.3 }, nodes(4, { H: 4, G: 2 })],
  [
    "scale, cap and temperature",
    { tail: 0.3, temperature: 0.7, potential: softcap({ cap: 2, of: scaledDot({ scale: 1.3 }) }) },
    nodes(4),
  ],
  ["one node", {}, nodes(1)],
  ["three nodes", {}, nodes(3)],
  ["a long sequence", { alpha: 2, beta: 5 }, nodes(53)],
];

describe("gradients with windows and ρ held", () => {
  for (const [claim, options, inputs] of settings)
    test(`${claim}: those of the closing softmax, which differences confirm`, async () => {
      const prior = await frozenPrior(options, inputs);
      const { potential, temperature } = options;
      const frozen = self({
        prior: given("log_prior", ["B", "H", "N", "M"]),
        square: true,
        ...(potential && { potential }),
        ...(temperature && { temperature }),
      });
      const withPrior = { ...inputs, log_prior: prior };
      await checkGradient(frozen, withPrior, { of: everything, elements: 3 });
      const rng = random(7);
      const [model, reference] = await Promise.all(
        [expanding(options), frozen].map((one) => prepare(one, { read: everything })),
      );
      const shapes = model?.sync(inputs) as unknown as Record<string, Tensor>;
      const cotangents = Object.fromEntries(
        everything.map((name) => [name, rng.normal(the(shapes, name).shape)]),
      );
      const got = model?.gradientSync(inputs, cotangents) ?? {};
      const wanted = reference?.gradientSync(withPrior, cotangents) ?? {};
      for (const name of Object.keys(inputs)) near(got[name], [...the(wanted, name).data], 1e-9);
    });
});

test("by values, differences of the whole mechanism agree: no window depends on them", async () => {
  const inputs = nodes(19);
  const { chooser_value: _, ...plain } = inputs;
  const attend = await prepare(expanding({ growth: "optimistic" }), { read: ["expectation"] });
  const rng = random(3);
  const { shape } = attend.sync(plain).expectation;
  const cotangent = rng.normal(shape);
  const gradient = the(attend.gradientSync(plain, { expectation: cotangent }), "value");
  const direction = rng.normal(gradient.shape);
  const objective = (h: number): number => {
    const value = the(plain, "value");
    const data = Float64Array.from(value.data, (x, k) => x + h * at(direction.data, k));
    const moved = attend.sync({ ...plain, value: { data, shape: value.shape } }).expectation;
    return Array.from(moved.data).reduce((s, y, k) => s + y * at(cotangent.data, k), 0);
  };
  const analytic = direction.data.reduce((s, x, k) => s + x * at(gradient.data, k), 0);
  expect(Math.abs(objective(0.5) - objective(-0.5) - analytic)).toBeLessThan(1e-10);
});

test("what the growth answers has a gradient of exactly 0", async () => {
  const { chooser_value: _, ...inputs } = nodes(7);
  const read = ["continuation", "window", "iterations", "logRatio", "operations"];
  const attend = await prepare(expanding(), { read });
  const shapes = attend.sync(inputs) as unknown as Record<string, Tensor>;
  const cotangents = Object.fromEntries(
    read.map((name) => [name, random(1).normal(the(shapes, name).shape)]),
  );
  for (const [name, { data, shape }] of Object.entries(attend.gradientSync(inputs, cotangents))) {
    expect(shape).toEqual(the(inputs, name).shape);
    expect(data.every((x) => x === 0)).toBe(true);
  }
});

test("an empty row moves nothing", async () => {
  const { chooser_value: _, ...inputs } = nodes(6);
  const attend = await prepare(expanding({ selfEdges: false }), { read: ["expectation"] });
  const { shape } = attend.sync(inputs).expectation;
  const query = the(attend.gradientSync(inputs, { expectation: random(2).normal(shape) }), "query");
  query.data.forEach((g, k) => {
    if (Math.floor(k / 3) % 6 === 0) expect(g).toBe(0);
  });
  expect(query.data.some((g) => g !== 0)).toBe(true);
});
