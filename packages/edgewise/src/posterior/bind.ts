import { allFinite } from "../array/finite.ts";
import { uniforms } from "../array/random.ts";
import { countOf, type Tensor } from "../array/tensor.ts";
import type { Inputs } from "../engines/engine.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { suggest } from "../errors/nearest.ts";
import type { Size } from "../ir/expr.ts";
import type { Program, TensorSpec } from "../ir/program.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import { tensorsOf } from "../model/expression.ts";
import { type Graph, isList, listTensors, motifsOf } from "../model/graph.ts";
import { mostPermuted } from "../model/jointModel.ts";
import type { LatentModel } from "../model/latentModel.ts";
import { edgesOf, isEdgeModel, isJointModel, isLatentModel, type Model } from "../model/model.ts";
import type { Prior } from "../model/prior.ts";
import { turnsOf } from "../model/turns.ts";
import { boundList, extentOf, listInputs } from "./lists.ts";
import { type Range, rangesOf } from "./ranges.ts";

/** Whether an input is made here rather than given: no tensor's name has such a space in it. */
export const isMade = (name: string): boolean =>
  /^(edges (rowStart|alternative)|turns? of |uniform numbers$|relaxation noise$)/.test(name);

export interface BindOptions {
  readonly seed?: number;
  readonly samples?: number;
  /** How to tell whether numbers in single precision are finite, where the engine knows better. */
  readonly allFinite?: ((data: Float32Array) => boolean) | undefined;
}

/**
 * Inputs of a program from those that a caller gives: lists of edges for the lengths at hand,
 * random numbers from the seed.
 *
 * @throws unknown_tensor, missing_tensor, bad_option, shape_mismatch
 */
export function bindModel(
  model: Model,
  program: Program,
  given: Inputs,
  options: BindOptions,
): Inputs {
  const inputs: Record<string, Tensor> = { ...given };
  for (const edges of edgesOf(model)) checkWidths(edges, inputs);
  if (isEdgeModel(model)) checkGroups(model, inputs);
  checkNumbers(model, program, inputs, options.allFinite);
  checkPermuted(model, inputs);
  checkValued(model, program, inputs);
  const needs = (name: string): TensorSpec | undefined =>
    program.inputs.find((spec) => spec.name === name);
  if (isEdgeModel(model) && needs(listTensors.rowStart) !== undefined)
    Object.assign(inputs, boundList(model, inputs));
  if (isLatentModel(model)) Object.assign(inputs, boundFactors(model, program, inputs));
  for (const name of ["uniform numbers", "relaxation noise"]) {
    const spec = needs(name);
    if (spec !== undefined) inputs[name] = randomNumbers(model, spec, program, inputs, options);
  }
  return inputs;
}

/** Refuses tensors that the model does not read. */
export function checkNames(model: Model, program: Program, given: Inputs): void {
  if (typeof given !== "object" || given === null) throw notInputs(model, given);
  const { known } = traitsOf(model, program);
  for (const name of Object.keys(given)) {
    const tensor = given[name];
    if (!isTensor(tensor)) throw notATensor(model, name, tensor);
    if (known.has(name)) continue;
    const misspelt = textTensors(program).find((text) => !Object.hasOwn(given, text));
    if (misspelt !== undefined) throw notGiven(model, misspelt, Object.keys(given));
    throw new EdgewiseError({
      code: "unknown_tensor",
      where: model.name,
      got: `a tensor ${name}`,
      expected: `tensors among ${[...known].join(", ")}`,
      fix: suggest(name, [...known], `leave ${name} out`),
    });
  }
}

/** Tensors that list the edges of a model's graphs. */
export const listedIn = (model: Model): readonly string[] => graphsOf(model).flatMap(listInputs);

/** What every call asks about a model, found out once for each program that it became. */
interface Traits {
  /** Tensors that a caller may give. */
  readonly known: ReadonlySet<string>;
  /** Those in which −∞ removes an edge. */
  readonly forbids: ReadonlySet<string>;
  readonly ranges: ReadonlyMap<string, Range>;
}

const traits = new WeakMap<Program, Traits>();

function traitsOf(model: Model, program: Program): Traits {
  const found = traits.get(program);
  if (found !== undefined) return found;
  const given = program.inputs.map(({ name }) => name).filter((name) => !isMade(name));
  const { logWeight } = libraryOf(model);
  const made = {
    known: new Set([...given, ...listedIn(model)]),
    forbids: new Set([
      ...edgesOf(model).flatMap(({ prior }) => priorTensors(prior)),
      ...(logWeight === undefined ? [] : [logWeight]),
    ]),
    ranges: rangesOf(model),
  };
  traits.set(program, made);
  return made;
}

const graphsOf = (model: Model): readonly Graph[] => edgesOf(model).map(({ graph }) => graph);

export function isTensor(value: unknown): value is Tensor {
  const { data, shape } = (value ?? {}) as Partial<Tensor>;
  const numbers =
    data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array;
  return numbers && Array.isArray(shape);
}

function notInputs(model: Model, given: unknown): EdgewiseError {
  return new EdgewiseError({
    code: "shape_mismatch",
    where: model.name,
    got: given === null ? "null in place of inputs" : `${typeof given} in place of inputs`,
    expected: "an object of tensors by their names",
    fix: "write { query: tensor(…), … }",
  });
}

export function notATensor(model: Model, name: string, value: unknown): EdgewiseError {
  const kind = value === null ? "null" : typeof value;
  return new EdgewiseError({
    code: "shape_mismatch",
    where: model.name,
    got: `${name} as ${Array.isArray(value) ? "an array" : kind}`,
    expected: "{ data, shape } with data a Float32Array, Float64Array or Int32Array",
    fix: Array.isArray(value)
      ? `write tensor(…) around the array of ${name}`
      : `give ${name} as { data, shape }`,
  });
}

/** Tensors that only a text names: their lengths are their own. */
function textTensors(program: Program): string[] {
  return program.inputs
    .filter(({ name, shape }) => shape[0] === `${name}.0`)
    .map(({ name }) => name);
}

function notGiven(model: Model, name: string, given: readonly string[]): EdgewiseError {
  return new EdgewiseError({
    code: "bad_expression",
    where: model.name,
    got: `the name ${name} in a text, of which no tensor is given`,
    expected: `a tensor among ${given.join(", ")}`,
    fix: suggest(name, given, `give a tensor ${name}`),
  });
}

/** Lists of edges of a latent model's factors, and turns of nodes that they join with each other. */
function boundFactors(
  { latents, factors }: LatentModel,
  program: Program,
  inputs: Inputs,
): Record<string, Tensor> {
  const made: Record<string, Tensor> = {};
  for (const { name, edges } of factors)
    if (isList(edges.graph))
      for (const [tensor, list] of Object.entries(boundList(edges, inputs)))
        made[`${tensor}·${name}`] = list;
  for (const { tensor } of latents) {
    if (!program.inputs.some(({ name }) => name === `turn of ${tensor}`)) continue;
    const inner = factors
      .map(({ edges }) => edges)
      .filter(({ nodes: { query, key } }) => query.tensor === tensor && key.tensor === tensor);
    const place = inner[0]?.nodes.query.shape.indexOf("N") ?? -1;
    const nodes = inputs[tensor]?.shape[place] ?? 0;
    const graphs = inner.map(({ graph }) => graph);
    const turns = turnsOf(graphs, nodes, inputs);
    made[`turn of ${tensor}`] = { data: turns, shape: [nodes] };
    const count = turns.reduce((most, turn) => Math.max(most, turn + 1), 0);
    made[`turns of ${tensor}`] = { data: Float64Array.of(count), shape: [] };
  }
  return made;
}

function checkWidths(model: EdgeModel, inputs: Inputs): void {
  for (const node of [model.nodes.query, model.nodes.key]) {
    const shape = inputs[node.tensor]?.shape;
    const width = shape?.[node.shape.length - 1];
    if (shape === undefined || shape.length !== node.shape.length) continue;
    // Nodes that are one number each have no width.
    if (["N", "M"].includes(node.shape.at(-1) as string)) continue;
    const rotates = node.moved?.some(({ kind }) => kind === "rotated") ?? false;
    if (width === 0 || (rotates && (width as number) % 2 === 1))
      throw new EdgewiseError({
        code: "shape_mismatch",
        where: model.name,
        got: `${node.tensor} with shape [${shape.join(", ")}]`,
        expected: rotates
          ? "an even last dimension, since pairs of features rotate"
          : "a last dimension of at least 1",
        fix: `give ${node.tensor} features in ${rotates ? "pairs" : "its last dimension"}`,
      });
  }
}

/** Heads read whole groups: G divides H. */
function checkGroups(model: EdgeModel, inputs: Inputs): void {
  const { query, key } = model.nodes;
  if (!key.shape.includes("G") || !query.shape.includes("H")) return;
  if (inputs[key.tensor] === undefined) return;
  const [heads, groups] = [extentOf(query, "H", inputs), extentOf(key, "G", inputs)];
  if (heads === 0 || (groups > 0 && heads % groups === 0)) return;
  throw new EdgewiseError({
    code: "shape_mismatch",
    where: model.name,
    got: `${heads} heads in ${query.tensor} and ${groups} groups in ${key.tensor}`,
    expected: "a number of groups that divides the number of heads",
    fix: `give ${key.tensor} ${heads} groups, or a divisor of that`,
  });
}

/** Numbers are finite; −∞ may stand in what a prior reads, where it removes the edge. */
function checkNumbers(
  model: Model,
  program: Program,
  inputs: Inputs,
  allSingles: BindOptions["allFinite"] = allFinite,
): void {
  const { forbids, ranges } = traitsOf(model, program);
  for (const name of Object.keys(inputs)) {
    const { data, shape } = inputs[name] as Tensor;
    const isSingle = data instanceof Float32Array;
    if (!ranges.has(name) && (isSingle ? allSingles(data) : allFinite(data))) continue;
    const mayForbid = forbids.has(name);
    const infinite = firstInfinite(data, mayForbid);
    const range = ranges.get(name);
    const outside = range === undefined ? -1 : data.findIndex((value) => !range.holds(value));
    const bad = infinite >= 0 ? infinite : outside;
    if (bad < 0) continue;
    throw new EdgewiseError({
      code: infinite >= 0 ? "not_finite" : "bad_option",
      where: model.name,
      got: `${data[bad]} in ${name} [${shape.join(", ")}] at element ${bad}`,
      expected:
        infinite < 0
          ? (range?.expected ?? "")
          : mayForbid
            ? "a finite number, or −∞ where there is no edge"
            : "a finite number",
      fix: `replace the value in ${name}`,
    });
  }
}

/** Place of the first number that is not finite, −∞ aside where it may stand; −1 without any. */
function firstInfinite(data: Tensor["data"], mayForbid: boolean): number {
  return data.findIndex(
    (value) => !Number.isFinite(value) && !(mayForbid && value === Number.NEGATIVE_INFINITY),
  );
}

const libraryOf = (model: Model): { support?: string; logWeight?: string } =>
  (isEdgeModel(model) ? motifsOf(model.graph) : undefined) ?? {};

/** Inputs of a model without a gradient: indices, masks, random numbers. */
export const isData = (model: Model, name: string): boolean =>
  isMade(name) || name === "is_fixed" || name === libraryOf(model).support;

/** Marginals need no value; the expectation, which is read when nothing is named, does. */
function checkValued(model: Model, { inputs, outputs }: Program, given: Inputs): void {
  const spec = inputs.find(({ name }) => name === "value");
  if (!isJointModel(model) || spec === undefined || given["value"] !== undefined) return;
  throw new EdgewiseError({
    code: "missing_tensor",
    where: model.name,
    got: `inputs ${Object.keys(given).join(", ") || "none"}, and the readings ${Object.keys(outputs).join(", ")}`,
    expected: `value [${spec.shape.join(", ")}], of which the expectation is taken`,
    fix: 'give value, or read what needs none: read: ["marginals"]',
  });
}

/** Permutations are summed exactly for few nodes only. */
function checkPermuted(model: Model, { score }: Inputs): void {
  const { structure } = isJointModel(model) ? model : { structure: undefined };
  if (structure?.kind !== "perfectMatching" || structure.method !== "exact") return;
  const nodes = score?.shape[1] ?? 0;
  if (nodes <= mostPermuted) return;
  throw new EdgewiseError({
    code: "shape_mismatch",
    where: model.name,
    got: `score with shape [${score?.shape.join(", ")}], ${nodes} nodes to match exactly`,
    expected: `at most ${mostPermuted} nodes: exact marginals sum over every permutation`,
    fix: 'set method: "sinkhorn", which takes any number of nodes and gives the entropic plan',
  });
}

function priorTensors(prior: Prior): string[] {
  switch (prior.kind) {
    case "given":
      return [prior.tensor];
    case "perOffset":
      return [prior.table];
    case "expression":
      return [...tensorsOf(prior.text).indexed.keys()];
    case "product":
      return prior.of.flatMap(priorTensors);
    default:
      return [];
  }
}

function randomNumbers(
  model: Model,
  spec: TensorSpec,
  program: Program,
  inputs: Inputs,
  { seed, samples }: BindOptions,
): Tensor {
  if (seed === undefined || !Number.isSafeInteger(seed))
    throw new EdgewiseError({
      code: "bad_option",
      where: model.name,
      got: seed === undefined ? "no seed" : `seed ${seed}`,
      expected: "a whole number, since randomness is an argument",
      fix: "give seed: 7",
    });
  if (samples !== undefined && !(Number.isInteger(samples) && samples >= 1 && samples <= 1e6))
    throw new EdgewiseError({
      code: "bad_option",
      where: model.name,
      got: `samples ${samples}`,
      expected: "a whole number from 1 to 1000000",
      fix: "give samples: 16",
    });
  const shape = spec.shape.map((extent) =>
    extent === "S" ? (samples ?? 1) : resolve(extent, program, inputs),
  );
  // Uniform numbers and relaxed noise are two streams of one seed.
  const next = uniforms(spec.name === "relaxation noise" ? seed ^ 0x5bd1e995 : seed);
  const positive = (): number => next() || Number.MIN_VALUE;
  return {
    data: Float64Array.from(
      { length: countOf(shape) },
      spec.name === "relaxation noise" ? positive : next,
    ),
    shape,
  };
}

/** Extent of a size from the first input that has it. */
function resolve(extent: Size, program: Program, inputs: Inputs): number {
  if (typeof extent === "number") return extent;
  for (const { name, shape } of program.inputs) {
    const k = shape.indexOf(extent);
    const found = k < 0 ? undefined : inputs[name]?.shape[k];
    if (found !== undefined) return found;
  }
  return 0;
}
