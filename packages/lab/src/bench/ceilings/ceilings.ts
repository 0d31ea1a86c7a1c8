/** What one thread of this runtime can do at most, measured beside the workloads. */
import {
  ceilingModule,
  exponentialBytes,
  flopsOfRound,
  type KernelName,
  triadBytes,
} from "./kernels.ts";

/** One thread's ceilings; fused where the runtime has relaxed SIMD. */
export interface Ceilings {
  /** Whether multiplication and addition are one instruction. */
  readonly relaxed_simd: boolean;
  /** Products: the greater of the two ways, and what fractions are taken of. */
  readonly gflops: number;
  readonly mul_add_gflops: number;
  readonly madd_gflops: number | null;
  readonly gexp_per_second: number;
  readonly triad_gb_per_second: number;
}

interface Wasm {
  validate(bytes: Uint8Array): boolean;
  readonly Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: object } },
  ) => { readonly exports: Readonly<Record<KernelName, (at: number, end: number) => void>> };
}
const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;

const peakRounds = 50_000;

export class CeilingMeter {
  private readonly memory = new wasm.Memory({ initial: (3 * triadBytes) / 65536 + 1 });
  private readonly plain = this.instance(false);
  private readonly fused = wasm.validate(ceilingModule(true)) ? this.instance(true) : undefined;

  private instance(
    isFused: boolean,
  ): Readonly<Record<KernelName, (at: number, end: number) => void>> {
    const module = new wasm.Module(ceilingModule(isFused));
    return new wasm.Instance(module, { env: { memory: this.memory } }).exports;
  }

  /**
   * Rate of products alone over a turn, GFLOP/s: with whatever else the machine does meanwhile,
   * since that slows down the rounds of the workloads too.
   */
  turn(milliseconds = 20): number {
    const peak = (this.fused ?? this.plain).peak;
    const [started, end] = [performance.now(), performance.now() + milliseconds];
    let rounds = 0;
    for (; performance.now() < end; rounds += peakRounds) peak(0, peakRounds);
    return (rounds * flopsOfRound) / ((performance.now() - started) / 1000) / 1e9;
  }

  private peak(milliseconds: number): { readonly mul_add: number; readonly madd: number | null } {
    const rate = (kernel: (at: number, end: number) => void): number =>
      (peakRounds * flopsOfRound) / bestSeconds(() => kernel(0, peakRounds), milliseconds) / 1e9;
    return {
      mul_add: rate(this.plain.peak),
      madd: this.fused === undefined ? null : rate(this.fused.peak),
    };
  }

  measure(): Ceilings {
    this.peak(50);
    const { mul_add, madd } = this.peak(50);
    const kernels = this.fused ?? this.plain;
    const numbers = new Float32Array(this.memory.buffer, 0, exponentialBytes / 4);
    numbers.fill(-0.3);
    const exp = bestSeconds(() => kernels.exponential(0, exponentialBytes), 50);
    const triad = bestSeconds(() => kernels.triad(0, triadBytes), 200);
    return {
      relaxed_simd: madd !== null,
      gflops: Math.max(mul_add, madd ?? 0),
      mul_add_gflops: mul_add,
      madd_gflops: madd,
      gexp_per_second: numbers.length / exp / 1e9,
      triad_gb_per_second: (3 * triadBytes) / triad / 1e9,
    };
  }
}

/**
 * Seconds of a call, the fastest of as many as fit in a time: what is possible, not what is usual.
 * Clocks of pages tick in steps, so that calls are timed a millisecond's worth at a time.
 */
function bestSeconds(call: () => void, milliseconds: number): number {
  const timed = (calls: number): number => {
    const started = performance.now();
    for (let k = 0; k < calls; k++) call();
    return performance.now() - started;
  };
  let calls = 1;
  while (timed(calls) < 1) calls *= 2;
  const [end, samples] = [performance.now() + milliseconds, [] as number[]];
  do samples.push(timed(calls));
  while (performance.now() < end);
  return Math.min(...samples) / calls / 1000;
}
