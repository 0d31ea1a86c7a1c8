import type { Routine } from "./routine.ts";

/**
 * Whether symmetric matrices [.., M, M] are positive definite: 1 or 0 [..] for each. It has no
 * gradient.
 */
export const positiveDefinite: Routine = {
  name: "positiveDefinite",
  inputs: ["matrix"],
  outputs: ["isDefinite"],
  gradient: () => ({ steps: [], contributions: [] }),
};
