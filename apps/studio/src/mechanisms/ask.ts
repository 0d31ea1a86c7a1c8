/** The one place of the page that infers: models are prepared once, and asked with data. */
import { type Engine, type Model, prepare, type Tensor } from "edgewise";
import type { Ask } from "./mechanism.ts";

/** Models that are kept prepared: an iteration that is followed step by step has one for each. */
const mostKept = 96;

/** Readings of models on an engine. @throws EdgewiseError where a model or its data will not do */
export function asker(engine: Engine): Ask {
  const kept = new Map<string, ReturnType<typeof ready>>();
  const ready = (model: Model, read: readonly string[]) => prepare(model, { engine, read });

  return async (model, read, inputs, options = {}) => {
    const name = JSON.stringify([model, read]);
    const found = kept.get(name) ?? ready(model, read);
    // The least recently used one goes.
    kept.delete(name);
    kept.set(name, found);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    const prepared = await found;
    const answer =
      engine.runSync === undefined
        ? await prepared(inputs, options)
        : prepared.sync(inputs, options);
    return answer as Readonly<Record<string, Tensor>>;
  };
}
