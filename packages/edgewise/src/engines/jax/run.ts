/** A whole program as operations of jax-js, on arrays or on what stands for them while it traces. */
import type { Tensor } from "../../array/tensor.ts";
import type { FixedPoint, Program, Step } from "../../ir/program.ts";
import { bindInputs, Environment as Names } from "../shared/bindings.ts";
import { type Bound, boundArray, boundNumber, type Environment } from "./bindings.ts";
import type { Arr, Jax } from "./library.ts";
import type { Scope } from "./operations.ts";
import { type Call, runStep, type Seen } from "./steps.ts";

/** Who is told what a call does. */
export interface Witness {
  fold(seen: Seen): void;
  iterated(name: string, count: number): void;
}

/**
 * Outputs of a program. Inputs stay the caller's, outputs become the caller's; what steps leave to
 * each other lives as long as `keep`.
 */
export function runProgram(
  jax: Jax,
  program: Program,
  inputs: Readonly<Record<string, Arr>>,
  keep: Scope,
  witness?: Witness,
): Record<string, Arr> {
  const specs = Object.entries(inputs).map(([name, array]) => [name, described(array)] as const);
  const environment = bindInputs<Bound>(
    program.inputs,
    Object.fromEntries(specs),
    program.name,
    (_, name) => boundArray(inputs[name] as Arr),
  );
  const call: Call = { jax, scope: keep, ...(witness && { see: (seen) => witness.fold(seen) }) };
  const told = witness?.iterated.bind(witness);
  for (const step of program.steps) run(step, environment, call, told);
  return Object.fromEntries(
    Object.entries(program.outputs).map(([name, tensor]) => [
      name,
      arrayOf(environment.get(tensor), call).ref,
    ]),
  );
}

/** An array as the checks of shapes see it: they read no numbers. */
function described({ shape }: Arr): Tensor {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { data: { length } as Tensor["data"], shape };
}

function arrayOf({ value }: Bound, { jax, scope }: Call): Arr {
  if (typeof value !== "number") return value;
  return scope.keep(jax.numpy.array(Float32Array.of(value), { shape: [] }));
}

type Told = ((name: string, count: number) => void) | undefined;

function run(step: Step, environment: Environment, call: Call, told: Told): void {
  if (step.kind === "fixedPoint") iterate(step, environment, call, told);
  // Programs with a routine were declined.
  else if (step.kind !== "routine") runStep(step, environment, call);
}

/** Every iteration after the other: what jax-js traces is the straight program. */
function iterate(step: FixedPoint, outer: Environment, call: Call, told: Told): void {
  const environment: Environment = new Names<Bound>(outer);
  const { maxIterations: cap } = step;
  const count = typeof cap === "number" ? cap : (outer.get(cap).value as number);
  for (const { name, initial } of step.state) environment.set(name, outer.get(initial));
  const traces = step.traces.map(({ of }): { of: string; kept: Bound[] } => ({ of, kept: [] }));
  const histories = Object.keys(step.history).map((of): { of: string; kept: Bound[] } => ({
    of,
    kept: [],
  }));
  for (let t = 0; t < count; t++) {
    environment.set(step.iteration, boundNumber(t));
    for (const { of, kept } of histories) kept.push(environment.get(of));
    for (const block of step.blocks) {
      for (const inner of block.steps) run(inner, environment, call, told);
      // All updates of a block are taken together.
      const next = Object.entries(block.update).map(
        ([state, tensor]) => [state, environment.get(tensor)] as const,
      );
      for (const [state, value] of next) environment.set(state, value);
    }
    for (const { of, kept } of traces) kept.push(environment.get(of));
  }
  for (const { name } of step.state) outer.set(name, environment.get(name));
  outer.setSize(`${step.iterations}#`, count);
  outer.settle(`${step.iterations}#`);
  outer.set(step.iterations, boundNumber(count));
  const stacked = (kept: readonly Bound[], axis: number): Bound => {
    // jax-js has no array without elements; nobody reads one either.
    if (kept.length === 0) return { shape: [0], value: 0 };
    const arrays = kept.map((of) => arrayOf(of, call).ref);
    return boundArray(call.scope.keep(call.jax.numpy.stack(arrays, axis)));
  };
  step.traces.forEach(({ tensor, shape }, k) => {
    outer.set(tensor, stacked(traces[k]?.kept ?? [], shape.length));
  });
  Object.values(step.history).forEach((name, k) => {
    outer.set(name, stacked(histories[k]?.kept ?? [], 0));
  });
  told?.(step.name, count);
}
