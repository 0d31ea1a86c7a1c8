import type { Iterations } from "edgewise";
import { z } from "zod";
import { whole } from "./keys.ts";
import type { Given, KeyRow } from "./row.ts";

/** Keys of every row that iterates, and what they come to in the library. */

export const key = (schema: z.ZodType, about: string, shown?: string): KeyRow =>
  shown === undefined ? { schema, about } : { schema, about, default: shown };

export const count: z.ZodNumber = whole.min(0).max(1e6);
export const settling: Readonly<Record<string, KeyRow>> = {
  tolerance: key(
    z.number().min(0),
    "stop when no number of the state moves by this much; 0 runs every iteration",
    "0",
  ),
  gradient: key(
    z.enum(["unrolled", "implicit"]),
    "back through every iteration, or at the point reached where its tolerance was",
    '"unrolled"',
  ),
};

/** Options of the library under their names in the contract. */
export function iterations(config: Given["config"], name: string, fallback: number): Iterations {
  const tolerance = (config["tolerance"] as number | undefined) ?? 0;
  return {
    maxIterations: (config[name] as number | undefined) ?? fallback,
    tolerance,
    // Without a tolerance no point is known to be reached.
    gradient: config["gradient"] === "implicit" && tolerance > 0 ? "implicit" : "unrolled",
  };
}
