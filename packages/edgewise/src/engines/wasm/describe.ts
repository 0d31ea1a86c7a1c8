import { nameOf } from "../../ir/program.ts";
import type { StepLowering } from "../engine.ts";
import type { LoweredProgram, LoweredStep } from "./lower.ts";

/** How each step of a lowered program is run, in words. */
export function describe({ steps }: LoweredProgram): readonly StepLowering[] {
  return steps.flatMap(describeStep);
}

function describeStep(lowered: LoweredStep): readonly StepLowering[] {
  const step = nameOf(lowered.step);
  switch (lowered.kind) {
    case "kernels":
      return lowered.kernels.map(({ form = { lowered: "plain loops" } }) => ({ step, ...form }));
    case "fixedPoint":
      return [
        { step, lowered: "an iteration of the steps that follow" },
        ...lowered.blocks.flatMap(({ steps }) => steps.flatMap(describeStep)),
      ];
    case "routine":
      return [
        {
          step,
          lowered: "a routine in double precision",
          reason: "its steps depend on each other",
        },
      ];
    default:
      return lowered satisfies never;
  }
}
