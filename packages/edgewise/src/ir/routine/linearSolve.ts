import { axis, index, load, multiply, negate, sum } from "../expr.ts";
import { map } from "../fold.ts";
import type { Routine } from "./routine.ts";

/**
 * Solution X [.., M, V] of A X = source, for symmetric positive definite A [.., M, M]: one system
 * for each index of the leading axes, which matrix and source share.
 *
 * Its gradient is one more solve, Λ = A⁻¹ g: the source gets Λ, the matrix −Λ Xᵀ.
 */
export const linearSolve: Routine = {
  name: "linearSolve",
  inputs: ["matrix", "source"],
  outputs: ["solution"],

  gradient(step, cotangents, tape) {
    const { matrix, source } = step.inputs as { matrix: string; source: string };
    const solution = step.outputs["solution"]?.name as string;
    const shape = tape.cotangentShape(source);
    const lambda = tape.name(`∂${source}`);
    const adjoint = {
      ...step,
      inputs: { matrix, source: cotangents.get(solution) as string },
      outputs: { solution: { name: lambda, shape } },
    };
    if (!tape.wanted(matrix)) return { steps: [adjoint], contributions: [[source, lambda]] };
    const over = tape.axesOf(matrix);
    const [row, column] = over.slice(-2).map(index) as [ReturnType<typeof index>, never];
    const batch = over.slice(0, -2).map(index);
    const v = tape.fresh(axis("v", shape.at(-1) ?? 1));
    const byMatrix = tape.name(`∂${matrix}`);
    const product = multiply(
      load(lambda, [...batch, row, index(v)]),
      load(solution, [...batch, column, index(v)]),
    );
    return {
      steps: [adjoint, map(byMatrix, over, negate(sum(v, product)))],
      contributions: [
        [source, lambda],
        [matrix, byMatrix],
      ],
    };
  },
};
