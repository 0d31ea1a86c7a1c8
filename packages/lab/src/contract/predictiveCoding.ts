import { parameter, predictiveCoding } from "edgewise";
import { z } from "zod";
import type { Row, TensorRow } from "./row.ts";
import { count, iterations, key, settling } from "./settling.ts";

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

export const predictiveCodingRow: Row = {
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
    rate: key(z.number().positive(), "step of gradient updates", "0.1"),
    iterations: key(count, "number of iterations; 0 writes the gradient where it starts", "20"),
    ...settling,
  },
  rules: (config) => [
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
