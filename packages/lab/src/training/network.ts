/** Declarations as parts of a larger program: projections, mechanisms, read-outs, a loss. */
import type { Model } from "edgewise";
import { compile } from "edgewise/compile";
import {
  captured,
  checked,
  defines,
  type Program,
  renamed,
  type Step,
  simplify,
  type TensorSpec,
} from "edgewise/ir";

/** What a declaration adds to a program. */
export interface Part {
  readonly steps: readonly Step[];
  readonly inputs: readonly TensorSpec[];
  /** Tensors of its readings, by name. */
  readonly readings: Readonly<Record<string, string>>;
}

/**
 * A declaration's steps. The tensors that it makes carry the tag, so that several parts stand in
 * one program; those that it is given keep their names, and may be what a part before it made.
 */
export function part(model: Model, tag: string): Part {
  const { steps, inputs, outputs } = compile(model);
  const names = new Map(steps.flatMap(defines).map(({ name }) => [name, `${name} ${tag}`]));
  return {
    steps: steps.map((step) => renamed(step, names)),
    inputs,
    readings: Object.fromEntries(
      Object.entries(outputs).map(([reading, name]) => [reading, names.get(name) ?? name]),
    ),
  };
}

/**
 * Steps and parts, in order, as one program for some of their tensors. Inputs are those of the
 * parts and the ones given that nothing before makes; what no output needs is left out.
 *
 * @throws bad_program where they do not fit together
 */
export function network(
  name: string,
  parts: readonly (Part | Step)[],
  inputs: readonly TensorSpec[],
  outputs: Readonly<Record<string, string>>,
): Program {
  const steps = parts.flatMap((of) => ("steps" in of ? of.steps : [of]));
  const given = [...inputs, ...parts.flatMap((of) => ("steps" in of ? of.inputs : []))];
  const known = new Map(given.map((spec) => [spec.name, spec]));
  const whole = simplify({ name, inputs: [...known.values()], steps, outputs });
  const needed = captured(whole.steps);
  return checked({ ...whole, inputs: whole.inputs.filter((spec) => needed.has(spec.name)) });
}
