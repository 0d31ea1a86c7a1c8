import { blockSlot, slot } from "edgewise";
import { z } from "zod";
import type { Complaint, Given, OutputRow, Row, TensorRow } from "./row.ts";
import { count, iterations, key, settling } from "./settling.ts";

const slotEnergy: OutputRow = {
  name: "energy",
  shape: "[B, T]",
  about: "free energy before each iteration and at the end, nats",
};

const inputs: TensorRow = { name: "inputs", shapes: [["B", "M", "W"]], about: "one per input" };
const slots: TensorRow = {
  name: "slots",
  shapes: [["B", "N", "D"]],
  about: "where the slots start; equal slots stay equal",
};

/** Optional tensors of an update with learned parts. */
const learned =
  (form: string) =>
  (name: string, shape: readonly string[], about: string): TensorRow => ({
    name,
    shapes: [shape],
    about: `${about}; ${form}`,
    optional: true,
  });

/** Norms, projections, gates and perceptron of a slot; weights of gates and perceptron a block where there are blocks. */
function learnedParts(form: string, width: string, inner: string, blocks: readonly string[]) {
  const part = learned(form);
  const norm = (name: string, extent: string, about: string): TensorRow[] => [
    part(`${name}.weight`, [extent], `layer norm of ${about}`),
    part(`${name}.bias`, [extent], `layer norm of ${about}`),
  ];
  return [
    part("value_weight", [width, "W"], "projects inputs to values"),
    part("query_weight", [width, width], "projects slots to queries"),
    ...norm("input_norm", "W", "the inputs"),
    ...norm("slot_norm", width, "the slots before they compete"),
    ...norm("mlp_norm", inner, "the slots before the perceptron"),
    part(
      "gru.weight_ih",
      [...blocks, `3*${inner}`, inner],
      "gates reset, update, new from what was collected",
    ),
    part("gru.weight_hh", [...blocks, `3*${inner}`, inner], "the same from the slot"),
    part("gru.bias_ih", [...blocks, `3*${inner}`], "gates"),
    part("gru.bias_hh", [...blocks, `3*${inner}`], "gates"),
    part("mlp.0.weight", [...blocks, "X", inner], "perceptron, X hidden units"),
    part("mlp.0.bias", [...blocks, "X"], "perceptron, X hidden units"),
    part("mlp.1.weight", [...blocks, inner, "X"], "perceptron"),
    part("mlp.1.bias", [...blocks, inner], "perceptron"),
  ];
}

const learnedTensors: readonly TensorRow[] = learnedParts("learned update", "D", "D", []);

const composedTensors: readonly TensorRow[] = [
  learned("composed form")("key_weight", ["blocks*C", "W"], "projects inputs to keys"),
  ...learnedParts("composed form", "blocks*C", "C", ["blocks"]),
  ...["weight", "bias"].map((part) =>
    learned("composed form")(
      `block_norm.${part}`,
      ["C"],
      "layer norm of the blocks before they recall",
    ),
  ),
  learned("composed form")(
    "memory_mlp.0.weight",
    ["Y", "C"],
    "perceptron of the prototypes, Y hidden units",
  ),
  learned("composed form")(
    "memory_mlp.0.bias",
    ["Y"],
    "perceptron of the prototypes, Y hidden units",
  ),
  learned("composed form")(
    "memory_mlp.1.weight",
    ["C", "Y"],
    "perceptron of the prototypes, Y hidden units",
  ),
  learned("composed form")(
    "memory_mlp.1.bias",
    ["C"],
    "perceptron of the prototypes, Y hidden units",
  ),
];

/** Learned tensors come all together, with the key that uses them, or not at all. */
function learnedProblems(
  { has }: Given,
  tensors: readonly TensorRow[],
  isOn: boolean,
  on: string,
): Complaint[] {
  const names = tensors.map(({ name }) => name);
  const lacking = names.find((name) => !has(name));
  if (isOn && lacking !== undefined)
    return [
      [
        `${on} without ${lacking}`,
        `all of ${names.join(", ")}`,
        `add ${lacking}`,
        "missing_tensor",
      ],
    ];
  const stray = names.find((name) => has(name));
  if (isOn || stray === undefined) return [];
  return [
    [
      `${stray} without ${on}`,
      `this tensor with ${on} only`,
      `take ${stray} out of the input file, or set ${on}`,
      "unknown_tensor",
    ],
  ];
}

const learnedOn = '"update": "learned"';
const composedOn = '"form": "composed"';

/** Problems of a slot row's tensors under its update. */
function slotProblems(given: Given): readonly Complaint[] {
  const { config, has, extentOf } = given;
  const isLearned = config["update"] === "learned";
  const problems = learnedProblems(given, learnedTensors, isLearned, learnedOn);
  if (!has("key_weight") && extentOf("W") !== extentOf("D"))
    problems.push([
      `inputs of width ${extentOf("W")} and slots of width ${extentOf("D")}`,
      "one width, or a key_weight [D, W]",
      "add key_weight to the input file",
    ]);
  return problems;
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
    const { inference } = model;
    const energy = inference.kind === "collect" && !inference.energy ? [] : ["freeEnergy"];
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
    {
      ...inputs,
      about: "one per input, as wide as the slots in the energy form",
    },
    { ...slots, shapes: [["B", "N", "blocks*C"]] },
    {
      name: "memory",
      shapes: [["blocks", "K", "C"]],
      about: "K prototypes of each block of C = D/blocks features",
    },
    ...composedTensors,
  ],
  keys: {
    form: key(
      z.enum(["energy", "composed"]),
      "inputs and prototypes pull at once, or learned cells and then prototypes alone",
      '"energy"',
    ),
    iterations: key(count, "number of iterations", "3"),
    epsilon: key(z.number().min(0), "added to responsibilities by the composed form", "1e-8"),
    ...settling,
  },
  problems: (given) => {
    const { config, extentOf, shapeOf } = given;
    const isComposed = config["form"] === "composed";
    const problems = learnedProblems(given, composedTensors, isComposed, composedOn);
    const width = (extentOf("blocks") ?? 0) * (extentOf("C") ?? 0);
    if (width === 0)
      problems.push([
        "slots of width 0",
        "blocks of at least one feature",
        "give slots and memory features",
      ]);
    if (!isComposed && shapeOf("inputs").length > 0 && extentOf("W") !== width)
      problems.push([
        `inputs of width ${extentOf("W")} and slots of width ${width}`,
        "one width in the energy form",
        "give inputs and slots the same width",
      ]);
    return problems;
  },
  outputs: [
    { name: "slots", shape: "[B, N, D]", about: "slots after the last iteration" },
    {
      name: "responsibilities",
      shape: "[B, M, N]",
      about: "posterior of each input over the slots, of the last update",
    },
    {
      name: "prototypes",
      shape: "[B, N, blocks, K]",
      about: "posterior of each block over its prototypes, of the last update",
    },
    { ...slotEnergy, about: `${slotEnergy.about}; energy form`, optional: true },
  ],
  declare: ({ config }) => {
    const form = (config["form"] as "energy" | "composed" | undefined) ?? "energy";
    return {
      model: blockSlot({
        form,
        ...(config["epsilon"] === undefined ? {} : { epsilon: config["epsilon"] as number }),
        ...iterations(config, "iterations", 3),
      }),
      read: [
        ...["slots", "responsibilities", "prototypes"],
        ...(form === "energy" ? ["freeEnergy"] : []),
      ],
      outputs: { freeEnergy: "energy" },
    };
  },
};

/** Rows in which slots compete. */
export const slotRows: readonly Row[] = [slotRow, blockSlotRow];
