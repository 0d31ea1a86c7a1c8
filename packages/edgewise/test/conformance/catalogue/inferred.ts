/** Mixtures by EM, windows that grow, and structured posteriors. */
import {
  causal,
  chain,
  type ExpandingOptions,
  edges,
  expanding,
  expression,
  given,
  matching,
  parameter,
  perOffset,
  probabilistic,
  product,
  scaledDot,
  softcap,
  tree,
} from "edgewise";
import type { ModelCase } from "../cases.ts";
import type { Lengths } from "../inputs.ts";

type Mixture = NonNullable<Parameters<typeof probabilistic>[0]>;
const perUnit = {
  queryPrecision: parameter("query_precision", ["B", "H", "M"]),
  valuePrecision: parameter("value_precision", ["B", "H", "M"]),
};
const both = { keyIterations: 2, valueIterations: 2, annotated: true };
const positions = { query: true, key: true, value: true };

const mixtures: [claim: string, options: Mixture, lengths?: Lengths][] = [
  ["one E-step", {}],
  ["the mode of the value", { readout: "map", ...perUnit }],
  ["the magnitude prior", { magnitudePrior: true, ...perUnit }],
  ["keys that adapt", { keyIterations: 3, ...perUnit }],
  ["keys that forget where they started", { keyIterations: 3, anchor: "running", ...perUnit }],
  ["values that follow annotations", { valueIterations: 3, annotated: true }],
  [
    "values that forget where they started",
    { valueIterations: 2, annotated: true, anchor: "running" },
  ],
  ["both, clamped", { ...both, clampAnnotated: true }],
  [
    "both, read as the mode, with learned precisions of units and of their priors",
    {
      ...both,
      ...perUnit,
      readout: "map",
      keyPriorPrecision: parameter("key_precision"),
      valuePriorPrecision: parameter("value_prior_precision", ["H"]),
    },
  ],
  ["a frozen magnitude prior", { ...both, ...perUnit, magnitudePrior: true }],
  [
    "a magnitude prior that follows the units",
    { ...both, ...perUnit, magnitudePrior: true, freezePrior: false },
  ],
  [
    "the paper's layer",
    {
      ...both,
      ...perUnit,
      ...{ magnitudePrior: true, freezePrior: false, anchor: "running", paperCompat: true },
    },
  ],
  [
    "a learned prior, a text and a graph with an empty row",
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
    { "slope.0": 2 },
  ],
  ["position tables by distance", { ...both, ...perUnit, positions }],
  [
    "position tables under a magnitude prior",
    { ...both, ...perUnit, magnitudePrior: true, positions },
  ],
  ["position tables in the past", { ...both, graph: causal(), offset: 1, positions }],
];

const schemes = ["plugin-reset", "plugin-accumulate", "vb", "exact"] as const;
const growths = ["prior", "posterior", "optimistic"] as const;
const expansions: [claim: string, options: ExpandingOptions, lengths?: Lengths][] = [
  ...schemes.flatMap((scheme) =>
    growths.map((growth): [string, ExpandingOptions] => [
      `${scheme} by its ${growth}`,
      { scheme, growth, tail: 0.3 },
    ]),
  ),
  ...schemes
    .slice(0, 3)
    .map((scheme): [string, ExpandingOptions] => [
      `${scheme}, one for each head`,
      { scheme, share: "group", tail: 0.3 },
    ]),
  ["an empty first row", { selfEdges: false, tail: 0.3 }],
  ["grouped heads", { tail: 0.3 }, { H: 4, G: 2 }],
  [
    "a scale, a cap and a temperature",
    { tail: 0.3, temperature: 0.7, potential: softcap({ cap: 2, of: scaledDot({ scale: 1.3 }) }) },
  ],
  ["one node", {}, { N: 1 }],
  ["a long sequence", { alpha: 2, beta: 5 }, { N: 53 }],
];

export const inferredCases: readonly ModelCase[] = [
  ...mixtures.map(([claim, options, lengths]) => ({
    claim: `a mixture: ${claim}`,
    model: probabilistic(options),
    ...(lengths && { lengths }),
  })),
  ...expansions.map(([claim, options, lengths = { N: 6 }]) => ({
    claim: `expanding: ${claim}`,
    model: expanding(options),
    lengths,
  })),
  ...[1, 2, 5].map((T) => ({
    claim: `a chain of ${T} steps`,
    model: chain(),
    lengths: { T, K: 3 },
  })),
  ...(["one", "many"] as const).flatMap((roots) =>
    [1, 4].map((N) => ({
      claim: `a tree of ${N} nodes, ${roots} root`,
      model: tree({ roots }),
      lengths: { N },
    })),
  ),
  {
    claim: "matchings, exact",
    model: matching({ method: "exact", temperature: 0.7 }),
    lengths: { N: 4 },
  },
  {
    claim: "matchings by iterations",
    model: matching({ iterations: 5, tolerance: 0 }),
    lengths: { N: 5 },
  },
];
