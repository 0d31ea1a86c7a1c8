/** How a model is called: the tensors that it takes and what it answers, from its program. */
import type { Model } from "edgewise";
import type { Program, TensorSpec } from "edgewise/ir";
import { at, edgePlaces } from "./document.ts";
import type { Calling } from "./typescript.ts";
import { isWord } from "./words.ts";

/** What is made when a model is called rather than given: lists of edges, turns, random numbers. */
const made = /^(edges (rowStart|alternative)|turns? of |uniform numbers$|relaxation noise$)/;

/** Tensors that a caller gives to a program, lists of edges among them. */
export function inputsOf(model: Model, program: Program): readonly TensorSpec[] {
  const given = program.inputs.filter(({ name }) => !made.test(name));
  const lists = edgePlaces(model)
    .flatMap(({ path }) => listsIn(at(model, [...path, "graph"])))
    .map((name) => ({ name, shape: ["E", 2] }));
  return [...given, ...lists];
}

/** Names of the tensors that a graph takes its edges from. */
const listsIn = (graph: unknown): readonly string[] => tensorsIn(graph, "edgesFrom", "tensor");

/** Names of tensors of 0 and 1 that say which edges graphs of a model have. */
export const masksOf = (model: Model): ReadonlySet<string> =>
  new Set(
    edgePlaces(model).flatMap(({ path }) =>
      tensorsIn(at(model, [...path, "graph"]), "motifs", "support"),
    ),
  );

function tensorsIn(graph: unknown, kind: string, key: string): readonly string[] {
  if (!isWord(graph)) return [];
  if (graph.kind === kind) return [String(graph[key])];
  const { of } = graph;
  return Array.isArray(of) ? of.flatMap((inner) => tensorsIn(inner, kind, key)) : [];
}

/** Names of the tensors that hold nodes. */
export const nodesOf = (model: Model): ReadonlySet<string> =>
  new Set(
    edgePlaces(model)
      .flatMap(({ path }) => Object.values(at(model, [...path, "nodes"]) as object))
      .map(({ tensor }: { tensor: string }) => tensor),
  );

export function callingOf(model: Model, program: Program): Calling {
  return {
    inputs: inputsOf(model, program).map(({ name, shape }) => ({ name, shape: shape.map(String) })),
    // The free energy brings its magnitude along, by which its rounding is judged.
    answers: Object.keys(program.outputs).filter((name) => name !== "magnitude"),
    isDrawn: program.inputs.some(({ name }) => /^(uniform numbers|relaxation noise)$/.test(name)),
  };
}
