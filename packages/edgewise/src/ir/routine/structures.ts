import { logLinear } from "./logLinear.ts";
import type { Routine } from "./routine.ts";

/**
 * Routines of the structured posteriors, each with the one that its gradient needs. What they
 * compute is said where they are implemented, in `run/`.
 */
export const structures: readonly Routine[] = [
  ...logLinear("forwardBackward", { unary: "marginals", pairwise: "pairMarginals" }),
  ...logLinear("matrixTree", { head: "marginals", root: "rootMarginals" }),
  ...logLinear("permutations", { score: "marginals" }),
];
