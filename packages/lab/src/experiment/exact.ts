/** The library's answers in double precision, for checks against formulas and for small dynamics. */
import {
  type CallOptions,
  type Inputs,
  type Model,
  type Prepared,
  prepare,
  type Readings,
} from "edgewise";
import { reference } from "edgewise/engines/reference";

const engine = reference();
/** Declarations are compiled once in a thread; what was not asked for longest makes room for others. */
const mostPrepared = 200;
const prepared = new Map<string, Promise<Prepared<string>>>();

/** Readings of a model on the reference engine. */
export async function exactly<Read extends string>(
  model: Model,
  inputs: Inputs,
  read: readonly Read[],
  options: CallOptions = {},
): Promise<Readings<Read>> {
  const words = JSON.stringify([model, read]);
  const known = prepared.get(words) ?? prepare<Model, string>(model, { engine, read });
  prepared.delete(words);
  prepared.set(words, known);
  const [oldest] = prepared.keys();
  if (prepared.size > mostPrepared && oldest !== undefined) prepared.delete(oldest);
  return (await known).sync(inputs, options) as Readings<Read>;
}
