/** TensorFlow.js on its WebAssembly backend. */
import { adam } from "../../training/adam.ts";
import { rate } from "../check/training.ts";
import { dataOf, inputSpecs, inputsOf } from "../workload/inputs.ts";
import type { Sizes, Workload } from "../workload/workload.ts";
import type { Loaded, Opened, Peer } from "./peer.ts";

interface TfTensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
  dispose(): void;
}
interface TfVariable extends TfTensor {
  assign(to: TfTensor): void;
}
interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tidy<Result>(of: () => Result): Result;
  tensor(data: Float32Array, shape: readonly number[]): TfTensor;
  variable(of: TfTensor): TfVariable;
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor;
  softmax(x: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor | number): TfTensor;
  add(a: TfTensor, b: TfTensor): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  sum(x: TfTensor, axis?: number, keepDims?: boolean): TfTensor;
  squaredDifference(a: TfTensor, b: TfTensor): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  concat(of: readonly TfTensor[], axis: number): TfTensor;
  slice(x: TfTensor, from: readonly number[], size: readonly number[]): TfTensor;
  grads(
    of: (...args: TfTensor[]) => TfTensor,
  ): (args: readonly TfTensor[], dy?: TfTensor) => TfTensor[];
  readonly train: {
    adam(
      rate: number,
      first: number,
      second: number,
      epsilon: number,
    ): {
      applyGradients(of: Record<string, TfTensor>): void;
    };
  };
}
interface WasmBackend {
  setThreadsCount(count: number): void;
}

export const tfjsPeer: Peer = {
  name: "tfjs",
  runtime: "wasm",
  packages: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
  install: "npm install @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0",
  threaded: (where) => where === "chromium",
  runs: ({ task, peers }) => {
    if (peers !== "all" || task.kind === "compile") return false;
    if (task.kind === "attention" && task.graph !== "complete")
      return "no operator of it knows a graph: a bias of N x N would be added to scores of N x N";
    return true;
  },
  async load(host) {
    const tf = (await host.library("@tensorflow/tfjs")) as Tf;
    const backend = (await host.library("@tensorflow/tfjs-backend-wasm")) as WasmBackend;
    backend.setThreadsCount(host.threads);
    if (!(await tf.setBackend("wasm"))) throw new Error("its WebAssembly backend does not start");
    await tf.ready();
    return {
      versions: { "@tensorflow/tfjs": host.version("@tensorflow/tfjs") },
      open: async (workload) => open(tf, workload),
    } satisfies Loaded;
  },
};

function open(tf: Tf, workload: Workload): Opened {
  const { task, sizes } = workload;
  switch (task.kind) {
    case "attention": {
      const attend = attention(tf, sizes.D ** -0.5);
      if (task.reads === "gradient")
        return called(tf, workload, ["d_query", "d_key", "d_value"], ([q, k, v, cotangent]) =>
          tf.grads(attend)([q, k, v] as TfTensor[], cotangent),
        );
      return called(tf, workload, ["expectation"], ([q, k, v]) => [
        attend(q as TfTensor, k as TfTensor, v as TfTensor),
      ]);
    }
    case "hopfield": {
      const attend = attention(tf, sizes.D ** -0.5);
      return called(tf, workload, ["state"], ([state, patterns]) => [
        repeat(task.steps, state, (z) => attend(z, patterns as TfTensor, patterns as TfTensor)),
      ]);
    }
    case "slot":
      return called(tf, workload, ["slots"], ([inputs, slots]) => [
        repeat(task.steps, slots, (z) => slotStep(tf, inputs as TfTensor, z, sizes)),
      ]);
    case "mixture":
      return called(tf, workload, ["expectation"], ([query, first, value]) => [
        mixture(tf, task.steps, query as TfTensor, first as TfTensor, value as TfTensor),
      ]);
    case "training":
      return training(tf, workload, task.batch);
    case "compile":
      throw new TypeError("nothing to compile");
    default:
      return task satisfies never;
  }
}

const attention =
  (tf: Tf, scale: number) =>
  (query: TfTensor, key: TfTensor, value: TfTensor): TfTensor =>
    tf.matMul(tf.softmax(tf.mul(tf.matMul(query, key, false, true), scale)), value);

function slotStep(tf: Tf, inputs: TfTensor, slots: TfTensor, { N }: Sizes): TfTensor {
  const chosen = tf.softmax(tf.matMul(inputs, slots, false, true));
  const mass = tf.reshape(tf.sum(chosen, 1), [1, N, 1]);
  return tf.div(tf.matMul(chosen, inputs, true), mass);
}

/** EM of the keys in blocks of queries, then their mean values; all tensors [1, rows, width]. */
function mixture(
  tf: Tf,
  steps: number,
  query: TfTensor,
  first: TfTensor,
  value: TfTensor,
): TfTensor {
  const [, N = 0, D = 0] = query.shape;
  const [, M = 0] = first.shape;
  const size = Math.min(N, 600);
  const blocks = Array.from({ length: Math.ceil(N / size) }, (_, k) =>
    tf.slice(query, [0, k * size, 0], [1, Math.min(size, N - k * size), D]),
  );
  const explain = (block: TfTensor, keys: TfTensor): TfTensor => {
    const norms = tf.reshape(tf.sum(tf.mul(keys, keys), 2), [1, 1, M]);
    return tf.softmax(tf.add(tf.matMul(block, keys, false, true), tf.mul(norms, -0.5)));
  };
  const step = (keys: TfTensor): TfTensor =>
    tf.tidy(() => {
      let [sums, masses] = [first, tf.tensor(new Float32Array(M).fill(1), [1, M])];
      for (const block of blocks)
        [sums, masses] = tf.tidy(() => {
          const chosen = explain(block, keys);
          return [tf.add(sums, tf.matMul(chosen, block, true)), tf.add(masses, tf.sum(chosen, 1))];
        });
      return tf.div(sums, tf.reshape(masses, [1, M, 1]));
    });
  const keys = repeat(steps, first, step);
  const means = blocks.map((block) => tf.tidy(() => tf.matMul(explain(block, keys), value)));
  return tf.concat(means, 1);
}

function repeat(
  times: number,
  start: TfTensor | undefined,
  next: (from: TfTensor) => TfTensor,
): TfTensor {
  return Array.from({ length: times }).reduce<TfTensor>(next, start as TfTensor);
}

/** A function of the workload's inputs, heads as a batch; each call from host to host memory. */
function called(
  tf: Tf,
  workload: Workload,
  names: readonly string[],
  of: (inputs: readonly TfTensor[]) => readonly TfTensor[],
): Opened {
  const inputs = inputsOf(workload);
  const specs = inputSpecs(workload);
  let last: { data: Float32Array; width: number }[] = [];
  return {
    call: () => {
      last = tf.tidy(() =>
        of(specs.map(({ name, shape }) => tf.tensor(dataOf(inputs, name), shape.slice(-3)))).map(
          (tensor) => ({ data: tensor.dataSync(), width: tensor.shape.at(-1) ?? 1 }),
        ),
      );
    },
    outputs: () =>
      Object.fromEntries(names.map((name, k) => [name, last[k] ?? { data: [], width: 1 }])),
  };
}

/** Prediction, gradient and its own Adam; weights are variables. */
function training(tf: Tf, workload: Workload, batch: number): Opened {
  const { N, D } = workload.sizes;
  const inputs = inputsOf(workload);
  const names = ["query_weight", "key_weight", "readout"];
  const weights = names.map((name) =>
    tf.variable(tf.tensor(dataOf(inputs, name), [dataOf(inputs, name).length / D, D])),
  );
  const optimizer = tf.train.adam(rate, adam.first, adam.second, adam.epsilon);
  const away = new Float32Array(N * N);
  for (let n = 0; n < N; n++) away[n * N + n] = -1e9;
  const call = (): Float32Array[] => {
    const nodes = tf.tensor(dataOf(inputs, "nodes"), [batch * N, D]);
    const target = tf.tensor(dataOf(inputs, "target"), [batch, 1]);
    const noSelf = tf.tensor(away, [1, N, N]);
    const loss = (...[queries, keys, readout]: TfTensor[]): TfTensor => {
      const rows = (weight: TfTensor | undefined): TfTensor =>
        tf.matMul(nodes, weight as TfTensor, false, true);
      const [query, key] = [queries, keys].map((w) => tf.reshape(rows(w), [batch, N, D]));
      const scores = tf.mul(tf.matMul(query as TfTensor, key as TfTensor, false, true), D ** -0.5);
      const posterior = tf.softmax(tf.add(scores, noSelf));
      const values = tf.reshape(rows(readout), [batch, N, 1]);
      const once = tf.matMul(posterior, values);
      const all = tf.reshape(tf.add(once, tf.matMul(posterior, once)), [batch, N]);
      const errors = tf.squaredDifference(tf.slice(all, [0, N - 1], [batch, 1]), target);
      return tf.mul(tf.sum(errors), 1 / batch);
    };
    const slopes = tf.grads(loss)(weights);
    optimizer.applyGradients(
      Object.fromEntries(weights.map((weight, k) => [nameOf(weight), slopes[k] as TfTensor])),
    );
    return slopes.map((slope) => slope.dataSync());
  };
  let last: Float32Array[] = [];
  return {
    call: () => {
      last = tf.tidy(call);
    },
    outputs: () =>
      Object.fromEntries(names.map((name, k) => [`d_${name}`, { data: last[k] ?? [], width: D }])),
  };
}

const nameOf = (variable: TfVariable): string => (variable as unknown as { name: string }).name;
