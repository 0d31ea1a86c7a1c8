/** The engines under test, each with what another number of threads must not change. */
import { type WasmEngine, wasm } from "edgewise/engines/wasm";

export interface Tried {
  readonly name: string;
  readonly engine: WasmEngine;
  /** The same on two threads: its answers are the same bytes. */
  readonly shared: WasmEngine;
}

/** Every engine but the reference, in each of its settings. */
export async function triedEngines(): Promise<readonly Tried[]> {
  return Promise.all(
    [true, false].map(async (relaxedSimd) => ({
      name: `wasm ${relaxedSimd ? "with" : "without"} relaxed SIMD`,
      engine: await wasm({ threads: 1, relaxedSimd }),
      shared: await wasm({ threads: 2, relaxedSimd }),
    })),
  );
}

export function disposeOf(tried: readonly Tried[]): void {
  for (const { engine, shared } of tried) {
    engine.dispose();
    shared.dispose();
  }
}
