import {
  causal,
  type EdgeModelOptions,
  edges,
  expression,
  given,
  hops,
  type Inputs,
  multihop,
  parameter,
  resolvent,
  type Value,
  withoutSelf,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { random } from "../random.ts";
import { checkGradient, everything } from "./checkGradient.ts";

function nodes(
  N: number,
  { B = 2, H = 2, G = H, V = 2 }: Partial<Record<"B" | "H" | "G" | "V", number>> = {},
): Inputs {
  const rng = random(23);
  return {
    query: rng.normal([B, H, N, 3]),
    key: rng.normal([B, G, N, 3]),
    value: rng.normal([B, G, N, V]),
    chooser_value: rng.normal([B, H, N, V]),
  };
}

const values: [claim: string, value: Value][] = [
  ["one hop", hops({ weights: [0.7] })],
  ["two annealed hops", hops()],
  ["four weighted hops", hops({ weights: [0.5, -0.3, 0, 1.2] })],
  ["two quenched hops", hops({ weights: [0.8, 0.6], reading: "quenched" })],
  ["a resolvent", resolvent({ continuation: 0.6 })],
  ["a resolvent that stays", resolvent({ continuation: 0 })],
];
const settings: [claim: string, options: EdgeModelOptions, inputs: Inputs][] = [
  ["on everybody", {}, nodes(4)],
  ["in grouped heads", { graph: withoutSelf() }, nodes(4, { H: 4, G: 2 })],
  [
    "on a list with empty rows, under a learned prior and temperature",
    {
      graph: edges([
        [0, 0],
        [0, 2],
        [2, 2],
        [2, 3],
        [3, 0],
        [3, 1],
        [3, 3],
      ]),
      prior: given(),
      temperature: parameter("temperature", ["H"]),
    },
    {
      ...nodes(4),
      log_prior: random(2).normal([1, 2, 4, 4]),
      temperature: random(3).between(0.5, 2, [2]),
    },
  ],
  [
    "on the past under a slope",
    { graph: causal(), prior: expression("-slope[head] * (i - j)") },
    { ...nodes(5), slope: random(4).between(0.1, 1, [2]) },
  ],
];

describe("gradients of several hops are what differences say", () => {
  for (const [what, value] of values)
    for (const [where, options, inputs] of settings)
      test(`${what} ${where}`, async () => {
        await checkGradient(multihop({ ...options, value }), inputs, {
          of: everything,
          elements: 12,
        });
      });
});

test("the expectation alone has the gradient that it has among other readings", async () => {
  for (const [, value] of values)
    await checkGradient(multihop({ value }), nodes(3), { of: ["expectation"], elements: 6 });
});

test("an empty row moves nothing: its query has a gradient of exactly 0", async () => {
  for (const [, value] of values) {
    const model = multihop({
      value,
      graph: edges([
        [0, 1],
        [0, 2],
        [1, 2],
      ]),
    });
    const { query } = await checkGradient(model, nodes(3), { of: everything, elements: 6 });
    query?.data.forEach((g, k) => {
      if (Math.floor(k / 3) % 3 === 2) expect(g).toBe(0);
    });
  }
});

describe("long walks", () => {
  const short: (typeof values)[number] = ["a resolvent", resolvent({ continuation: 0.3 })];
  for (const length of [1, 37, 129])
    for (const [what, value] of [...values.slice(2, 4), short])
      test(`${what} over ${length} nodes`, async () => {
        const inputs = nodes(length, { B: 1, H: 1, V: 1 });
        const options = { of: everything, elements: 1, directions: 1 } as const;
        await checkGradient(multihop({ value, graph: causal() }), inputs, options);
      });
});
