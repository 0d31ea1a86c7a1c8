/** What a case of the catalogue is, and the programs that it stands for. */
import { type CallOptions, type Inputs, type Model, prepare, type Tensor } from "edgewise";
import { compile } from "edgewise/compile";
import { gradient, type Program, simplify } from "edgewise/ir";
import { random, the } from "../random.ts";
import { answered, type Expected, expected, recorder } from "./agreement.ts";
import { drawnInputs, type Lengths, single } from "./inputs.ts";

/** A model with lengths, and the readings that it is asked for. */
export interface ModelCase {
  readonly claim: string;
  readonly model: Model;
  readonly lengths?: Lengths;
  readonly given?: Inputs;
  readonly call?: CallOptions;
  /** Readings that are asked for together, with a gradient; by default all that have one. */
  readonly read?: readonly string[];
  /** Readings without one, asked for together as well; by default all of those. */
  readonly also?: readonly string[];
  readonly seed?: number;
}

/** A program that no mechanism makes, with its inputs. */
export interface ProgramCase {
  readonly claim: string;
  readonly program: Program;
  readonly inputs: Inputs;
  /** Outputs and inputs of its gradient; without it, the program alone. */
  readonly of?: readonly string[];
  readonly by?: readonly string[];
}

export type Case = ModelCase | ProgramCase;

/** Readings that are whole numbers, counts, or held. */
const without = [
  ...["mode", "sample", "choice", "positiveDefinite", "magnitude"],
  ...["continuation", "window", "iterations", "operations", "logRatio"],
];

/** Every program of a case, answered by the reference. */
export async function expectations(of: Case): Promise<Expected[]> {
  return "program" in of ? programExpectations(of) : modelExpectations(of);
}

function programExpectations({ claim, program, inputs, of, by }: ProgramCase): Expected[] {
  const forward = expected(claim, answered(program, inputs));
  if (of === undefined || by === undefined) return [forward];
  const given = Object.fromEntries(
    of.map((name) => [`d_${name}`, cotangent(the(forward.answer.outputs, name), name)]),
  );
  return [
    forward,
    expected(
      `${claim}: gradient`,
      answered(gradient(program, [...of], [...by]), { ...inputs, ...given }),
    ),
  ];
}

async function modelExpectations(of: ModelCase): Promise<Expected[]> {
  const { claim, model, call = {} } = of;
  const whole = compile(model);
  const names = Object.keys(whole.outputs);
  const also = of.also ?? names.filter((name) => without.includes(name));
  const read = of.read ?? names.filter((name) => !without.includes(name));
  const inputs = drawnInputs(whole, of);
  const { engine, asked } = recorder();
  const attend = await prepare(model, { engine, read });
  const readings = attend.sync(inputs, call) as unknown as Record<string, Tensor>;
  if (also.length > 0)
    (await prepare(model, { engine, read: also })).sync(inputs, { seed: 3, samples: 4, ...call });
  const cotangents = Object.fromEntries(
    read.map((name) => [name, cotangent(the(readings, name), name)]),
  );
  attend.gradientSync(inputs, cotangents, call);
  const labels = ["", ...(also.length > 0 ? [`: ${also.join(", ")}`] : []), ": gradient"];
  return asked.map((one, k) => expected(`${claim}${labels[k]}`, one));
}

/** A program for some of its outputs, and the inputs that these need. */
export function narrowed(program: Program, readings: readonly string[]): Program {
  const outputs = Object.fromEntries(readings.map((name) => [name, the(program.outputs, name)]));
  const { steps, inputs, name } = simplify({ ...program, outputs });
  const text = JSON.stringify([steps, Object.values(outputs)]);
  return { name, steps, outputs, inputs: inputs.filter((one) => text.includes(`"${one.name}"`)) };
}

/** Random numbers in the shape of a reading. */
export function cotangent({ shape }: Tensor, name: string): Tensor {
  return single(random(name.length).normal(shape));
}
