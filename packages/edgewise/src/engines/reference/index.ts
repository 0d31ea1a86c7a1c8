/**
 * The reference engine: double precision, plain loops that read like the equations, inputs read
 * in place. It runs every program and is the oracle for every other engine.
 */
import type { Float64Tensor } from "../../array/tensor.ts";
import type { Program, Step } from "../../ir/program.ts";
import { routine } from "../../ir/routine/routines.ts";
import type { Answer, Engine, Inputs, RunOptions } from "../engine.ts";
import { bindInputs, bound, type Environment } from "./bindings.ts";
import { lowerFixedPoint } from "./fixedPoint.ts";
import { lowerMap, lowerNormalising, lowerWeighted, type RunStep, type Tally } from "./folds.ts";

/** Program as closures; sizes and tensors are bound at each run. */
export interface ReferenceArtifact {
  readonly program: Program;
  readonly steps: readonly RunStep[];
}

/** Engine in double precision that runs every program and answers at once. */
export function reference(): Engine<ReferenceArtifact> &
  Required<Pick<Engine<ReferenceArtifact>, "runSync">> {
  return {
    name: "reference",
    supports: () => [],
    lower: (program) => ({ program, steps: program.steps.map(lowerStep) }),
    run: async (artifact, inputs, options) => run(artifact, inputs, options),
    runSync: run,
    dispose: () => {},
  };
}

function run(
  { program, steps }: ReferenceArtifact,
  inputs: Inputs,
  { onProgress }: RunOptions = {},
): Answer {
  const environment = bindInputs(program.inputs, inputs, program.name);
  const tally: Tally = { folds: {}, iterations: {} };
  for (const [k, step] of steps.entries()) {
    tally.report = onProgress && ((share) => onProgress((k + share) / steps.length));
    step(environment, tally);
  }
  const outputs: Record<string, Float64Tensor> = {};
  for (const [name, tensor] of Object.entries(program.outputs)) {
    const { data, shape } = environment.get(tensor);
    // An output that is an input is answered as a copy: results are never the caller's own array.
    outputs[name] = {
      data:
        data instanceof Float64Array && !isInput(program, tensor) ? data : Float64Array.from(data),
      shape,
    };
  }
  return { outputs, counters: tally };
}

const isInput = (program: Program, tensor: string): boolean =>
  program.inputs.some(({ name }) => name === tensor);

function lowerStep(step: Step): RunStep {
  switch (step.kind) {
    case "map":
      return lowerMap(step);
    case "weigh":
      return lowerWeighted(step);
    case "normalise":
      return lowerNormalising(step);
    case "fixedPoint":
      return lowerFixedPoint(step, lowerStep);
    case "routine": {
      const { run: compute } = routine(step.routine);
      return (environment: Environment) => {
        const given = Object.entries(step.inputs).map(
          ([role, name]) => [role, environment.get(name)] as const,
        );
        const made = compute(Object.fromEntries(given), step.options);
        for (const [role, { name }] of Object.entries(step.outputs)) {
          const array = made[role];
          if (array !== undefined) environment.set(name, bound(array.data, array.shape));
        }
      };
    }
    default:
      return step satisfies never;
  }
}
