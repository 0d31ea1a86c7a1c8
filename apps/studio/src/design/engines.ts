/** Engines of a thread: one of each name. */
import { type Engine, engineNamed } from "edgewise";

const engines = new Map<string, Promise<Engine>>();

/** An engine, with one thread of its own where it could have several: what it is asked is small. */
export function engineOf(name: string): Promise<Engine> {
  const options = name === "wasm" ? { threads: 1 } : undefined;
  const made = engines.get(name) ?? engineNamed(name, options);
  engines.set(name, made);
  return made;
}

/** Ends them. */
export async function disposed(): Promise<void> {
  const all = await Promise.all(engines.values());
  engines.clear();
  for (const engine of all) engine.dispose();
}
