/** Models with latent nodes: every mechanism that infers states, and each of its updates. */
import {
  alternate,
  bilinear,
  blockSlot,
  cccp,
  descend,
  edgeModel,
  factor,
  gaussian,
  hopfield,
  type Inputs,
  type LatentInference,
  type LatentModel,
  latent,
  latentModel,
  meanField,
  type PredictiveCodingOptions,
  parameter,
  predictiveCoding,
  scaledDot,
  slot,
  softcap,
  withoutSelf,
} from "edgewise";
import type { ModelCase } from "../cases.ts";

const hopfieldCases: ModelCase[] = [
  ...[0, 1, 3].map((maxIterations) => ({
    claim: `Hopfield states after ${maxIterations} rounds`,
    model: hopfield({ maxIterations, precision: 1.3 }),
    lengths: { N: 3, M: 9, D: 4 },
    read: ["state", "freeEnergy", "posterior", "gradient.state", "precisionMatrix"],
  })),
  {
    claim: "Hopfield states with damping",
    model: hopfield({ maxIterations: 2, precision: 0.7, damping: 1.4 }),
    read: ["state", "freeEnergy"],
    also: ["magnitude"],
  },
  {
    claim: "Hopfield states until they settle",
    model: hopfield({ maxIterations: 60, tolerance: 1e-3, precision: 0.5 }),
    read: ["state", "posterior"],
    also: [],
  },
  {
    claim: "Hopfield states at a settled point",
    model: hopfield({
      maxIterations: 400,
      tolerance: 1e-3,
      precision: 0.5,
      gradient: "implicit",
    }),
    read: ["state", "posterior"],
    also: [],
  },
  {
    claim: "covariances and Laplace's free energy",
    model: hopfield({ maxIterations: 2, precision: 0.4 }),
    lengths: { B: 1, N: 2, M: 4, D: 3 },
    read: ["covariance", "laplaceFreeEnergy"],
    also: ["positiveDefinite"],
  },
];

/** Slots on a line, and inputs near certain places of it. */
function line(slots: readonly number[], count: number, place: (j: number) => number): Inputs {
  const near = (j: number): number => place(j) + 0.1 * Math.sin(j);
  return {
    slots: { data: Float32Array.from(slots), shape: [1, slots.length, 1] },
    inputs: { data: Float32Array.from({ length: count }, (_, j) => near(j)), shape: [1, count, 1] },
  };
}

const slotCases: ModelCase[] = [
  ...(["sum", "mean"] as const).flatMap((update) =>
    (["dot", "distance"] as const).flatMap((responsibilities) =>
      [0, 3].map((maxIterations) => ({
        claim: `slots take the ${update} by ${responsibilities}, ${maxIterations} rounds`,
        model: slot({ update, responsibilities, maxIterations }),
        lengths: { N: 4, M: 11, D: 5 },
      })),
    ),
  ),
  ...[
    [1, 1],
    [7, 0],
    [7, 150],
    [24, 5],
    [25, 9],
  ].map(([N = 0, M = 0]) => ({
    claim: `${N} slots compete for ${M} inputs`,
    model: slot({ update: "mean", maxIterations: 2 }),
    lengths: { N, M, D: 8 },
  })),
  {
    claim: "a slot whose share of all inputs is below single precision",
    model: slot({ update: "mean", responsibilities: "distance", maxIterations: 1 }),
    lengths: { B: 1 },
    given: line([0, 1, 40], 150, () => 0),
  },
  {
    claim: "a slot whose first inputs of any weight come late",
    model: slot({ update: "mean", responsibilities: "distance", maxIterations: 1 }),
    lengths: { B: 1 },
    given: line([0, 1, 12], 300, (j) => (j < 144 ? 0 : j < 288 ? 5 : 11)),
  },
  {
    claim: "slots of projected inputs",
    model: slot({ projects: true, maxIterations: 2 }),
    lengths: { N: 3, M: 7 },
  },
  {
    claim: "slots with learned cells",
    model: slot({ update: "learned", maxIterations: 2, epsilon: 0.01 }),
    lengths: { N: 3, M: 7, D: 4, W: 5 },
  },
  {
    claim: "block slots by energy",
    model: blockSlot({ maxIterations: 2 }),
    lengths: { N: 2, M: 5, K: 3, C: 2 },
  },
  {
    claim: "block slots, composed",
    model: blockSlot({ form: "composed", maxIterations: 2 }),
    lengths: { N: 2, M: 5, K: 3, C: 3 },
  },
];

const variants = ["structural", "edgewise", "standard"] as const;
const networkCases = variants.flatMap((variant) =>
  (["identity", "tanh"] as const).flatMap((link): ModelCase[] => {
    const exact = link === "identity" && variant !== "standard";
    const updates: PredictiveCodingOptions[] = [
      { rate: 0.05, maxIterations: 3 },
      ...(exact ? [{ update: "closed", maxIterations: 2 } as const] : []),
    ];
    return updates.flatMap((options) => [
      {
        claim: `predictive coding, ${variant}, ${link}, ${options.update ?? "by steps"}`,
        model: predictiveCoding({
          ...options,
          ...{ variant, link, layers: 2 },
          topPrecision: parameter("top_precision", ["n0"]),
          topMean: parameter("top_mean", ["n0"]),
        }),
        lengths: { n0: 3, n1: 2, n2: 4 },
      },
      {
        claim: `predictive coding of vectors, ${variant}, ${link}, ${options.update ?? "by steps"}`,
        model: predictiveCoding({ ...options, variant, link, layers: 1, vectors: true }),
        lengths: { n0: 3, n1: 2 },
      },
    ]);
  }),
);

const shape = ["B", "N", "D"];
const apart = {
  query: { tensor: "z", shape },
  key: { tensor: "x", shape: ["B", "M", "D"] },
};
const joined = { query: { tensor: "z", shape }, key: { tensor: "z", shape: ["B", "M", "D"] } };
const own = (
  edges: Parameters<typeof edgeModel>[0],
  inference: LatentInference,
  belief = {},
): LatentModel =>
  latentModel({
    name: "own",
    latents: [latent("z", shape, belief)],
    factors: [factor("chosen", edgeModel(edges))],
    inference,
  });
const belief = { precision: parameter("precision", ["D"]), mean: parameter("mean", ["N", "D"]) };
const capped = softcap({ cap: parameter("cap"), of: scaledDot({ scale: parameter("scale") }) });
const pulled = {
  nodes: apart,
  potential: gaussian({ precision: parameter("k_precision"), normalised: false }),
  chooser: "sender",
} as const;
const products = { nodes: joined, square: true, graph: withoutSelf(), potential: bilinear() };
const weight = { data: Float64Array.of(0.5, 0.1, 0.1, 0.4), shape: [2, 2] };
const distances = { ...products, potential: gaussian({ precision: 0.7, normalised: false }) };
const two = { D: 2, N: 4 };

const ownCases: ModelCase[] = [
  {
    claim: "beliefs, caps and scales that are inputs, down the gradient",
    model: own({ nodes: apart, potential: capped }, descend({ maxIterations: 2 }), belief),
    read: ["z", "gradient.z", "chosen"],
  },
  {
    claim: "beliefs, caps and scales that are inputs, by damped steps",
    model: own(
      { nodes: apart, potential: capped },
      cccp({ maxIterations: 2, damping: 0.5 }),
      belief,
    ),
    read: ["z", "gradient.z", "chosen"],
  },
  {
    claim: "exact minima of nodes that senders choose",
    model: own(pulled, alternate({ maxIterations: 2 }), belief),
  },
  {
    claim: "mean fields of nodes that senders choose",
    model: own(pulled, meanField({ maxIterations: 2 }), belief),
  },
  {
    claim: "turns of joined nodes, by damped steps",
    model: own(products, cccp({ maxIterations: 2 })),
    lengths: two,
    given: { weight },
  },
  {
    claim: "turns of joined nodes, by exact minima",
    model: own(distances, alternate({ maxIterations: 2 }), { precision: 0.6 }),
    lengths: two,
  },
  {
    claim: "turns of joined nodes, by mean fields",
    model: own(distances, meanField({ maxIterations: 2 }), { precision: 0.6 }),
    lengths: two,
  },
];

export const latentCases: readonly ModelCase[] = [
  ...hopfieldCases,
  ...slotCases,
  ...networkCases,
  ...ownCases,
];
