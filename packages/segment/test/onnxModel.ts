/**
 * The smallest network in ONNX: the mean of 2 × 2 pixels, channel by channel.
 *
 * Written field by field as protobuf has it; numbers are those of onnx.proto.
 */
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
const integer = (field: number, value: number): number[] => [
  ...varint(field * 8),
  ...varint(value),
];
const message = (field: number, ...parts: number[][]): number[] => {
  const body = parts.flat();
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
};
const text = (field: number, value: string): number[] =>
  message(field, [...new TextEncoder().encode(value)]);

const float = 1;
const integers = 7;

function tensor(field: number, name: string, shape: readonly number[]): number[] {
  const dims = shape.map((size) => message(1, integer(1, size)));
  return message(
    field,
    text(1, name),
    message(2, message(1, integer(1, float), message(2, ...dims))),
  );
}

function attribute(name: string, values: readonly number[]): number[] {
  return message(
    5,
    text(1, name),
    ...values.map((value) => integer(8, value)),
    integer(20, integers),
  );
}

/** From `pixels` [1, 3, height, width] to `means` [1, 3, height / 2, width / 2]. */
export function poolingModel(width: number, height: number): Uint8Array {
  const node = message(
    1,
    ...[text(1, "pixels"), text(2, "means"), text(4, "AveragePool")],
    ...[attribute("kernel_shape", [2, 2]), attribute("strides", [2, 2])],
  );
  const graph = message(
    7,
    ...[node, text(2, "pooling")],
    ...[tensor(11, "pixels", [1, 3, height, width])],
    ...[tensor(12, "means", [1, 3, height / 2, width / 2])],
  );
  return Uint8Array.from([...integer(1, 8), ...message(8, text(1, ""), integer(2, 13)), ...graph]);
}
