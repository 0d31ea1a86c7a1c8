import { hopfield } from "edgewise";
import { z } from "zod";
import type { Row } from "./row.ts";
import { count, iterations, key, settling } from "./settling.ts";

export const hopfieldRow: Row = {
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
