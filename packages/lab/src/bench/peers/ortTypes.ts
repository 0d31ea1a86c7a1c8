/** What the workloads use of onnxruntime, which is found at run time. */

export interface OrtTensor {
  readonly data: Float32Array;
}
export type Feeds = Readonly<Record<string, OrtTensor>>;
export interface OrtSession {
  run(feeds: Feeds): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}
export interface Ort {
  readonly Tensor: new (
    type: "float32" | "int32",
    data: Float32Array | Int32Array,
    shape: readonly number[],
  ) => OrtTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<OrtSession>;
  };
  readonly env: { readonly wasm?: { numThreads: number }; logLevel?: string };
}

export interface OrtRuntime {
  readonly ort: Ort;
  readonly create: (model: Uint8Array) => Promise<OrtSession>;
}
