import { numbers } from "./numbers.ts";
import type { Workload } from "./workload.ts";

/** Tensor of the host, row-major. */
export interface HostTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export type HostTensors = Readonly<Record<string, HostTensor>>;

/** Place of a tensor in the inputs: its name, its shape, and the spread of its numbers. */
export interface InputSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly deviation: number;
}

/** Inputs of a workload in the order of their seeds, in the letters of the documentation. */
export function inputSpecs({ task, sizes }: Workload): InputSpec[] {
  const { H, N, M, D, V } = sizes;
  const spec = (name: string, shape: readonly number[], deviation = 1): InputSpec => ({
    name,
    shape,
    deviation,
  });
  switch (task.kind) {
    case "attention":
      return [
        spec("query", [1, H, N, D]),
        spec("key", [1, H, M, D]),
        spec("value", [1, H, M, V]),
        ...(task.reads === "gradient" ? [spec("d_expectation", [1, H, N, V])] : []),
        ...(task.edge === "offset" ? [spec("relative_prior", [H, N + M - 1])] : []),
      ];
    case "hopfield":
      return [spec("state", [1, N, D]), spec("patterns", [1, M, D])];
    case "slot":
      // Scores ⟨slot, input⟩ of standard deviation 1.
      return [spec("inputs", [1, M, D], D ** -0.25), spec("slots", [1, N, D], D ** -0.25)];
    case "mixture":
      return [spec("query", [1, 1, N, D]), spec("key", [1, 1, M, D]), spec("value", [1, 1, M, V])];
    case "training":
      return [
        spec("nodes", [task.batch, N, D]),
        spec("target", [task.batch]),
        ...["query_weight", "key_weight"].map((name) => spec(name, [D, D], D ** -0.5)),
        spec("readout", [D], D ** -0.5),
      ];
    case "compile":
      return [spec("query", [1, 1, N, D]), spec("key", [1, 1, M, D]), spec("value", [1, 1, M, V])];
    default:
      return task satisfies never;
  }
}

/**
 * The inputs themselves: the same numbers for every peer. Some peers want [1, N, H, D] in place of
 * [1, H, N, D], which is then how they are drawn.
 */
export function inputsOf(
  workload: Workload,
  order: "heads first" | "nodes first" = "heads first",
): HostTensors {
  return Object.fromEntries(
    inputSpecs(workload).map(({ name, shape, deviation }, k) => {
      const [, heads = 1, nodes = 1, width = 1] = shape;
      const data = numbers(
        k + 1,
        shape.reduce((a, b) => a * b, 1),
        deviation,
      );
      if (order === "heads first" || shape.length < 4) return [name, { data, shape }];
      return [name, { data: swapped(data, heads, nodes, width), shape: [1, nodes, heads, width] }];
    }),
  );
}

/** [heads, nodes, width] as [nodes, heads, width]. */
function swapped(data: Float32Array, heads: number, nodes: number, width: number): Float32Array {
  if (heads === 1) return data;
  const other = new Float32Array(data.length);
  for (let h = 0; h < heads; h++)
    for (let n = 0; n < nodes; n++) {
      const row = (h * nodes + n) * width;
      other.set(data.subarray(row, row + width), (n * heads + h) * width);
    }
  return other;
}

/** Slope of a head's decay with distance, in nats a node: 2^(−8(h+1)/H), as ALiBi has it. */
export const slopeOf = (head: number, heads: number): number => 2 ** ((-8 * (head + 1)) / heads);

/** Numbers of an input that the workload has. */
export function dataOf(inputs: HostTensors, name: string): Float32Array {
  const found = inputs[name];
  if (found === undefined) throw new TypeError(`the workload has no input ${name}`);
  return found.data;
}
