/** Models by what is read off an edge: hops, choices, units, kernels, graphs of a library. */
import {
  binary,
  causal,
  conditionalMean,
  cross,
  distanceDecay,
  type EdgeModelOptions,
  edges,
  feedForward,
  given,
  hard,
  hops,
  intersection,
  motif,
  multihop,
  parameter,
  proportional,
  resolvent,
  type Value,
  withoutSelf,
} from "edgewise";
import type { ModelCase } from "../cases.ts";
import type { Lengths } from "../inputs.ts";

const none = Number.NEGATIVE_INFINITY;
const list: [receiver: number, sender: number][] = [
  [0, 0],
  [0, 2],
  [2, 2],
  [2, 3],
  [3, 0],
  [3, 1],
  [3, 3],
];

const walks: [claim: string, value: Value][] = [
  ["one weighted hop", hops({ weights: [0.7] })],
  ["two annealed hops", hops()],
  ["four weighted hops", hops({ weights: [0.5, -0.3, 0, 1.2] })],
  ["two quenched hops", hops({ weights: [0.8, 0.6], reading: "quenched" })],
  ["a resolvent", resolvent({ continuation: 0.6 })],
];
const places: [claim: string, options: EdgeModelOptions, lengths: Lengths][] = [
  ["everybody", {}, { N: 6 }],
  ["everybody else, in grouped heads", { graph: withoutSelf() }, { N: 5, H: 4, G: 2 }],
  [
    "a list with empty rows, under a learned prior and temperature",
    { graph: edges(list), prior: given(), temperature: parameter("temperature", ["H"]) },
    { N: 4, M: 4 },
  ],
  [
    "the past under a slope",
    { graph: causal(), prior: distanceDecay({ slope: parameter("slope", ["H"]) }) },
    { N: 6 },
  ],
];

const walkCases = walks.flatMap(([what, value]) =>
  places.map(
    ([where, options, lengths]): ModelCase => ({
      claim: `${what} over ${where}`,
      model: multihop({ ...options, value }),
      lengths,
    }),
  ),
);

const learned = { prior: given(), temperature: parameter("temperature") };
const choices = [
  ["the mode", { choose: "mode" }],
  ["the two most probable", { choose: "top", count: 2 }],
  ["more than there are", { choose: "top", count: 9 }],
  ["three draws", { choose: "samples", count: 3 }],
  ["two relaxed draws", { choose: "samples", count: 2, estimator: "gumbel" }],
] as const;

const choiceCases = choices.flatMap(([claim, options]): ModelCase[] => [
  {
    claim: `${claim} of dense edges`,
    model: hard({ ...options, ...learned }),
    lengths: { N: 5, M: 7 },
    call: { seed: 5 },
  },
  {
    claim: `${claim} of a list`,
    model: hard({ ...options, ...learned, graph: edges(list) }),
    lengths: { N: 4, M: 5, H: 4, G: 2 },
    call: { seed: 6 },
  },
]);

const units = ["sigmoid", "silu", "relu", "gelu", "softmax"] as const;
const unitCases = units.flatMap((unit): ModelCase[] => [
  { claim: `${unit} units`, model: feedForward({ unit }), lengths: { N: 5, M: 9 } },
  {
    claim: `${unit} units at a temperature`,
    model: feedForward({ unit, temperature: parameter("temperature") }),
  },
]);

const oddsCases = (["likelihood", "joint"] as const).map(
  (tempering): ModelCase => ({
    claim: `sigmoid units with log odds, one forbidden, under ${tempering} tempering`,
    model: feedForward({
      unit: "sigmoid",
      temperature: parameter("temperature"),
      tempering,
      prior: given("log_odds", ["M"]),
    }),
    lengths: { M: 5 },
    given: { log_odds: { data: Float64Array.of(0.3, -1, none, 2, 0), shape: [5] } },
  }),
);

const kernelCases = (["linear", "exponential", "gaussian"] as const).flatMap(
  (kernel): ModelCase[] => [
    {
      claim: `conditional means by the ${kernel} kernel`,
      model: conditionalMean({ kernel, scale: 0.8, bandwidth: 1.5, ridge: 0.5 }),
      lengths: { N: 4, M: 6, G: 1 },
    },
    {
      claim: `conditional means by the ${kernel} kernel with a learned ridge`,
      model: conditionalMean({ kernel, ridge: parameter("ridge") }),
    },
  ],
);

/** Motifs of which the last leaves the last row empty. */
function library(K: number, N: number, M: number) {
  const support = Float64Array.from({ length: K * N * M }, (_, k) =>
    k >= K * N * M - M ? 0 : k % M === 0 || (k * 7) % 3 !== 1 ? 1 : 0,
  );
  return {
    support: { data: support, shape: [K, N, M] },
    log_weight: { data: Float64Array.of(0.4, -0.3, none, 1), shape: [K] },
  };
}

const motifCases: ModelCase[] = (["likelihood", "joint"] as const).map((tempering) => ({
  claim: `a library of graphs under ${tempering} tempering`,
  model: motif({
    logWeight: "log_weight",
    prior: given(),
    temperature: parameter("temperature", ["H"]),
    tempering,
    ...(tempering === "joint" && { graph: intersection(causal()) }),
  }),
  lengths: { N: 3, M: 5, G: 1 },
  given: library(4, 3, 5),
}));

export const readingCases: readonly ModelCase[] = [
  ...walkCases,
  ...choiceCases,
  ...unitCases,
  ...oddsCases,
  ...kernelCases,
  ...motifCases,
  {
    claim: "binary edges in heads, over a list, in proportion to potentials",
    model: cross({ choice: binary(), graph: edges(list), value: proportional() }),
    lengths: { N: 4, M: 4 },
  },
];
