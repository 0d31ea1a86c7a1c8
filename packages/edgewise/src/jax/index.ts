/** Models as functions of jax-js arrays, for its own `jit`, `grad` and `vmap`. */
import {
  type Arr,
  type JaxArray,
  loadJax,
  runProgram,
  Scope,
  unsupported,
} from "../engines/jax/index.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import { compile } from "../inference/compile.ts";
import type { Program } from "../ir/program.ts";
import { simplify } from "../ir/simplify.ts";
import type { Model } from "../model/model.ts";
import { isMade } from "../posterior/bind.ts";
import { narrowed, refusesEmpty, withNeededInputs } from "../posterior/narrow.ts";
import type { DefaultReadingOf, Reading } from "../posterior/prepare.ts";
import { checkArrays } from "./arrays.ts";

export { jax } from "../engines/jax/index.ts";
export type { JaxArray };

export interface JaxOptions<Read extends Reading> {
  /** Readings to answer; when left out, the usual ones of the model. */
  readonly read?: readonly Read[];
  /**
   * Whether a call takes its arguments, as functions of jax-js do. When left out they stay the
   * caller's, who disposes of them; what `grad` and `vmap` hand to a function is its to dispose of.
   */
  readonly moves?: boolean;
}

/** A model's readings as a function of jax-js arrays. */
export type JaxFunction<Read extends Reading> = <A extends JaxArray>(
  inputs: Readonly<Record<string, A>>,
) => Readonly<Record<Read, A>>;

/**
 * A model's readings as a function of jax-js arrays, made of operations of jax-js alone: call it,
 * or have jax-js trace it. Numbers are not checked, since a tracer has none.
 *
 * @throws engine_cannot where jax-js is not installed or the model has no form in it, bad_model,
 *   bad_option, unknown_option; a call throws unknown_tensor, missing_tensor, shape_mismatch
 */
export async function jaxFunction<M extends Model, Read extends Reading = DefaultReadingOf<M>>(
  model: M,
  options: JaxOptions<Read> = {},
): Promise<JaxFunction<Read>> {
  checkOptions(options, ["read", "moves"], "jaxFunction");
  const { moves } = options;
  if (moves !== undefined && typeof moves !== "boolean") throw notSaid(moves);
  const whole = compile(model);
  const asked = narrowed(model, whole, options.read);
  const outputs = asked.read.map((name) => [name, whole.outputs[name] as string]);
  // What a call of `prepare` checks besides cannot be checked here.
  const alone = simplify({ ...asked.program, outputs: Object.fromEntries(outputs) });
  const program = withNeededInputs(alone, []);
  refuse(model, program);
  const known = whole.inputs.map(({ name }) => name).filter((name) => !isMade(name));
  const jax = await loadJax();
  const call = (inputs: Readonly<Record<string, JaxArray>>): Record<string, JaxArray> => {
    checkArrays(model, inputs, known);
    const scope = new Scope();
    try {
      return runProgram(jax, program, inputs as Readonly<Record<string, Arr>>, scope);
    } finally {
      scope.dispose();
      if (moves) for (const array of Object.values(inputs)) array.dispose();
    }
  };
  // Readings are arrays of the kind that the arguments are: jax-js makes them so.
  return call as unknown as JaxFunction<Read>;
}

/** @throws engine_cannot for what operations on whole arrays cannot say */
function refuse(model: Model, program: Program): void {
  const [gap] = unsupported(program);
  const noise = program.inputs.find(({ name }) => isMade(name));
  const implicit = program.steps.find((s) => s.kind === "fixedPoint" && s.gradient === "implicit");
  const reason =
    (gap && `${gap.step}: ${gap.reason}`) ??
    (noise && `${noise.name} are made for each call of prepare`) ??
    (implicit && "its gradient is implicit, and jax-js would take it through the iterations") ??
    (refusesEmpty(model) && 'whenEmpty: "throw" would have to look at numbers');
  if (!reason) return;
  throw new EdgewiseError({
    code: "engine_cannot",
    where: model.name,
    got: `jax cannot run this: ${reason}`,
    expected: "a model whose readings are operations on whole arrays",
    fix: "take prepare, whose vjp serves frameworks with a tape of their own, or read less",
  });
}

function notSaid(moves: unknown): EdgewiseError {
  return new EdgewiseError({
    code: "bad_option",
    where: "jaxFunction",
    got: `moves: ${JSON.stringify(moves)}`,
    expected: "true or false",
    fix: "write moves: true where a call takes its arguments, or leave it out",
  });
}
