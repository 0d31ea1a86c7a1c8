/** What this runtime's WebAssembly can do, asked with the smallest modules that need it. */
import { Code, type Value, w } from "./assembler/code.ts";
import { encode } from "./assembler/module.ts";
import { runtime } from "./runtime.ts";

/** What an engine makes use of. */
export interface Features {
  /** Multiply and add in one instruction. */
  readonly relaxedSimd: boolean;
  /** Threads that share the work of large calls, the calling one included. */
  readonly threads: number;
  readonly sharedMemory: boolean;
}

interface Host {
  readonly crossOriginIsolated?: boolean;
  readonly SharedArrayBuffer?: unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}
const host = globalThis as unknown as Host;

const vector = (): Value => w("f32x4.splat", 1);

/** Vectors of four numbers: every kernel needs them. */
export const hasSimd = (): boolean => isValid(vector());

export const hasRelaxedSimd = (): boolean =>
  isValid(w("f32x4.relaxed_madd", vector(), vector(), vector()));

/** Memory that threads share: everywhere but in pages that are not isolated from others. */
export function hasSharedMemory(): boolean {
  if (host.SharedArrayBuffer === undefined || host.crossOriginIsolated === false) return false;
  return isValid(vector(), true);
}

/** Threads that run at the same time here. */
export async function availableThreads(): Promise<number> {
  const known = host.navigator?.hardwareConcurrency;
  if (known !== undefined) return known;
  // Node before 21 has no navigator.
  const name = "node:os";
  const os = (await import(name)) as { availableParallelism(): number };
  return os.availableParallelism();
}

function isValid(value: Value, shared = false): boolean {
  const code = new Code("probe", []);
  code.local("v128", value);
  return runtime?.validate(encode([], [code], { shared, most: 1 })) ?? false;
}
