import { axis, index, load, multiply, number, sum } from "../expr.ts";
import { result, weigh } from "../fold.ts";
import type { Routine } from "./routine.ts";

/**
 * Solution y [N, V] of y = source + A y, with A given by the edges of a list: row `rowStart`,
 * column `alternative`, entry `weight`; transposed with `transpose`. The resolvent of multihop
 * attention, clamped nodes included, is this with weights γ P (0 in clamped rows).
 *
 * Its gradient is one more solve, with the transpose.
 */
export const sparseSolve: Routine = {
  name: "sparseSolve",
  inputs: ["weight", "rowStart", "alternative", "source"],
  outputs: ["solution"],

  gradient(step, cotangents, tape) {
    const { weight, rowStart, alternative, source } = step.inputs as Record<string, string> & {
      weight: string;
      rowStart: string;
      alternative: string;
      source: string;
    };
    const solution = step.outputs["solution"]?.name as string;
    const shape = tape.cotangentShape(source);
    const lambda = tape.name(`∂${source}`);
    const adjoint = {
      ...step,
      inputs: { ...step.inputs, source: cotangents.get(solution) as string },
      outputs: { solution: { name: lambda, shape } },
      options: { transpose: step.options["transpose"] !== true },
    };
    // ∂/∂A: λ at the row times y at the column (exchanged when A stands transposed).
    const [i, j, v] = [
      axis("i", shape[0] ?? 1),
      axis("j", shape[0] ?? 1),
      tape.fresh(axis("v", shape[1] ?? 1)),
    ];
    const edge = axis("edge", tape.shapeOf(weight)[0] ?? 1);
    const [row, column] = step.options["transpose"] === true ? [j, i] : [i, j];
    const byWeight = tape.name(`∂${weight}`);
    const fold = weigh(
      [i],
      { axis: j, list: { rowStart, alternative, row: "i", edge: "edge" } },
      number(0),
      [
        result(
          byWeight,
          [edge],
          [],
          sum(
            v,
            multiply(
              load(lambda, [index(row), index(v)]),
              load(solution, [index(column), index(v)]),
            ),
          ),
        ),
      ],
    );
    return {
      steps: tape.wanted(weight) ? [adjoint, fold] : [adjoint],
      contributions: tape.wanted(weight)
        ? [
            [source, lambda],
            [weight, byWeight],
          ]
        : [[source, lambda]],
    };
  },
};
