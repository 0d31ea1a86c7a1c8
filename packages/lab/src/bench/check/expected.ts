import { inputsOf } from "../workload/inputs.ts";
import type { Workload } from "../workload/workload.ts";
import { attentionRows } from "./attention.ts";
import { hopfieldRows, mixtureRows, slotRows } from "./iterative.ts";
import type { Expected } from "./rows.ts";
import { trainingRows } from "./training.ts";

/** Sampled rows of a workload's outputs by formulas in double precision, written apart from every peer. */
export function expectedOf(workload: Workload): Expected {
  const inputs = inputsOf(workload);
  const { task } = workload;
  switch (task.kind) {
    case "attention":
      return attentionRows(task, workload.sizes, inputs);
    case "hopfield":
      return hopfieldRows(task.steps, workload.sizes, inputs);
    case "slot":
      return slotRows(task.steps, workload.sizes, inputs);
    case "mixture":
      return mixtureRows(task.steps, workload.sizes, inputs);
    case "training":
      return trainingRows(task.batch, workload.sizes, inputs);
    case "compile":
      return attentionRows(
        { kind: "attention", graph: "complete", reads: "expectation", edge: "softcap" },
        workload.sizes,
        inputs,
      );
    default:
      return task satisfies never;
  }
}
