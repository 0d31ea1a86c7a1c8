import type { RoutineStep } from "../program.ts";
import { type Routine, refusesGradient } from "./routine.ts";

/**
 * Doubly stochastic Q = diag(eᶠ) eˢ diag(eᵍ), by normalising rows and columns in turn.
 *
 * The gradient passes back through the iterations that ran, so it is that of the numbers that were
 * answered, whether or not they had converged; where they have, it is the gradient of the limit.
 */
export const sinkhorn: Routine = {
  name: "sinkhorn",
  inputs: ["score"],
  outputs: ["marginals"],
  gradient(step, cotangents, tape) {
    const score = step.inputs["score"] as string;
    const marginals = step.outputs["marginals"]?.name as string;
    const name = tape.name(`∂${score}`);
    const back: RoutineStep = {
      ...step,
      routine: sinkhornGradient.name,
      inputs: { score, cotangent: cotangents.get(marginals) as string },
      outputs: { gradient: { name, shape: tape.cotangentShape(score) } },
    };
    return { steps: [back], contributions: [[score, name]] };
  },
};

export const sinkhornGradient: Routine = {
  name: "sinkhornGradient",
  inputs: ["score", "cotangent"],
  outputs: ["gradient"],
  gradient: () => refusesGradient("sinkhornGradient"),
};
