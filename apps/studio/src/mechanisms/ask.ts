/** The one place of the page that infers: models are prepared once, and asked with data. */
import { type Engine, explain, type Prepared, prepare, type Tensor } from "edgewise";
import type { Ask } from "./mechanism.ts";

/** Models that are kept prepared: an iteration that is followed step by step has one for each. */
const mostKept = 96;

interface Kept {
  readonly prepared: Promise<Prepared<string>>;
  /** Why the engine that runs it does. */
  why?: Promise<string>;
}

export interface Asker {
  readonly ask: Ask;
  /** Engine that answered last, its threads, and why it is that one. */
  readonly told: () => Promise<{
    readonly engine: string;
    readonly threads: number;
    readonly why: string;
  }>;
}

/**
 * Readings of models, on an engine or, where none is named, on the fastest that can run each.
 *
 * `ask` throws EdgewiseError where a model or its data will not do.
 */
export function asker(engine?: Engine): Asker {
  const kept = new Map<string, Kept>();
  let last: { readonly of: Kept; readonly asked: Parameters<Ask> };

  const ask: Ask = async (model, read, inputs, options = {}) => {
    const name = JSON.stringify([model, read]);
    const found = kept.get(name) ?? {
      prepared: prepare(model, { read, ...(engine !== undefined && { engine }) }),
    };
    // The least recently used one goes.
    kept.delete(name);
    kept.set(name, found);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    const prepared = await found.prepared;
    const answer = prepared.sync(inputs, options);
    last = { of: found, asked: [model, read, inputs] };
    return answer as Readonly<Record<string, Tensor>>;
  };

  const told = async () => {
    const {
      of,
      asked: [model, read, inputs],
    } = last;
    const { engine: name, threads } = await of.prepared;
    of.why ??= explain(model, shapesOf(inputs), { read }).then(({ why }) => why);
    return { engine: name, threads, why: await of.why };
  };

  return { ask, told };
}

const shapesOf = (inputs: Parameters<Ask>[2]): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
