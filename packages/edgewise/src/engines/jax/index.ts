/**
 * The engine jax: programs as operations of jax-js, in single precision on its default device:
 * WebAssembly, unless another was chosen.
 * Folds hold a number for each pair of owner and alternative, so it is an oracle and a way into
 * jax-js's own transformations, not a fast engine.
 */
import type { Tensor } from "../../array/tensor.ts";
import { nameOf, type Program } from "../../ir/program.ts";
import type { Answer, Counters, Engine, Inputs } from "../engine.ts";
import { notFinite } from "../shared/failures.ts";
import { refusalOfVanished } from "../shared/vanished.ts";
import { type Arr, type Jax, loadJax, withoutElements } from "./library.ts";
import { Scope } from "./operations.ts";
import { runProgram } from "./run.ts";
import type { Seen } from "./steps.ts";
import { unsupported } from "./unsupported.ts";

export { type Arr, type JaxArray, loadJax } from "./library.ts";
export { Scope } from "./operations.ts";
export { runProgram } from "./run.ts";
export { unsupported } from "./unsupported.ts";

/** Engine on jax-js, which has to be installed. @throws engine_cannot */
export async function jax(): Promise<Engine<Program>> {
  const library = await loadJax();
  await library.init(library.defaultDevice());
  return {
    name: "jax",
    supports: unsupported,
    lower: (program) => program,
    run: (program, inputs) => run(library, program, inputs),
    dispose: () => {},
  };
}

async function run(library: Jax, program: Program, inputs: Inputs): Promise<Answer> {
  const scope = new Scope();
  const seen: Seen[] = [];
  const iterations: Record<string, number> = {};
  try {
    const arrays = program.inputs.flatMap(({ name }): [string, Arr][] => {
      const given = inputs[name];
      return given === undefined ? [] : [[name, arrayOf(library, scope, name, given)]];
    });
    const made = runProgram(library, program, Object.fromEntries(arrays), scope, {
      fold: (fold) => seen.push(fold),
      iterated: (name, count) => {
        iterations[name] = (iterations[name] ?? 0) + count;
      },
    });
    for (const array of Object.values(made)) scope.keep(array);
    const folds: Record<string, { edges: number; emptyRows: number }> = {};
    const holds = (tensor: string, value: number): boolean =>
      inputs[tensor]?.data.includes(value) ?? false;
    for (const fold of seen) await count(fold, folds, holds);
    const outputs: Record<string, Tensor> = {};
    for (const [name, array] of Object.entries(made)) outputs[name] = await tensorOf(array);
    return { outputs, counters: { folds, iterations, converged: {} } satisfies Counters };
  } finally {
    scope.dispose();
  }
}

function arrayOf(library: Jax, scope: Scope, name: string, { data, shape }: Tensor): Arr {
  if (data.length > 0) {
    const numbers = data instanceof Float32Array ? data : Float32Array.from(data);
    return scope.keep(library.numpy.array(numbers, { shape: [...shape] }));
  }
  throw withoutElements(name, shape);
}

const tensorOf = async (array: Arr): Promise<Tensor> => ({
  data: await array.ref.data(),
  shape: [...array.shape],
});

/** Counts what a fold saw. @throws not_finite where no posterior can be made of its log weights */
async function count(
  { step, edges, greatest, logEvidence }: Seen,
  folds: Record<string, { edges: number; emptyRows: number }>,
  holds: (tensor: string, value: number) => boolean,
): Promise<void> {
  const counts = await edges.ref.data();
  const tops = (await greatest?.ref.data()) ?? new Float32Array(0);
  const evidences = (await logEvidence?.ref.data()) ?? new Float32Array(0);
  const wrong = evidences.findIndex((x) => Number.isNaN(x) || x === Number.POSITIVE_INFINITY);
  if (wrong >= 0) throw notFinite(step.logWeight, tops[wrong] as number);
  const isEmpty = (top: number): boolean => top === Number.NEGATIVE_INFINITY;
  if (tops.some((top, k) => isEmpty(top) && (counts[k] as number) > 0)) {
    const refusal = refusalOfVanished(step.logWeight, step.edges.where, holds);
    if (refusal !== undefined) throw refusal;
  }
  const before = folds[nameOf(step)] ?? { edges: 0, emptyRows: 0 };
  folds[nameOf(step)] = {
    edges: before.edges + counts.reduce((sum, n) => sum + n, 0),
    emptyRows: before.emptyRows + tops.filter(isEmpty).length,
  };
}
