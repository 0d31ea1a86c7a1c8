import { nameOf } from "../../ir/program.ts";
import type { StepLowering } from "../engine.ts";
import { print } from "./assembler/print.ts";
import type { LoweredProgram, LoweredStep } from "./lower.ts";

/** How each step of a lowered program is run, in words. */
export function describe({ steps }: LoweredProgram): readonly StepLowering[] {
  return steps.flatMap(describeStep);
}

/** The kernels of a lowered program as text, each under the step that it runs. */
export function show({ steps }: LoweredProgram): string {
  return steps.flatMap(showStep).join("\n\n");
}

function showStep(lowered: LoweredStep): readonly string[] {
  if (lowered.kind === "fixedPoint")
    return lowered.blocks.flatMap(({ steps }) => steps.flatMap(showStep));
  if (lowered.kind === "routine") return [];
  const step = nameOf(lowered.step);
  return lowered.kernels.map(({ code, form }) => {
    const { lowered: how, reason } = form ?? plainLoops;
    return `;; ${step}: ${how}${reason ? `, since ${reason}` : ""}\n${print(code)}`;
  });
}

const plainLoops: Pick<StepLowering, "lowered" | "reason"> = { lowered: "plain loops" };

function describeStep(lowered: LoweredStep): readonly StepLowering[] {
  const step = nameOf(lowered.step);
  switch (lowered.kind) {
    case "kernels":
      return lowered.kernels.map(({ form = plainLoops }) => ({ step, ...form }));
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
