import { axis, binary, index, load, multiply } from "../expr.ts";
import { map } from "../fold.ts";
import type { RoutineStep } from "../program.ts";
import type { Routine } from "./routine.ts";

/**
 * Log determinant [..] of symmetric positive definite matrices [.., M, M]. Its gradient is the
 * cotangent times the inverse.
 */
export const logDeterminant: Routine = {
  name: "logDeterminant",
  inputs: ["matrix"],
  outputs: ["logDeterminant"],

  gradient(step, cotangents, tape) {
    const { matrix } = step.inputs as { matrix: string };
    const cotangent = cotangents.get(step.outputs["logDeterminant"]?.name as string) as string;
    if (!tape.wanted(matrix)) return { steps: [], contributions: [] };
    const over = tape.axesOf(matrix);
    const [row, column] = over.slice(-2).map(index);
    const [identity, inverse, byMatrix] = ["identity", "inverse", `∂${matrix}`].map((stem) =>
      tape.name(stem),
    ) as [string, string, string];
    const solve: RoutineStep = {
      kind: "routine",
      routine: "linearSolve",
      inputs: { matrix, source: identity },
      outputs: { solution: { name: inverse, shape: tape.cotangentShape(matrix) } },
      options: {},
    };
    const product = multiply(
      load(cotangent, over.slice(0, -2).map(index)),
      load(inverse, over.map(index)),
    );
    const unit = axis("unit", 1);
    return {
      steps: [
        map(identity, over, binary("equal", row ?? index(unit), column ?? index(unit))),
        solve,
        map(byMatrix, over, product),
      ],
      contributions: [[matrix, byMatrix]],
    };
  },
};
