import { conditionalMean } from "edgewise";
import { z } from "zod";
import type { Row } from "./row.ts";
import { key, query, value } from "./tensors.ts";

/** Kernel ridge regression of values on keys. */
export const conditionalMeanRow: Row = {
  name: "conditional-mean",
  summary: "kernel ridge regression of the values on the keys, at each query",
  section: "10.2",
  tensors: [
    query,
    { ...key, about: "one per sender, an input of the regression; G divides H" },
    { ...value, about: "what is regressed on the keys" },
  ],
  keys: {
    kernel: {
      schema: z.enum(["linear", "exponential", "gaussian"]),
      about: "κ: scale · ⟨k, q⟩, its exponential, or exp(−r²/2h²) of the distance r",
      default: '"exponential"',
    },
    scale: {
      schema: z.number(),
      about: "factor of the dot product; not of a gaussian kernel",
      default: "1",
    },
    bandwidth: {
      schema: z.number().min(1e-100).max(1e100),
      about: "h of a gaussian kernel, of no other",
      default: "1",
    },
    ridge: {
      schema: z.number().min(0),
      about: "λ, added to the diagonal; 0 where the kernel's matrix is definite without it",
      default: "1e-3",
    },
  },
  outputs: [
    { name: "expectation", shape: "[B, H, N, V]", about: "conditional mean of the values" },
  ],
  declare: ({ config }) => ({ model: conditionalMean(config), read: ["expectation"] }),
};
