/**
 * ONNX models as bytes: the few messages of the format that a graph of standard operators needs.
 *
 * Numbers of fields are those of onnx.proto (ONNX 1.16, IR version 9).
 */

/** One node of a graph; operators of "com.microsoft" name their domain. */
export interface OnnxNode {
  readonly operator: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] };

export type OnnxType = "float" | "int32" | "int64";

export interface OnnxValue {
  readonly name: string;
  /** Extents; a name stands for one that each run may choose. */
  readonly shape: readonly (number | string)[];
  readonly type?: OnnxType;
}

export interface OnnxConstant extends OnnxValue {
  readonly values: readonly number[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants?: readonly OnnxConstant[];
}

const elementType: Record<OnnxType, number> = { float: 1, int32: 6, int64: 7 };
const attributeType = { float: 1, int: 2, ints: 7 };

/** Bytes of a model that onnxruntime loads. */
export function onnxModel({ nodes, inputs, outputs, constants = [] }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, nodeOf(node))),
    text(2, "graph"),
    ...constants.map((constant) => message(5, constantOf(constant))),
    ...inputs.map((value) => message(11, infoOf(value))),
    ...outputs.map((value) => message(12, infoOf(value))),
  ].flat();
  const operators = [
    message(8, whole(2, 17)),
    message(8, [...text(1, "com.microsoft"), ...whole(2, 1)]),
  ].flat();
  return Uint8Array.from([...whole(1, 9), ...message(7, graph), ...operators]);
}

function nodeOf({ operator, domain, inputs, outputs, attributes = {} }: OnnxNode): number[] {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(([name, of]) => message(5, attributeOf(name, of))),
    ...(domain === undefined ? [] : text(7, domain)),
  ];
}

function attributeOf(name: string, of: OnnxAttribute): number[] {
  if ("int" in of) return [...text(1, name), ...whole(3, of.int), ...whole(20, attributeType.int)];
  if ("float" in of)
    return [...text(1, name), ...float(2, of.float), ...whole(20, attributeType.float)];
  return [
    ...text(1, name),
    ...of.ints.flatMap((value) => whole(8, value)),
    ...whole(20, attributeType.ints),
  ];
}

function constantOf({ name, shape, type = "float", values }: OnnxConstant): number[] {
  const bytes =
    type === "float"
      ? Float32Array.from(values)
      : type === "int32"
        ? Int32Array.from(values)
        : BigInt64Array.from(values, BigInt);
  return [
    ...shape.flatMap((extent) => whole(1, Number(extent))),
    ...whole(2, elementType[type]),
    ...text(8, name),
    ...message(9, [...new Uint8Array(bytes.buffer)]),
  ];
}

function infoOf({ name, shape, type = "float" }: OnnxValue): number[] {
  const extents = shape.flatMap((extent) =>
    message(1, typeof extent === "string" ? text(2, extent) : whole(1, extent)),
  );
  const tensor = [...whole(1, elementType[type]), ...message(2, extents)];
  return [...text(1, name), ...message(2, message(1, tensor))];
}

/** Wire types of protobuf: 0 a number of any length, 2 bytes with their length, 5 four bytes. */
const tag = (field: number, wire: 0 | 2 | 5): number[] => variable(field * 8 + wire);
const whole = (field: number, value: number): number[] => [...tag(field, 0), ...variable(value)];
const float = (field: number, value: number): number[] => [
  ...tag(field, 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];
const message = (field: number, bytes: readonly number[]): number[] => [
  ...tag(field, 2),
  ...variable(bytes.length),
  ...bytes,
];
const text = (field: number, of: string): number[] =>
  message(field, [...new TextEncoder().encode(of)]);

function variable(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
