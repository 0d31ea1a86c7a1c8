/** What this runtime offers the engines, looked up without loading any. */

export interface EngineFeatures {
  /** WebAssembly with vectors of 128 bits, and leave to compile it. */
  readonly simd: boolean;
  /** Fused multiply and add, and other vector instructions whose rounding is the processor's. */
  readonly relaxedSimd: boolean;
  /** Memory that threads can share; in a page it needs cross-origin isolation. */
  readonly sharedMemory: boolean;
  /** Threads that can work at the same time. */
  readonly cores: number;
  /** Whether this is a page or a worker of one, rather than Node. */
  readonly inPage: boolean;
}

/** Threads of an engine by default: beyond, memory is what most programs wait for. */
export const usualThreads = 8;
/** Most threads that an engine may be asked for. */
export const mostThreads = 64;

interface Runtime {
  readonly WebAssembly?: {
    validate(bytes: Uint8Array): boolean;
    readonly Module: new (bytes: Uint8Array) => object;
  };
  readonly SharedArrayBuffer?: unknown;
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly process?: {
    readonly versions?: { readonly node?: string };
    getBuiltinModule?(name: string): { availableParallelism(): number } | undefined;
  };
}

/** Module of one function without parameters: `body` computes a vector and takes a lane of it. */
const probe = (...body: number[]): Uint8Array =>
  Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
    ...[10, body.length + 4, 1, body.length + 2, 0, ...body, 11],
  );

/** i8x16.popcnt of a splat. */
const vectors = probe(65, 0, 253, 15, 253, 98);
/** i8x16.relaxed_swizzle of two splats. */
const relaxedVectors = probe(65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2);

/** What there is here. */
export function engineFeatures(): EngineFeatures {
  const here = globalThis as unknown as Runtime;
  const inPage = here.process?.versions?.node === undefined;
  const simd = mayCompile(here, vectors);
  const sharedMemory =
    here.SharedArrayBuffer !== undefined && (!inPage || here.crossOriginIsolated === true);
  return {
    simd,
    relaxedSimd: simd && mayCompile(here, relaxedVectors),
    sharedMemory,
    cores: coresOf(here),
    inPage,
  };
}

/** A page's content security policy can forbid to compile what the runtime understands. */
function mayCompile({ WebAssembly }: Runtime, bytes: Uint8Array): boolean {
  if (WebAssembly?.validate(bytes) !== true) return false;
  try {
    return new WebAssembly.Module(bytes) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

function coresOf({ navigator, process }: Runtime): number {
  // Node knows `navigator` from version 21.
  const told =
    navigator?.hardwareConcurrency ??
    process?.getBuiltinModule?.("node:os")?.availableParallelism();
  return Math.max(1, told ?? 1);
}
