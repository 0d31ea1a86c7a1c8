/**
 * The reference engine: double precision, plain loops that read like the equations, inputs read
 * in place. It runs every program and is the oracle for every other engine.
 */
import type { Float64Tensor } from "../../array/tensor.ts";
import { defines, type Program, type Step } from "../../ir/program.ts";
import type { RoutineReport, RoutineRun } from "../../ir/routine/routine.ts";
import { routineRuns } from "../../ir/routine/run/index.ts";
import type { Answer, Engine, Inputs, RunOptions } from "../engine.ts";
import { bindInputs } from "../shared/bindings.ts";
import { routineNotFinite } from "../shared/failures.ts";
import { allocate, bound, type Environment, refuseTooLarge } from "./bindings.ts";
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
  const environment = bindInputs(program.inputs, inputs, program.name, ({ data, shape }) =>
    bound(data, shape),
  );
  if (hasNobody(program, environment))
    return {
      outputs: zeros(program, environment),
      counters: { folds: {}, iterations: {}, converged: {} },
    };
  for (const spec of program.steps.flatMap(defines)) refuseTooLarge(environment, spec);
  const tally: Tally = { folds: {}, iterations: {}, converged: {} };
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

/** Whether batch or heads are 0: then nothing happens, however long the claimed sequences. */
function hasNobody({ inputs }: Program, environment: Environment): boolean {
  const symbols = new Set(inputs.flatMap(({ shape }) => shape));
  return ["B", "H"].some((symbol) => symbols.has(symbol) && environment.size(symbol) === 0);
}

function zeros({ inputs, steps, outputs }: Program, environment: Environment): Answer["outputs"] {
  const specs = new Map([...inputs, ...steps.flatMap(defines)].map((spec) => [spec.name, spec]));
  for (const step of steps)
    if (step.kind === "fixedPoint") environment.setSize(`${step.iterations}#`, 0);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => {
      const spec = { name, shape: specs.get(tensor)?.shape ?? [] };
      const { data, shape } = allocate(environment, spec);
      return [name, { data, shape }];
    }),
  );
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
      // The rules of `ir/spec.ts` let only known routines through.
      const compute = routineRuns[step.routine] as RoutineRun;
      return (environment: Environment, tally: Tally) => {
        const given = Object.entries(step.inputs).map(
          ([role, name]) => [role, environment.get(name)] as const,
        );
        const report = (done: RoutineReport): void => {
          tally.iterations[step.routine] = done.iterations;
          tally.converged[step.routine] = done.converged;
        };
        const progress = (share: number): void => tally.report?.(share);
        const context = { outputs: step.outputs, report, progress };
        const made = compute(Object.fromEntries(given), step.options, context);
        for (const [role, { name }] of Object.entries(step.outputs)) {
          const array = made[role];
          if (array === undefined) continue;
          if (array.data.some(Number.isNaN)) throw routineNotFinite(step.routine, role);
          environment.set(name, bound(array.data, array.shape));
        }
      };
    }
    default:
      return step satisfies never;
  }
}
