/** Programs that answer what was asked for and nothing else. */
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { suggest } from "../errors/nearest.ts";
import type { Program } from "../ir/program.ts";
import { captured } from "../ir/reads.ts";
import { simplify } from "../ir/simplify.ts";
import { sizesOf } from "../ir/spec.ts";
import { isEdgeModel, isLatentModel, type Model } from "../model/model.ts";
import { isMade } from "./bind.ts";

/** What is answered when `read` is left out. */
const usual = (model: Model): readonly string[] =>
  isLatentModel(model)
    ? [...model.latents.map(({ tensor }) => tensor), "freeEnergy"]
    : ["expectation", "logEvidence", "entropy"];

/** A model's readings as they were asked for, and the program of them. */
export interface Narrowed {
  readonly read: readonly string[];
  readonly program: Program;
}

/** The part of a model's whole program that its readings need. @throws unknown_option, bad_option */
export function narrowed(
  model: Model,
  whole: Program,
  asked: readonly string[] | undefined,
): Narrowed {
  if (asked !== undefined && !Array.isArray(asked)) throw notAList(model, asked);
  const read = asked ?? usual(model).filter((name) => name in whole.outputs);
  const outputs = [...read, ...guarded(model, whole, read)];
  for (const name of outputs)
    if (!Object.hasOwn(whole.outputs, name)) throw unknownReading(model, whole, String(name));
  const kept = Object.fromEntries(outputs.map((name) => [name, whole.outputs[name] as string]));
  return { read, program: withNeededInputs(simplify({ ...whole, outputs: kept }), []) };
}

/** Whether a node without any edge is an error of the call. */
export const refusesEmpty = (model: Model): boolean =>
  isEdgeModel(model) && model.whenEmpty === "throw";

/** Readings that are checked besides those that are asked for. */
function guarded(model: Model, whole: Program, read: readonly string[]): string[] {
  if (refusesEmpty(model) && "logEvidence" in whole.outputs) return ["logEvidence"];
  return read.includes("freeEnergy") ? ["magnitude"] : [];
}

function notAList(model: Model, asked: unknown): EdgewiseError {
  return new EdgewiseError({
    code: "bad_option",
    where: model.name,
    got: typeof asked === "string" ? `read: "${asked}"` : `read: ${String(asked)}`,
    expected: "a list of readings",
    fix: typeof asked === "string" ? `write read: ["${asked}"]` : 'write read: ["expectation"]',
  });
}

export function unknownReading(model: Model, whole: Program, name: string): EdgewiseError {
  const known = Object.keys(whole.outputs);
  return new EdgewiseError({
    code: "unknown_option",
    where: model.name,
    got: `the reading ${name}`,
    expected: `readings among ${known.join(", ")}`,
    fix: suggest(name, known, `leave ${name} out`),
  });
}

/** The program with the inputs that it reads, that are asked for too, or that bind a length. */
export function withNeededInputs(program: Program, also: readonly string[]): Program {
  const needed = captured(program.steps);
  for (const tensor of [...Object.values(program.outputs), ...also]) needed.add(tensor);
  const bound = new Set(
    program.inputs.filter(({ name }) => needed.has(name)).flatMap(({ shape }) => shape),
  );
  for (const symbol of program.steps
    .flatMap(sizesOf)
    .flatMap((size) => String(size).split(/[@+|-]/))) {
    const binds = program.inputs.find(({ name, shape }) => shape.includes(symbol) && !isMade(name));
    if (bound.has(symbol) || binds === undefined) continue;
    needed.add(binds.name);
    for (const extent of binds.shape) bound.add(extent);
  }
  return { ...program, inputs: program.inputs.filter(({ name }) => needed.has(name)) };
}
