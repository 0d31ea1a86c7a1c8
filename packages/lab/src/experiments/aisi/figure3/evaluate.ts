/** What arms come to on sequences that no head was trained on: error, windows, operations. */
import {
  type Engine,
  type ExpandingOptions,
  given,
  type Inputs,
  type Prepared,
  prepare,
  type Readings,
  type Tensor,
} from "edgewise";
import { type Batch, type Task, varianceOf, type World } from "./data.ts";
import { growingLook, lookBack } from "./models.ts";

/** Means over queries. */
export interface Measured {
  /** Squared error over the variance of the target. */
  readonly nmse: number;
  /** Share of queries whose window holds x₁. */
  readonly coverage: number;
  readonly window: number;
  readonly iterations: number;
  /** R: operations over those of self attention. */
  readonly operations: number;
}

/** A trained head, and what it is scored with. */
export interface Head {
  readonly engine: Engine;
  readonly world: World;
  readonly weights: Inputs;
}

/** What queries did, query by query, and what all of it cost. */
export interface Looked {
  /** [B, 1, 1, V] */
  readonly expectation: Tensor;
  readonly windows: readonly number[];
  readonly iterations: readonly number[];
  readonly operations: number;
}

/** Operations per visit of a key in an update: weight, normaliser, moment. */
export const perVisit = 3;
/** Per key that is scored: score, value, exponential and sum. */
export const perKey = (width: number): number => 2 * width + 2;

/** Prior probability that may stay outside a window. */
export const tail = 0.01;

/** Keys that a geometric prior with continuation probability q leaves more than the tail of. */
export const windowOf = (q: number, keys: number, outside: number = tail): number =>
  Math.min(keys, Math.ceil(Math.log(outside) / Math.log(q)));

export function measured({ world, weights }: Head, batch: Batch, looked: Looked): Measured {
  const { keys, width } = world.task;
  const { data: readout } = weights["readout"] as Tensor;
  const count = batch.distances.length;
  const mean = (of: (b: number) => number): number =>
    batch.distances.reduce((sum, _, b) => sum + of(b), 0) / count;
  const error = (b: number): number => {
    let predicted = 0;
    for (let v = 0; v < width; v++)
      predicted += (readout[v] as number) * (looked.expectation.data[b * width + v] as number);
    return (predicted - (batch.target.data[b] as number)) ** 2;
  };
  const windows = (b: number): number => looked.windows[b] as number;
  return {
    nmse: mean(error) / varianceOf(world),
    coverage: mean((b) => Number((batch.distances[b] as number) < windows(b))),
    window: mean(windows),
    iterations: mean((b) => looked.iterations[b] as number),
    operations: looked.operations / (count * keys * perKey(width)),
  };
}

const projections = ({ weights }: Head): Inputs =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name !== "readout"));

/**
 * Looks under priors that are known: for each query a geometric one cut where its tail ends. A q of
 * 1 is a uniform prior over all keys, which costs no weights of a prior.
 */
export class KnownLook {
  private readonly head: Head;
  private readonly look: Prepared<"expectation" | "posterior">;

  private constructor(head: Head, look: KnownLook["look"]) {
    this.head = head;
    this.look = look;
  }

  static async of(head: Head): Promise<KnownLook> {
    const { engine } = head;
    const read = ["expectation", "posterior"] as const;
    return new KnownLook(head, await prepare(lookBack(given()), { engine, read }));
  }

  /** Posterior and answer of each query within its window, nearest key last. */
  within(
    batch: Batch,
    ratios: readonly number[],
    windows: readonly number[],
  ): Readings<"expectation" | "posterior"> {
    const { keys } = this.head.world.task;
    const data = new Float32Array(ratios.length * keys).fill(Number.NEGATIVE_INFINITY);
    ratios.forEach((ratio, b) => {
      for (let h = 0; h < (windows[b] as number); h++)
        data[(b + 1) * keys - 1 - h] = h * Math.log(ratio);
    });
    return this.look.sync({
      ...projections(this.head),
      ...{ query: batch.query, key: batch.key, value: batch.key },
      log_prior: { data, shape: [ratios.length, 1, 1, keys] },
    });
  }

  measure(batch: Batch, q: number): Measured {
    const { keys, width } = this.head.world.task;
    const ratios = batch.distances.map(() => q);
    const windows = ratios.map(() => (q === 1 ? keys : windowOf(q, keys)));
    const visits = q === 1 ? 0 : perVisit;
    return measured(this.head, batch, {
      expectation: this.within(batch, ratios, windows).expectation,
      windows,
      iterations: ratios.map(() => 0),
      operations: windows.reduce((sum, window) => sum + window * (perKey(width) + visits), 0),
    });
  }
}

/** Sequences of a call: counts of their operations are whole in single precision. */
const together = 32;

/**
 * Expanding attention, one belief for each query. The mechanism has a query at every node; all but
 * the last are 0 here, and what they cost, which no key changes, is taken off.
 */
export async function growing(
  head: Head,
  batch: Batch,
  options: ExpandingOptions,
): Promise<Measured> {
  const { world } = head;
  const { keys, width } = world.task;
  const read = ["expectation", "window", "iterations", "operations"] as const;
  const model = growingLook({ tail, ...options });
  const look = await prepare(model, { engine: head.engine, read });
  const called = (count: number, nodes: number, query: Float32Array, key: Float32Array) => {
    const shape = [count, 1, nodes, width];
    const node = { data: key, shape };
    return look.sync({
      ...projections(head),
      query: { data: query, shape },
      key: node,
      value: node,
    });
  };
  const others = new Float32Array((keys - 1) * width);
  const wasted = called(1, keys - 1, others, others).operations.data[0] as number;
  const count = batch.distances.length;
  const expectation = new Float32Array(count * width);
  const [windows, iterations]: [number[], number[]] = [[], []];
  let operations = 0;
  for (let from = 0; from < count; from += together) {
    const size = Math.min(together, count - from);
    const { query, key } = sequences(batch, from, size, world.task);
    const answer = called(size, keys, query, key);
    operations += (answer.operations.data[0] as number) - size * wasted;
    for (let b = 0; b < size; b++) {
      const last = (b + 1) * keys - 1;
      const at = last * width;
      expectation.set(answer.expectation.data.slice(at, at + width), (from + b) * width);
      windows.push(answer.window.data[last] as number);
      iterations.push(answer.iterations.data[last] as number);
    }
  }
  // Looks of updates count, and not the one that answers, unless it is the only one.
  const closing = options.scheme === "exact" ? 0 : perVisit;
  operations -= closing * windows.reduce((sum, window) => sum + window, 0);
  return measured(head, batch, {
    ...{ expectation: { data: expectation, shape: [count, 1, 1, width] }, windows, iterations },
    operations,
  });
}

/** Some sequences of a batch as square ones: each query at the last node, 0 at the others. */
function sequences(
  { query, key }: Batch,
  from: number,
  count: number,
  { keys, width }: Task,
): { readonly query: Float32Array; readonly key: Float32Array } {
  const queries = new Float32Array(count * keys * width);
  for (let b = 0; b < count; b++) {
    const own = query.data.slice((from + b) * width, (from + b + 1) * width);
    queries.set(own, ((b + 1) * keys - 1) * width);
  }
  const kept = key.data.slice(from * keys * width, (from + count) * keys * width);
  return { query: queries, key: Float32Array.from(kept) };
}
