/** The workloads as ONNX models, with the fused operators of onnxruntime where there are some. */
import type { Sizes } from "../workload/workload.ts";
import { type OnnxNode, type OnnxValue, onnxModel } from "./onnx.ts";

const microsoft = "com.microsoft";
const value = (name: string, ...shape: OnnxValue["shape"]): OnnxValue => ({ name, shape });

/** Attention of any number of receivers and senders, [1, nodes, H·D]. */
export function attentionModel({ H, D, V }: Sizes, hasBias: boolean): Uint8Array {
  return onnxModel({
    nodes: [
      {
        operator: "MultiHeadAttention",
        domain: microsoft,
        inputs: ["query", "key", "value", ...(hasBias ? ["", "", "bias"] : [])],
        outputs: ["answer"],
        attributes: { num_heads: { int: H } },
      },
    ],
    inputs: [
      value("query", 1, "N", H * D),
      value("key", 1, "M", H * D),
      value("value", 1, "M", H * V),
      ...(hasBias ? [value("bias", 1, H, "N", "M")] : []),
    ],
    outputs: [value("answer", 1, "N", H * V)],
  });
}

/** The operator for causal windows; its present keys and values are outputs that nobody reads. */
export function windowModel({ H, N, D, V }: Sizes, back: number): Uint8Array {
  return onnxModel({
    nodes: [
      {
        operator: "GroupQueryAttention",
        domain: microsoft,
        inputs: ["query", "key", "value", "", "", "last", "total"],
        outputs: ["answer", "presentKey", "presentValue"],
        attributes: {
          num_heads: { int: H },
          kv_num_heads: { int: H },
          // The node itself counts.
          local_window_size: { int: back + 1 },
        },
      },
    ],
    inputs: [
      value("query", 1, N, H * D),
      value("key", 1, N, H * D),
      value("value", 1, N, H * V),
      { name: "last", shape: [1], type: "int32" },
      { name: "total", shape: [], type: "int32" },
    ],
    outputs: [
      value("answer", 1, N, H * V),
      value("presentKey", 1, H, N, D),
      value("presentValue", 1, H, N, V),
    ],
  });
}

/** Attention to the patterns, `steps` times. */
export function hopfieldModel({ N, M, D }: Sizes, steps: number): Uint8Array {
  return onnxModel({
    nodes: Array.from({ length: steps }, (_, k) => ({
      operator: "MultiHeadAttention",
      domain: microsoft,
      inputs: [k === 0 ? "state" : `state${k}`, "patterns", "patterns"],
      outputs: [k === steps - 1 ? "answer" : `state${k + 1}`],
      attributes: { num_heads: { int: 1 } },
    })),
    inputs: [value("state", 1, N, D), value("patterns", 1, M, D)],
    outputs: [value("answer", 1, N, D)],
  });
}

/** Sums and masses by key of what a block of queries is explained by; or the queries' mean values. */
export function mixtureModel(
  { M, D, V }: Sizes,
  block: number,
  result: "sums" | "values",
): Uint8Array {
  const explain: OnnxNode[] = [
    gemm(["query", "keys", "offsets"], "scores", "transB"),
    softmax("scores", "chosen"),
  ];
  const given = [value("query", block, D), value("keys", M, D), value("offsets", 1, M)];
  if (result === "values")
    return onnxModel({
      nodes: [...explain, gemm(["chosen", "values"], "answer")],
      inputs: [...given, value("values", M, V)],
      outputs: [value("answer", block, V)],
    });
  return onnxModel({
    nodes: [
      ...explain,
      gemm(["chosen", "query"], "sums", "transA"),
      gemm(["chosen", "ones"], "masses", "transA"),
    ],
    constants: [{ ...value("ones", block, 1), values: new Array<number>(block).fill(1) }],
    inputs: given,
    outputs: [value("sums", M, D), value("masses", M, 1)],
  });
}

function gemm(
  inputs: readonly string[],
  output: string,
  transposed?: "transA" | "transB",
): OnnxNode {
  const attributes = transposed === undefined ? {} : { [transposed]: { int: 1 } };
  return { operator: "Gemm", inputs, outputs: [output], attributes };
}

const softmax = (input: string, output: string): OnnxNode => ({
  operator: "Softmax",
  inputs: [input],
  outputs: [output],
  attributes: { axis: { int: 1 } },
});

/** Slots move to the weighted mean of the inputs, `steps` times. */
export function slotModel({ N, M, D }: Sizes, steps: number): Uint8Array {
  const round = (k: number): OnnxNode[] => [
    gemm(["inputs", k === 0 ? "slots" : `slots${k}`], `scores${k}`, "transB"),
    softmax(`scores${k}`, `chosen${k}`),
    gemm([`chosen${k}`, "inputs"], `sum${k}`, "transA"),
    gemm([`chosen${k}`, "ones"], `mass${k}`, "transA"),
    {
      operator: "Div",
      inputs: [`sum${k}`, `mass${k}`],
      outputs: [k === steps - 1 ? "answer" : `slots${k + 1}`],
    },
  ];
  return onnxModel({
    nodes: Array.from({ length: steps }, (_, k) => round(k)).flat(),
    constants: [{ ...value("ones", M, 1), values: new Array<number>(M).fill(1) }],
    inputs: [value("inputs", M, D), value("slots", N, D)],
    outputs: [value("answer", N, D)],
  });
}
