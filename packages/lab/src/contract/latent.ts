import { blockSlot, hopfield, parameter, predictiveCoding, slot } from "edgewise";
import { z } from "zod";
import { whole } from "./keys.ts";
import type { Given, KeyRow, OutputRow, Row, TensorRow } from "./row.ts";

const key = (schema: z.ZodType, about: string, shown?: string): KeyRow =>
  shown === undefined ? { schema, about } : { schema, about, default: shown };

const count = whole.min(0).max(1e6);
const settling: Readonly<Record<string, KeyRow>> = {
  tolerance: key(
    z.number().min(0),
    "stop when no number of the state moves by this much; 0 runs every iteration",
    "0",
  ),
  gradient: key(
    z.enum(["unrolled", "implicit"]),
    "back through every iteration, or at the point reached, which needs a tolerance",
    '"unrolled"',
  ),
};

const implicitNeedsTolerance = (
  config: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string, string])[] =>
  config["gradient"] === "implicit" && ((config["tolerance"] as number | undefined) ?? 0) === 0
    ? [
        [
          "an implicit gradient without a tolerance",
          "a tolerance above 0, which the iteration can reach",
          'set "tolerance": 1e-9 and enough iterations, or take "gradient": "unrolled"',
        ],
      ]
    : [];

/** Options of the library under their names in the contract. */
function iterations(config: Given["config"], name: string, fallback: number) {
  return {
    maxIterations: (config[name] as number | undefined) ?? fallback,
    tolerance: (config["tolerance"] as number | undefined) ?? 0,
    gradient: (config["gradient"] as "unrolled" | "implicit" | undefined) ?? "unrolled",
  };
}

const slotEnergy: OutputRow = {
  name: "energy",
  shape: "[B, T]",
  about: "free energy before each iteration and at the end, nats",
};

const hopfieldRow: Row = {
  name: "hopfield",
  summary: "states recall patterns; the energy never rises",
  section: "5.1",
  tensors: [
    { name: "state", shapes: [["B", "N", "D"]], about: "where the states start" },
    { name: "patterns", shapes: [["B", "M", "D"]], about: "what is remembered" },
  ],
  keys: {
    precision: key(z.number().positive(), "β, the sharpness of recall", "1"),
    maxIterations: key(count, "most iterations", "1"),
    ...settling,
    laplace: key(z.boolean(), "also write the precision matrix at the end", "false"),
  },
  rules: implicitNeedsTolerance,
  outputs: [
    { name: "state", shape: "[B, N, D]", about: "recalled states" },
    {
      name: "energy",
      shape: "[B, N, T]",
      about: "energy before each iteration and at the end, at least 0",
    },
    {
      name: "precision_matrix",
      shape: "[B, N, D, D]",
      about: 'I − β Var of the recalled patterns, with "laplace": true',
      optional: true,
    },
  ],
  declare: ({ config }) => ({
    model: hopfield({
      precision: (config["precision"] as number | undefined) ?? 1,
      ...iterations(config, "maxIterations", 1),
    }),
    read: ["state", "freeEnergy", ...(config["laplace"] === true ? ["precisionMatrix"] : [])],
    told: config["laplace"] === true ? ["positiveDefinite"] : [],
    outputs: { freeEnergy: "energy" },
  }),
};

const inputs: TensorRow = { name: "inputs", shapes: [["B", "M", "W"]], about: "one per input" };
const slots: TensorRow = {
  name: "slots",
  shapes: [["B", "N", "D"]],
  about: "where the slots start; equal slots stay equal",
};

const learned = (name: string, shape: readonly string[], about: string): TensorRow => ({
  name,
  shapes: [shape],
  about: `${about}; learned update`,
  optional: true,
});
const norm = (name: string, width: string, about: string): TensorRow[] => [
  learned(`${name}.weight`, [width], `layer norm of ${about}`),
  learned(`${name}.bias`, [width], `layer norm of ${about}`),
];

const learnedTensors: readonly TensorRow[] = [
  learned("value_weight", ["D", "W"], "projects inputs to values"),
  learned("query_weight", ["D", "D"], "projects slots to queries"),
  ...norm("input_norm", "W", "the inputs"),
  ...norm("slot_norm", "D", "the slots before they compete"),
  ...norm("mlp_norm", "D", "the slots before the perceptron"),
  learned("gru.weight_ih", ["3*D", "D"], "gates reset, update, new from what was collected"),
  learned("gru.weight_hh", ["3*D", "D"], "the same from the slot"),
  learned("gru.bias_ih", ["3*D"], "gates"),
  learned("gru.bias_hh", ["3*D"], "gates"),
  learned("mlp.0.weight", ["X", "D"], "perceptron, hidden layer"),
  learned("mlp.0.bias", ["X"], "perceptron, hidden layer"),
  learned("mlp.1.weight", ["D", "X"], "perceptron"),
  learned("mlp.1.bias", ["D"], "perceptron"),
];

/** Problems of a slot row's tensors under its update. */
function slotProblems({ config, has, extentOf }: Given): readonly (readonly string[])[] {
  const isLearned = config["update"] === "learned";
  const needed = ["key_weight", ...learnedTensors.map(({ name }) => name)];
  const lacking = needed.find((name) => !has(name));
  if (isLearned && lacking !== undefined)
    return [
      [`update "learned" without ${lacking}`, `all of ${needed.join(", ")}`, `add ${lacking}`],
    ];
  const given = learnedTensors.find(({ name }) => has(name));
  if (!isLearned && given !== undefined)
    return [
      [
        `${given.name} with update "${config["update"] ?? "sum"}"`,
        "this tensor with the learned update only",
        `take ${given.name} out of the input file, or set "update": "learned"`,
      ],
    ];
  if (!has("key_weight") && extentOf("W") !== extentOf("D"))
    return [
      [
        `inputs of width ${extentOf("W")} and slots of width ${extentOf("D")}`,
        "one width, or a key_weight [D, W]",
        "add key_weight to the input file",
      ],
    ];
  return [];
}

const slotRow: Row = {
  name: "slot",
  summary: "slots compete for inputs: the sum, the mean, or a learned update",
  section: "5.2",
  tensors: [
    inputs,
    slots,
    {
      name: "key_weight",
      shapes: [["D", "W"]],
      about: "projects inputs to keys; without it inputs are the keys",
      optional: true,
    },
    ...learnedTensors,
  ],
  keys: {
    update: key(z.enum(["sum", "mean", "learned"]), "what a slot makes of its inputs", '"sum"'),
    responsibilities: key(
      z.enum(["dot", "distance"]),
      "what slots compete by: inner product, or squared distance",
      '"dot"',
    ),
    iterations: key(count, "number of iterations", "3"),
    epsilon: key(z.number().min(0), "added to responsibilities by the learned update", "1e-8"),
    ...settling,
  },
  rules: (config) => [
    ...implicitNeedsTolerance(config),
    ...(config["epsilon"] !== undefined && config["update"] !== "learned"
      ? [
          [
            `epsilon with update "${config["update"] ?? "sum"}"`,
            "epsilon with the learned update only",
            "take epsilon out",
          ] as const,
        ]
      : []),
    ...(config["update"] === "learned" && config["responsibilities"] === "distance"
      ? [
          [
            "the learned update with responsibilities by distance",
            'responsibilities "dot"',
            "take responsibilities out",
          ] as const,
        ]
      : []),
  ],
  problems: slotProblems,
  outputs: [
    { name: "slots", shape: "[B, N, D]", about: "slots after the last iteration" },
    {
      name: "responsibilities",
      shape: "[B, M, N]",
      about: "posterior of each input over the slots, of the last update",
    },
    {
      ...slotEnergy,
      about: `${slotEnergy.about}; sum with dot and mean with distance`,
      optional: true,
    },
  ],
  declare: ({ config, has }) => {
    const update = (config["update"] as "sum" | "mean" | "learned" | undefined) ?? "sum";
    const responsibilities =
      (config["responsibilities"] as "dot" | "distance" | undefined) ?? "dot";
    const model = slot({
      update,
      responsibilities,
      projects: has("key_weight"),
      ...(config["epsilon"] === undefined ? {} : { epsilon: config["epsilon"] as number }),
      ...iterations(config, "iterations", 3),
    });
    const energy = model.inference.kind === "collect" ? [] : ["freeEnergy"];
    return {
      model,
      read: ["slots", "responsibilities", ...energy],
      outputs: { freeEnergy: "energy" },
    };
  },
};

const blockSlotRow: Row = {
  name: "block-slot",
  summary: "slots compete for inputs while their blocks recall prototypes",
  section: "5.3",
  tensors: [
    { ...inputs, shapes: [["B", "M", "H*C"]] },
    { ...slots, shapes: [["B", "N", "H*C"]] },
    {
      name: "memory",
      shapes: [["H", "K", "C"]],
      about: "K prototypes of each of the H blocks of C features",
    },
  ],
  keys: { iterations: key(count, "number of iterations", "3"), ...settling },
  rules: implicitNeedsTolerance,
  outputs: [
    { name: "slots", shape: "[B, N, H*C]", about: "slots after the last iteration" },
    {
      name: "responsibilities",
      shape: "[B, M, N]",
      about: "posterior of each input over the slots, of the last update",
    },
    {
      name: "prototypes",
      shape: "[B, N, H, K]",
      about: "posterior of each block over its prototypes, of the last update",
    },
    slotEnergy,
  ],
  declare: ({ config }) => ({
    model: blockSlot(iterations(config, "iterations", 3)),
    read: ["slots", "responsibilities", "prototypes", "freeEnergy"],
    outputs: { freeEnergy: "energy" },
  }),
};

/** Tensors and outputs of a network with so many free layers; a letter in place of a number for documents. */
function network(free: number | "l"): Pick<Row, "tensors" | "outputs"> {
  const numbers = free === "l" ? ["l"] : Array.from({ length: free }, (_, l) => String(l));
  const next = (l: string): string => (l === "l" ? "(l+1)" : String(Number(l) + 1));
  const last = free === "l" ? "L" : String(free);
  const units = (l: string): string => `n${l}`;
  const state = (l: string, about: string): TensorRow => ({
    name: `state.${l}`,
    shapes: [
      ["B", units(l)],
      ["B", units(l), "D"],
    ],
    about,
  });
  const tensors: TensorRow[] = [
    ...numbers.map((l) => state(l, "units of a free layer, 0 the top; D numbers a unit or one")),
    state(last, "units of the observed layer, which never moves"),
    ...numbers.map(
      (l): TensorRow => ({
        name: `weight.${l}`,
        shapes: [
          [units(next(l)), units(l)],
          [units(next(l)), units(l), "D", "D"],
        ],
        about: "weight of each edge to a unit from one above it",
      }),
    ),
    ...numbers.map(
      (l): TensorRow => ({
        name: `precision.${l}`,
        shapes: [[units(next(l))]],
        about: "precision of each unit below",
        positive: true,
      }),
    ),
    {
      name: "top_mean",
      shapes: [["n0"]],
      about: "belief about the top units; 0 when only top_precision is given",
      optional: true,
    },
    {
      name: "top_precision",
      shapes: [["n0"]],
      about: "precision of that belief; 1 when only top_mean is given",
      optional: true,
      positive: true,
    },
  ];
  return {
    tensors,
    outputs: [
      ...[...numbers, last].map((l) => ({
        name: `state.${l}`,
        shape: `[B, ${units(l)}]`,
        about: l === last ? "as given" : "where the units ended",
      })),
      ...numbers.map((l) => ({
        name: `gradient.${l}`,
        shape: `[B, ${units(l)}]`,
        about: "gradient of the free energy there",
      })),
      {
        name: "free_energy",
        shape: "[B, T]",
        about: "before each iteration and at the end, nats, without Gaussian normalisers",
      },
    ],
  };
}

/** Number of free layers of the states that are given, at least one. */
function freeLayers(has: (name: string) => boolean): number {
  let layers = 1;
  while (has(`state.${layers + 1}`)) layers++;
  return layers;
}

const predictiveCodingRow: Row = {
  name: "predictive-coding",
  summary: "units settle between the layer that predicts them and the layer that they predict",
  section: "5.4",
  ...network("l"),
  family: (has) => network(freeLayers(has)),
  keys: {
    variant: key(
      z.enum(["structural", "edgewise", "standard"]),
      "each unit chooses its parent, has an error with each, or one with all together",
      '"structural"',
    ),
    link: key(z.enum(["identity", "tanh"]), "what a prediction passes through", '"identity"'),
    update: key(
      z.enum(["gradient", "closed"]),
      "steps down the gradient, all layers at once; or exact minima, odd layers then even ones",
      '"gradient"',
    ),
    rate: key(z.number().positive(), "step of the gradient", "0.1"),
    iterations: key(count, "number of iterations; 0 writes the gradient where it starts", "20"),
    ...settling,
  },
  rules: (config) => [
    ...implicitNeedsTolerance(config),
    ...(config["update"] === "closed" && config["link"] === "tanh"
      ? [
          [
            "closed updates of a tanh link",
            'link "identity", which has a minimum in closed form',
            'set "update": "gradient"',
          ] as const,
        ]
      : []),
    ...(config["update"] === "closed" && config["variant"] === "standard"
      ? [
          [
            "closed updates of the standard network",
            'variant "structural" or "edgewise"',
            'set "update": "gradient"',
          ] as const,
        ]
      : []),
    ...(config["update"] === "closed" && config["rate"] !== undefined
      ? [
          [
            "a rate with closed updates",
            "no rate: a minimum is reached in one step",
            "take rate out",
          ] as const,
        ]
      : []),
  ],
  problems: ({ has, shapeOf }) => {
    const names = [
      ...Array.from({ length: freeLayers(has) + 1 }, (_, l) => `state.${l}`),
      ...Array.from({ length: freeLayers(has) }, (_, l) => `weight.${l}`),
    ];
    const isVector = (name: string): boolean => shapeOf(name).includes("D");
    const other = names.find((name) => isVector(name) !== isVector("state.0"));
    return other === undefined
      ? []
      : [
          [
            `${other} [${shapeOf(other).join(", ")}] beside state.0 [${shapeOf("state.0").join(", ")}]`,
            "units that are all one number, or all vectors of D numbers",
            `give ${other} as many dimensions as the rest`,
          ],
        ];
  },
  declare: ({ config, has, shapeOf }) => {
    const layers = freeLayers(has);
    const top = has("top_mean") || has("top_precision");
    const model = predictiveCoding({
      ...Object.fromEntries(
        ["variant", "link", "update", "rate"]
          .filter((name) => name in config)
          .map((name) => [name, config[name]]),
      ),
      layers,
      vectors: shapeOf("state.0").includes("D"),
      topPrecision: has("top_precision") ? parameter("top_precision", ["n0"]) : top ? 1 : 0,
      topMean: has("top_mean") ? parameter("top_mean", ["n0"]) : 0,
      ...iterations(config, "iterations", 20),
    });
    const free = Array.from({ length: layers }, (_, l) => l);
    return {
      model,
      read: [
        ...[...free, layers].map((l) => `state.${l}`),
        ...free.map((l) => `gradient.state.${l}`),
        "freeEnergy",
      ],
      outputs: Object.fromEntries(free.map((l) => [`gradient.state.${l}`, `gradient.${l}`])),
    };
  },
};

/** Rows of models with latent nodes. */
export const latentRows: readonly Row[] = [hopfieldRow, slotRow, blockSlotRow, predictiveCodingRow];
