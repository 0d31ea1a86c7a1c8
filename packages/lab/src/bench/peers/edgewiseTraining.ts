import {
  type EdgeModel,
  type Engine,
  multihop,
  prepare,
  projected,
  type Tensor,
  withoutSelf,
} from "edgewise";
import { adam } from "../check/training.ts";
import { inputsOf } from "../workload/inputs.ts";
import type { Workload } from "../workload/workload.ts";
import type { Opened } from "./peer.ts";

/**
 * A training step: predictions at the last node, their gradient by the weights, and Adam.
 *
 * The engine runs the model forwards and backwards; read-out, loss and Adam, 528 weights, are
 * plain loops.
 */
export async function openTraining(workload: Workload, engine: Engine): Promise<Opened> {
  const inputs = inputsOf(workload);
  const [nodes, target] = [inputs["nodes"], inputs["target"]?.data];
  if (nodes === undefined || target === undefined) throw new TypeError("no nodes, or no target");
  const predict = await prepare(model(), { engine, read: ["expectation"] });
  const weight = (name: string): Weight => {
    const { data, shape } = inputs[name] ?? { data: new Float32Array(0), shape: [0] };
    return { name, data: data.slice(), shape };
  };
  const [query_weight, key_weight, readout] = [
    weight("query_weight"),
    weight("key_weight"),
    weight("readout"),
  ];
  const weights = [query_weight, key_weight, readout];
  const moments = weights.map(({ data }) => [data.slice().fill(0), data.slice().fill(0)] as const);
  let gradients: readonly ArrayLike<number>[] = [];
  let steps = 0;
  return {
    call: () => {
      const given = { nodes, query_weight, key_weight };
      const { expectation } = predict.sync(given);
      const { cotangent, slope } = loss(expectation, target, readout.data);
      const gradient = predict.gradientSync(given, { expectation: cotangent });
      gradients = [gradient["query_weight"]?.data ?? [], gradient["key_weight"]?.data ?? [], slope];
      steps++;
      for (const [k, { data }] of weights.entries()) {
        const [first, second] = moments[k] ?? [data, data];
        adamStep(data, gradients[k] ?? [], first, second, steps);
      }
    },
    outputs: () =>
      Object.fromEntries(
        weights.map(({ name, shape }, k) => [
          `d_${name}`,
          { data: gradients[k] ?? [], width: shape.at(-1) ?? 1 },
        ]),
      ),
  };
}

function model(): EdgeModel {
  const node = (by: string, at: "N" | "M") => ({
    tensor: "nodes",
    shape: ["B", at, "D"],
    moved: [projected(by)],
  });
  return multihop({
    graph: withoutSelf(),
    nodes: {
      query: node("query_weight", "N"),
      key: node("key_weight", "M"),
      value: { tensor: "nodes", shape: ["B", "M", "D"] },
    },
  });
}

/** Gradient of the mean squared error by the expectation [B, N, D] and by the read-out [D]. */
function loss(
  { data, shape }: Tensor,
  target: Float32Array,
  readout: Float32Array,
): { cotangent: Tensor; slope: Float32Array } {
  const [batch = 0, nodes = 0, width = 0] = shape;
  const cotangent = new Float32Array(data.length);
  const slope = new Float32Array(width);
  for (let b = 0; b < batch; b++) {
    const last = ((b + 1) * nodes - 1) * width;
    let error = -(target[b] ?? 0);
    for (let d = 0; d < width; d++) error += (readout[d] ?? 0) * (data[last + d] ?? 0);
    for (let d = 0; d < width; d++) {
      cotangent[last + d] = (2 / batch) * error * (readout[d] ?? 0);
      slope[d] = (slope[d] ?? 0) + (2 / batch) * error * (data[last + d] ?? 0);
    }
  }
  return { cotangent: { data: cotangent, shape }, slope };
}

interface Weight {
  readonly name: string;
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** One step of Adam, in place. */
function adamStep(
  weights: Float32Array,
  gradient: ArrayLike<number>,
  first: Float32Array,
  second: Float32Array,
  steps: number,
): void {
  const rate = (adam.rate * Math.sqrt(1 - adam.second ** steps)) / (1 - adam.first ** steps);
  for (let k = 0; k < weights.length; k++) {
    const slope = gradient[k] ?? 0;
    const mean = adam.first * (first[k] ?? 0) + (1 - adam.first) * slope;
    const square = adam.second * (second[k] ?? 0) + (1 - adam.second) * slope * slope;
    [first[k], second[k]] = [mean, square];
    weights[k] = (weights[k] ?? 0) - (rate * mean) / (Math.sqrt(square) + adam.epsilon);
  }
}
