/** A model looked at on data: through a mechanism's eyes, with what neither data nor model have. */
import { EdgewiseError, type Model, prepare } from "edgewise";
import { compile } from "edgewise/compile";
import { asker } from "../mechanisms/ask.ts";
import { mechanismOf } from "../mechanisms/index.ts";
import type { Ask, Course, Data, Frame } from "../mechanisms/mechanism.ts";
import { inputsOf, masksOf, nodesOf } from "./calling.ts";
import { engineOf } from "./engines.ts";
import { shownThrough } from "./shownThrough.ts";
import { drawn, lengthsIn, type Tensors } from "./tensors.ts";

/** What was asked of a model, with the tensors that it was asked on. */
export interface Asked {
  readonly model: Model;
  readonly read: readonly string[];
  readonly inputs: Tensors;
}

export interface Looked {
  /** Mechanism that tells what the data are to the model. */
  readonly through: string;
  readonly course: Course;
  /** Tensors that were drawn, with their shapes. */
  readonly drawn: readonly string[];
  /** What was asked of the model itself or, where only parts of it were, of the first of those. */
  readonly asked: Asked | undefined;
}

/** Posteriors of a model that began as the mechanism `base`. @throws EdgewiseError */
export async function looked(base: string, model: Model, data: Data): Promise<Looked> {
  const through = shownThrough(base, model);
  const mechanism = mechanismOf(through);
  const usual = (name: string): number =>
    mechanism.controls.find((own) => own.name === name)?.value ?? 0;
  const answering = asker();
  const count = data.query.labels.length;
  const { title, fewest, most = Number.POSITIVE_INFINITY } = mechanism;
  if (count < fewest || count > most)
    throw new EdgewiseError({
      code: "bad_option",
      where: "this page",
      got: `${count} nodes`,
      expected: `${fewest} nodes or more${most < 1e9 ? `, and ${most} at most` : ""}, for ${title}`,
      fix: "add or remove nodes in Explore",
    });
  const made = new Map<string, readonly number[]>();
  let first: Asked | undefined;
  const own = JSON.stringify(model);

  const ask: Ask = async (asked, read, inputs, options) => {
    const needs = await needsOf(asked, read);
    const filled = drawn(needs.specs, inputs, {
      ...{ lengths: lengthsIn(needs.specs, inputs), free: 2 * count },
      ...{ nodes: nodesOf(asked), masks: masksOf(asked), count },
    });
    for (const [name, { shape }] of Object.entries(filled)) made.set(name, shape);
    // A model that carries no values takes none.
    const taken = Object.entries(inputs).filter(([name]) => needs.known.has(name));
    const given = { ...Object.fromEntries(taken), ...filled };
    if (first === undefined || JSON.stringify(asked) === own)
      first = { model: asked, read: needs.there, inputs: given };
    const answer = await answering.ask(asked, needs.there, given, options);
    const absent = read.filter((name) => !needs.there.includes(name));
    return { ...answer, ...Object.fromEntries(absent.map((name) => [name, nothing])) };
  };

  const course = readable(await mechanism.course(model, data, usual, ask));
  const told = [...made].map(([name, shape]) => `${name} [${shape.join(", ")}]`);
  return { through, course, drawn: told, asked: first };
}

/** Which of some readings a model has, the tensors that they need, and all that it knows. */
async function needsOf(model: Model, read: readonly string[]) {
  const whole = compile(model);
  const there = read.filter((name) => Object.hasOwn(whole.outputs, name));
  const { program } = await prepare(model, { engine: await engineOf("reference"), read: there });
  const known = new Set(inputsOf(model, whole).map(({ name }) => name));
  return { there, specs: inputsOf(model, program), known };
}

/** The answer to a reading that a model does not have. */
const nothing = { data: Float32Array.of(Number.NaN), shape: [1] };
const isNothing = (values: Float32Array | undefined): boolean =>
  values === undefined || (values.length > 0 && values.every(Number.isNaN));

/** The course without readings that the model does not have. */
function readable({ frames, curve, ...course }: Course): Course {
  return {
    ...course,
    ...(curve !== undefined && !isNothing(curve.values) && { curve }),
    frames: frames.map(
      ({ entropy, logEvidence, ...frame }): Frame => ({
        ...frame,
        ...(entropy !== undefined && !isNothing(entropy) && { entropy }),
        ...(logEvidence !== undefined && !isNothing(logEvidence) && { logEvidence }),
      }),
    ),
  };
}
