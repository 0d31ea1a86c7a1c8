import { index, load, multiply } from "../expr.ts";
import { at, map } from "../fold.ts";
import type { RoutineStep, Step } from "../program.ts";
import type { Tape } from "../tape.ts";
import { type Routine, refusesGradient } from "./routine.ts";

/**
 * Routines of a posterior p(φ) ∝ exp Σ θ over the parts that φ has: for each tensor of parameters
 * θ the probabilities of its parts, and the log partition ln Z; and their rates of change when the
 * parameters move in a direction.
 *
 * The probabilities are the gradient of ln Z. Their own Jacobian is the Hessian of ln Z, which is
 * symmetric: the vector–Jacobian product with a cotangent is the rate in the cotangent's direction,
 * and that is what the second routine, `…Tangent`, computes.
 *
 * @source docs/mathematics.md, 11
 */
export function logLinear(
  name: string,
  probabilities: Readonly<Record<string, string>>,
): readonly [posterior: Routine, tangent: Routine] {
  const parameters = Object.keys(probabilities);
  const parts = Object.values(probabilities);
  const tangent: Routine = {
    name: `${name}Tangent`,
    inputs: [...parameters, ...parameters.map(direction)],
    outputs: parts,
    gradient: () => refusesGradient(`${name}Tangent`),
  };
  const posterior: Routine = {
    name,
    inputs: parameters,
    outputs: [...parts, "logPartition"],
    gradient(step, cotangents, tape) {
      const found = [
        byPartition(step, probabilities, cotangents, tape),
        byProbabilities(step, probabilities, cotangents, tape),
      ];
      return {
        steps: found.flatMap(({ steps }) => steps),
        contributions: found.flatMap(({ contributions }) => contributions),
      };
    },
  };
  return [posterior, tangent];
}

/** Role of the direction in which a tensor of parameters moves. */
export const direction = (parameter: string): string => `${parameter} direction`;

type Pulled = ReturnType<Routine["gradient"]>;

const nameOf = (step: RoutineStep, output: string): string => step.outputs[output]?.name as string;

/** ∂ ln Z / ∂θ is the probability of θ's part. */
function byPartition(
  step: RoutineStep,
  probabilities: Readonly<Record<string, string>>,
  cotangents: ReadonlyMap<string, string>,
  tape: Tape,
): Pulled {
  const seed = cotangents.get(nameOf(step, "logPartition"));
  if (seed === undefined) return { steps: [], contributions: [] };
  const steps: Step[] = [];
  const contributions: [string, string][] = [];
  for (const [parameter, part] of Object.entries(probabilities)) {
    const tensor = step.inputs[parameter] as string;
    if (!tape.wanted(tensor)) continue;
    const over = tape.axesOf(tensor);
    const name = tape.name(`∂${tensor}`);
    const batch = over.slice(0, 1).map(index);
    steps.push(map(name, over, multiply(load(seed, batch), at(nameOf(step, part), over))));
    contributions.push([tensor, name]);
  }
  return { steps, contributions };
}

function byProbabilities(
  step: RoutineStep,
  probabilities: Readonly<Record<string, string>>,
  cotangents: ReadonlyMap<string, string>,
  tape: Tape,
): Pulled {
  const parts = Object.entries(probabilities);
  if (!parts.some(([, part]) => cotangents.has(nameOf(step, part))))
    return { steps: [], contributions: [] };
  const directions = parts.map(([parameter, part]) => {
    const tensor = nameOf(step, part);
    return [direction(parameter), cotangents.get(tensor) ?? tape.zeros(tensor)] as const;
  });
  const rates = parts.map(([parameter, part]) => {
    const tensor = step.inputs[parameter] as string;
    const spec = { name: tape.name(`∂${tensor}`), shape: tape.cotangentShape(tensor) };
    return { tensor, part, spec };
  });
  const moved: RoutineStep = {
    ...step,
    routine: `${step.routine}Tangent`,
    inputs: { ...step.inputs, ...Object.fromEntries(directions) },
    outputs: Object.fromEntries(rates.map(({ part, spec }) => [part, spec])),
  };
  return { steps: [moved], contributions: rates.map(({ tensor, spec }) => [tensor, spec.name]) };
}
