/** What the engine uses of the runtime's WebAssembly, whose types the core does not load. */

export interface RuntimeMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
export type RuntimeModule = object;
/** A kernel as it is called. */
export type Call = (params: number, from: number, to: number, scratch: number) => void;

interface Runtime {
  readonly Memory: new (limits: {
    initial: number;
    maximum: number;
    shared: boolean;
  }) => RuntimeMemory;
  readonly Module: new (bytes: Uint8Array) => RuntimeModule;
  readonly Instance: new (
    module: RuntimeModule,
    imports: { env: object },
  ) => { readonly exports: Readonly<Record<string, (...of: number[]) => void>> };
  validate(bytes: Uint8Array): boolean;
}

export const runtime: Runtime = (globalThis as unknown as { WebAssembly: Runtime }).WebAssembly;
