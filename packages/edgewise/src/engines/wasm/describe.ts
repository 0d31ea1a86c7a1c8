/** Lowered programs in words, and as text of WebAssembly. */
import { nameOf } from "../../ir/program.ts";
import type { StepLowering } from "../engine.ts";
import { print } from "./assembler/print.ts";
import type { LoweredProgram, LoweredStep } from "./lower.ts";

/** How each step of a lowered program is run. */
export function describe({ body }: LoweredProgram): readonly StepLowering[] {
  return body.steps.flatMap(describeStep);
}

/** The kernels that most calls run, each under its step. */
export function show({ body }: LoweredProgram): string {
  return body.steps.flatMap(showStep).join("\n\n");
}

function describeStep(lowered: LoweredStep): readonly StepLowering[] {
  switch (lowered.kind) {
    case "kernels":
      return [inWords(lowered)];
    case "pair":
      return lowered.apart.map(inWords);
    case "fixedPoint":
      return [
        { step: nameOf(lowered.step), lowered: "an iteration of the steps that follow" },
        ...lowered.body.steps.flatMap(describeStep),
      ];
    case "routine":
      return [
        {
          step: nameOf(lowered.step),
          lowered: "a routine in double precision",
          reason: "it is an algorithm of its own, not a fold",
        },
      ];
    case "update":
      return [];
    default:
      return lowered satisfies never;
  }
}

function inWords({ step, form, untiled }: Extract<LoweredStep, { kind: "kernels" }>): StepLowering {
  return {
    step: nameOf(step),
    lowered: form,
    ...(untiled !== undefined && { reason: untiled }),
  };
}

function showStep(lowered: LoweredStep): readonly string[] {
  if (lowered.kind === "fixedPoint") return lowered.body.steps.flatMap(showStep);
  if (lowered.kind === "pair") return lowered.apart.flatMap(showStep);
  if (lowered.kind !== "kernels") return [];
  const { step, lowered: form } = inWords(lowered);
  const kernels = lowered.variants[0]?.kernels ?? [];
  return kernels.map(({ code }) => `;; ${step}: ${form}\n${print(code)}`);
}
