/** Compiled kernels: modules of this thread, and what another one needs to have the same. */
import type { Code } from "./assembler/code.ts";
import { encode } from "./assembler/module.ts";
import { calledFunctions, calledImports } from "./kernel/functions.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { libraryFunctions } from "./kernel/tile/library.ts";
import { type Memory, mostPages } from "./memory.ts";
import { type Call, type RuntimeModule, runtime } from "./runtime.ts";

/** A module as it goes to other threads: its functions are numbered from `first` on. */
export interface Compiled {
  readonly module: RuntimeModule;
  readonly names: readonly string[];
  readonly first: number;
}

/** A kernel of this thread, and its number for the others. */
export interface Ready {
  readonly call: Call;
  readonly number: number;
  readonly source: Compiled;
}

export class Modules {
  /** Modules that were compiled so far. */
  compiled = 0;
  private functions = 0;
  private readonly memory: Memory;
  private readonly library: readonly Code[];

  /** `fused`: multiply and add in one instruction. */
  constructor(memory: Memory, fused: boolean) {
    this.memory = memory;
    this.library = libraryFunctions(fused);
  }

  /** Compiles kernels as one module. */
  compile(kernels: readonly Kernel[], into: Map<Kernel, Ready>): void {
    if (kernels.length === 0) return;
    const codes = kernels.map(({ code }) => code);
    const limits = { shared: this.memory.shared, most: mostPages };
    const module = new runtime.Module(encode(calledImports, [...this.library, ...codes], limits));
    const names = codes.map(({ name }) => name);
    const source: Compiled = { module, names, first: this.functions };
    instantiate(source, this.memory.memory).forEach((call, k) => {
      into.set(kernels[k]!, { call, number: source.first + k, source });
    });
    this.functions += kernels.length;
    this.compiled++;
  }
}

/** A module's functions over a memory, in order. */
export function instantiate({ module, names }: Compiled, memory: object): Call[] {
  const { exports } = new runtime.Instance(module, { env: { memory, ...calledFunctions } });
  return names.map((name) => exports[name]!);
}
