/** How the posterior of an edge model is read: at once, or step by step where it iterates. */
import type { EdgeModel, Model } from "edgewise";
import type { Ask, Course, Data, Frame, Settings } from "./mechanism.ts";
import { type Ends, entropies, floats, splitEnds, tensorOf, wholeEnds } from "./nodes.ts";

export type Of = (data: Data, settings: Settings) => Ends;

/** Every node chooses among all; the first half among the second. */
export const whole: Of = (data) => wholeEnds(data);
export const halves: Of = (data) => splitEnds(data);

export interface Attention {
  readonly ends?: Of;
  /** Tensors beside queries, keys and values. */
  readonly inputs?: (ends: Ends, settings: Settings) => Parameters<Ask>[2];
  /** Readings of a number for each receiver, told of in the table. */
  readonly read?: readonly string[];
}

/** Nodes that are told how likely each edge was beforehand: it takes a second inference. */
const mostPriors = 40_000;

/** Likelihoods this much tempered leave the prior. */
const endless = 1e6;

const usual = ["posterior", "entropy", "logEvidence"] as const;

/** Course of an edge model with queries, keys and values that is inferred at once. */
export function attention({ ends: of = whole, inputs, read = [] }: Attention = {}) {
  return async (model: Model, data: Data, settings: Settings, ask: Ask): Promise<Course> => {
    const ends = of(data, settings);
    const given = { ...tensorsOf(ends), ...inputs?.(ends, settings) };
    const answer = await ask(model, [...usual, ...read], given);
    const prior = await priorOf(model as EdgeModel, given, ask);
    const frame: Frame = {
      receivers: ends.query.places,
      senders: ends.key.places,
      weights: floats(answer["posterior"]),
      entropy: floats(answer["entropy"]),
      logEvidence: floats(answer["logEvidence"]),
      ...(prior !== undefined && { prior }),
    };
    const more = Object.fromEntries(read.map((name) => [name, floats(answer[name])]));
    return { ...told(ends), frames: [frame], more, totals: {} };
  };
}

/** Queries, keys and values of the two ends, [1, 1, nodes, features]. */
export const tensorsOf = ({ query, key, value }: Ends) => ({
  query: tensorOf(query, 2),
  key: tensorOf(key, 2),
  value: tensorOf(value, 2),
});

export const told = ({ receivers, senders, isOneSet }: Ends) => ({ receivers, senders, isOneSet });

/** Prior over edges of a model whose likelihood alone is tempered. */
async function priorOf(
  model: EdgeModel,
  inputs: Parameters<Ask>[2],
  ask: Ask,
): Promise<Float32Array | undefined> {
  const [receivers, senders] = [inputs["query"], inputs["key"]].map(
    (tensor) => tensor?.shape.at(-2) ?? 0,
  );
  const isExact = model.inference.kind === "exact" && model.choice.kind === "categorical";
  const isSmall = (receivers ?? 0) * (senders ?? 0) <= mostPriors;
  if (!isExact || !isSmall || model.tempering !== "likelihood") return undefined;
  const { posterior } = await ask({ ...model, temperature: endless }, ["posterior"], inputs);
  return floats(posterior);
}

/**
 * Course of a model whose values come from afar: what each node receives of each other, which is
 * what it expects where values tell nodes apart.
 */
export async function received(
  model: Model,
  data: Data,
  ask: Ask,
  of: (data: Data) => Ends,
): Promise<{ readonly ends: Ends; readonly weights: Float32Array }> {
  const ends = of(data);
  const count = ends.key.labels.length;
  const told = new Float32Array(count * count);
  for (let k = 0; k < count; k++) told[k * count + k] = 1;
  const value = { data: told, shape: [1, 1, count, count] };
  const { expectation } = await ask(model, ["expectation"], { ...tensorsOf(ends), value });
  return { ends, weights: floats(expectation) };
}

/** A frame of weights alone, whose rows are shares. */
export const shares = (ends: Ends, weights: Float32Array): Frame => ({
  receivers: ends.query.places,
  senders: ends.key.places,
  weights,
  entropy: entropies(weights, ends.key.labels.length),
});
