/** The engines under test, in their settings. */
import { type WasmEngine, wasm } from "edgewise/engines/wasm";

export interface Tried {
  readonly name: string;
  readonly engine: WasmEngine;
  /** The same on two threads, where both are tried: its answers are the same bytes. */
  readonly shared?: WasmEngine;
}

/** Each setting once: fused instructions on one thread, and none of them on two. */
export async function triedEngines(): Promise<readonly Tried[]> {
  return [
    { name: "wasm", engine: await wasm({ threads: 1, relaxedSimd: true }) },
    {
      name: "wasm without relaxed SIMD, on two threads",
      engine: await wasm({ threads: 2, relaxedSimd: false }),
    },
  ];
}

/** Every combination of settings. */
export async function allEngines(): Promise<readonly Tried[]> {
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
    shared?.dispose();
  }
}
