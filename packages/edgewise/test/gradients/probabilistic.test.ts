import {
  causal,
  edges,
  expression,
  given,
  type Inputs,
  parameter,
  perOffset,
  probabilistic,
  product,
  type Reading,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { random } from "../random.ts";
import { checkGradient } from "./checkGradient.ts";

type Options = NonNullable<Parameters<typeof probabilistic>[0]>;
const everything: readonly Reading[] = [
  "expectation",
  "key",
  "value",
  "responsibilities",
  "logLikelihood",
  "logEvidence",
  "entropy",
];
const [B, H, N, M, D, V] = [2, 2, 3, 4, 2, 3];
const rng = random(31);
const units: Inputs = {
  query: rng.normal([B, H, N, D]),
  key: rng.normal([B, H, M, D]),
  value: rng.normal([B, H, M, V], 0.7),
};
const annotations: Inputs = {
  fixed: rng.normal([B, H, N, V]),
  is_fixed: rng.coins(0.5, [B, H, N]),
};
const precisions: Inputs = {
  query_precision: rng.between(0.4, 1.5, [B, H, M]),
  value_precision: rng.between(0.4, 1.5, [B, H, M]),
};
const perUnit = {
  queryPrecision: parameter("query_precision", ["B", "H", "M"]),
  valuePrecision: parameter("value_precision", ["B", "H", "M"]),
};
const both = { keyIterations: 2, valueIterations: 2, annotated: true };
const tables: Inputs = {
  query_position: rng.normal([N, M, D], 0.5),
  key_position: rng.normal([M, N, D], 0.5),
  value_position: rng.normal([N, M, V], 0.5),
};
const positions = { query: true, key: true, value: true };

const cases: [claim: string, options: Options, inputs: Inputs][] = [
  ["one E-step", {}, {}],
  ["the mode of the value", { readout: "map", ...perUnit }, precisions],
  ["the magnitude prior", { magnitudePrior: true, ...perUnit }, precisions],
  ["keys that adapt", { keyIterations: 3, ...perUnit }, precisions],
  [
    "keys that forget where they started",
    { keyIterations: 3, anchor: "running", ...perUnit },
    precisions,
  ],
  ["values that follow annotations", { valueIterations: 3, annotated: true }, annotations],
  [
    "values that forget where they started",
    { valueIterations: 2, annotated: true, anchor: "running" },
    annotations,
  ],
  ["both, clamped", { ...both, clampAnnotated: true }, annotations],
  [
    "both, read as the mode, with learned precisions of units and of their priors",
    {
      ...both,
      ...perUnit,
      readout: "map",
      keyPriorPrecision: parameter("key_prior"),
      valuePriorPrecision: parameter("value_prior", ["H"]),
    },
    {
      ...annotations,
      ...precisions,
      key_prior: rng.between(0.5, 2),
      value_prior: rng.between(0.5, 2, [H]),
    },
  ],
  [
    "a frozen magnitude prior",
    { ...both, ...perUnit, magnitudePrior: true },
    { ...annotations, ...precisions },
  ],
  [
    "a magnitude prior that follows the units",
    { ...both, ...perUnit, magnitudePrior: true, freezePrior: false },
    { ...annotations, ...precisions },
  ],
  [
    "the paper's layer",
    {
      ...both,
      ...perUnit,
      magnitudePrior: true,
      freezePrior: false,
      anchor: "running",
      paperCompat: true,
    },
    { ...annotations, ...precisions },
  ],
  [
    "a learned prior, an expression and a graph with an empty row",
    {
      ...both,
      graph: edges([
        [0, 0],
        [0, 1],
        [0, 3],
        [2, 1],
        [2, 2],
      ]),
      prior: product(given(), perOffset(), expression("-slope[head] * abs(i - j)")),
    },
    {
      ...annotations,
      log_prior: rng.normal([1, H, N, M]),
      relative_prior: rng.normal([H, N + M - 1]),
      slope: rng.between(0.1, 1, [H]),
    },
  ],
];

describe("gradients of a mixture are what differences say", () => {
  for (const [claim, options, inputs] of cases)
    test(claim, async () => {
      await checkGradient(
        probabilistic(options),
        { ...units, ...inputs },
        { of: everything, elements: 16, data: ["is_fixed"] },
      );
    });

  for (const magnitudePrior of [false, true])
    test(`position tables ${magnitudePrior ? "under a magnitude prior" : "by distance"}`, async () => {
      const options = { ...both, ...perUnit, magnitudePrior, positions };
      const inputs = { ...units, ...annotations, ...precisions, ...tables };
      await checkGradient(probabilistic(options), inputs, {
        of: [...everything, "expectationPosition"],
        elements: 12,
        data: ["is_fixed"],
      });
    });
});

describe("each reading of a mixture has a gradient of its own", () => {
  const options = { ...both, ...perUnit, graph: causal(), offset: 1, positions };
  const inputs = { ...units, ...annotations, ...precisions, ...tables };
  for (const reading of [...everything, "expectationPosition"] as const)
    test(reading, async () => {
      await checkGradient(probabilistic(options), inputs, {
        of: [reading],
        elements: 8,
        data: ["is_fixed"],
      });
    });
});

test("what a token that is not annotated has in `fixed` has a gradient of exactly 0", async () => {
  const { fixed } = await checkGradient(
    probabilistic({ ...both, clampAnnotated: true }),
    { ...units, ...annotations },
    { of: everything, elements: 8, data: ["is_fixed"] },
  );
  annotations["is_fixed"]?.data.forEach((on, token) => {
    const g = fixed?.data.slice(V * token, V * (token + 1));
    expect(g?.some((x) => x !== 0)).toBe(on !== 0);
  });
});

test("a query without edges has a gradient of exactly 0", async () => {
  const { query } = await checkGradient(
    probabilistic({
      keyIterations: 2,
      graph: edges([
        [0, 1],
        [0, 2],
        [2, 0],
        [2, 3],
      ]),
    }),
    units,
    { of: everything, elements: 8 },
  );
  query?.data.forEach((g, k) => {
    if (Math.floor(k / D) % N === 1) expect(g).toBe(0);
  });
});

describe("long sequences", () => {
  for (const length of [1, 37, 129])
    test(`${length} tokens and units`, async () => {
      const from = random(length);
      const inputs = {
        query: from.normal([1, 1, length, 3]),
        key: from.normal([1, 1, length, 3]),
        value: from.normal([1, 1, length, 2]),
        fixed: from.normal([1, 1, length, 2]),
        is_fixed: from.coins(0.3, [1, 1, length]),
      };
      await checkGradient(probabilistic(both), inputs, {
        of: everything,
        elements: 2,
        directions: 1,
        data: ["is_fixed"],
      });
    });
});
