import { expect, it } from "vitest";
import { CeilingMeter } from "./ceilings.ts";
import { ceilingModule, exponentialBytes } from "./kernels.ts";

interface Exports {
  peak(at: number, end: number): void;
  exponential(at: number, end: number): void;
}
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (limits: object) => { buffer: ArrayBuffer };
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: object) => { exports: Exports };
  };
};

it.each([true, false])("exponentials are exponentials, fused or not (%s)", (isFused) => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const module = new WebAssembly.Module(ceilingModule(isFused));
  const { exponential } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const inputs = [-20, -3.7, -0.1, 0, 0.4, 1, 2.5, 9];
  new Float32Array(memory.buffer).set(inputs);
  exponential(0, 4 * inputs.length);
  const outputs = new Float32Array(memory.buffer, exponentialBytes, inputs.length);
  for (const [k, x] of inputs.entries())
    expect(Math.abs((outputs[k] ?? 0) / Math.exp(x) - 1)).toBeLessThan(1e-5);
});

it("a ceiling is a positive rate, and the greater of both ways", () => {
  const meter = new CeilingMeter();
  const { gflops, mul_add_gflops, madd_gflops, gexp_per_second, triad_gb_per_second } =
    meter.measure();
  expect(gflops).toBe(Math.max(mul_add_gflops, madd_gflops ?? 0));
  for (const rate of [gflops, gexp_per_second, triad_gb_per_second]) {
    expect(rate).toBeGreaterThan(0);
    expect(rate).toBeLessThan(Number.POSITIVE_INFINITY);
  }
});
