/** onnxruntime, as WebAssembly and as the native library: one face, one driver. */
import { dataOf, inputsOf } from "../workload/inputs.ts";
import type { AttentionTask, Workload } from "../workload/workload.ts";
import { openMixture } from "./onnxMixture.ts";
import { attentionModel, hopfieldModel, slotModel, windowModel } from "./onnxModels.ts";
import type { Feeds, Ort, OrtRuntime, OrtSession, OrtTensor } from "./ortTypes.ts";
import { type Loaded, nodesFirst, type Opened, type Output, type Peer } from "./peer.ts";
import { receiverBlocks } from "./receiverBlocks.ts";

/** How a peer lays out an attention workload. */
type Way = "plain" | "window" | "blocks";

function peer(name: string, packageName: string, runtime: "wasm" | "native", way: Way): Peer {
  return {
    name,
    runtime,
    packages: [packageName],
    install: `npm install ${packageName}@1.30.0`,
    threaded: (where) => runtime === "native" || where === "chromium",
    runs: (workload) => runs(workload, way),
    async load(host) {
      const ort = (await host.library(packageName)) as Ort;
      ort.env.logLevel = "error";
      if (ort.env.wasm !== undefined) ort.env.wasm.numThreads = host.threads;
      const create = (model: Uint8Array): Promise<OrtSession> =>
        ort.InferenceSession.create(model, {
          executionProviders: [runtime === "wasm" ? "wasm" : "cpu"],
          intraOpNumThreads: host.threads,
          interOpNumThreads: 1,
        });
      // Its module is fetched by the first session: part of the library, not of a workload.
      await (await create(attentionModel({ H: 1, N: 1, M: 1, D: 4, V: 4 }, false))).release();
      return {
        versions: { [packageName]: host.version(packageName) },
        open: (workload) => open(workload, { ort, create, way, isWasm: runtime === "wasm" }),
      } satisfies Loaded;
    },
  };
}

export const onnxruntimePeers: readonly Peer[] = [
  peer("ort-web", "onnxruntime-web", "wasm", "plain"),
  peer("ort-node", "onnxruntime-node", "native", "plain"),
  peer("ort-node-window", "onnxruntime-node", "native", "window"),
  peer("ort-node-blocks", "onnxruntime-node", "native", "blocks"),
];

function runs({ task, peers }: Workload, way: Way): true | false | string {
  if (peers !== "all") return false;
  if (way !== "plain") {
    if (task.kind !== "attention" || task.reads !== "expectation") return false;
    return way === "window" ? typeof task.graph === "object" : task.graph !== "complete";
  }
  switch (task.kind) {
    case "attention":
      return task.reads === "expectation" || "it infers only: its library has no gradients";
    case "training":
      return "it infers only: its library has no gradients";
    case "hopfield":
    case "mixture":
    case "slot":
      return true;
    case "compile":
      return false;
    default:
      return task satisfies never;
  }
}

interface Runtime extends OrtRuntime {
  readonly way: Way;
  readonly isWasm: boolean;
}

function open(workload: Workload, runtime: Runtime): Promise<Opened> {
  const { task, sizes } = workload;
  const inputs = inputsOf(workload);
  const given = (name: string, ...shape: number[]): [string, OrtTensor] => [
    name,
    new runtime.ort.Tensor("float32", dataOf(inputs, name), shape),
  ];
  switch (task.kind) {
    case "attention":
      return openAttention(task, workload, runtime);
    case "hopfield": {
      const feeds = [given("state", 1, sizes.N, sizes.D), given("patterns", 1, sizes.M, sizes.D)];
      return whole(runtime, hopfieldModel(sizes, task.steps), feeds, "state", sizes.D);
    }
    case "slot": {
      const feeds = [given("inputs", sizes.M, sizes.D), given("slots", sizes.N, sizes.D)];
      return whole(runtime, slotModel(sizes, task.steps), feeds, "slots", sizes.D);
    }
    case "mixture":
      return openMixture(workload, task.steps, runtime);
    default:
      throw new TypeError(`no model for ${task.kind}`);
  }
}

/** A model that is run once a call. */
async function whole(
  { create }: Runtime,
  model: Uint8Array,
  given: readonly (readonly [string, OrtTensor])[],
  name: string,
  width: number,
  start?: Output["start"],
): Promise<Opened> {
  const session = await create(model);
  const feeds = Object.fromEntries(given);
  let data: Float32Array = new Float32Array(0);
  return {
    call: async () => {
      const answer = await session.run(feeds);
      data = answer["answer"]?.data ?? data;
    },
    outputs: () => ({ [name]: { data, width, ...(start && { start }) } }),
    close: () => void session.release(),
  };
}

/** Elements of a score matrix that the WebAssembly build still takes in one call. */
const mostScores = 2 ** 24;

async function openAttention(
  task: AttentionTask,
  workload: Workload,
  runtime: Runtime,
): Promise<Opened> {
  const { sizes } = workload;
  const { H, N, M, D, V } = sizes;
  const { ort, create, way, isWasm } = runtime;
  // Its operators want [1, N, H, D].
  const inputs = inputsOf(workload, "nodes first");
  const start = nodesFirst(H, N, V);
  const tensor = (data: Float32Array, ...shape: number[]): OrtTensor =>
    new ort.Tensor("float32", data, shape);
  const [query, key, value] = [
    dataOf(inputs, "query"),
    dataOf(inputs, "key"),
    dataOf(inputs, "value"),
  ];
  if (way === "window" && typeof task.graph === "object") {
    const length = (name: string, of: number, shape: number[]) =>
      [name, new ort.Tensor("int32", Int32Array.of(of), shape)] as const;
    const given = [
      ["query", tensor(query, 1, N, H * D)] as const,
      ["key", tensor(key, 1, M, H * D)] as const,
      ["value", tensor(value, 1, M, H * V)] as const,
      length("last", N - 1, [1]),
      length("total", N, []),
    ];
    return whole(runtime, windowModel(sizes, task.graph.back), given, "expectation", V, start);
  }
  const inBlocks = way === "blocks" || (isWasm && H * N * M > mostScores);
  const blocks = receiverBlocks(task, sizes, inBlocks ? 256 : N);
  const session = await create(attentionModel(sizes, blocks[0]?.bias !== undefined));
  const feeds = blocks.map(
    ({ receivers: [first, last], senders: [from, to], bias }): Feeds => ({
      query: tensor(query.subarray(first * H * D, last * H * D), 1, last - first, H * D),
      key: tensor(key.subarray(from * H * D, to * H * D), 1, to - from, H * D),
      value: tensor(value.subarray(from * H * V, to * H * V), 1, to - from, H * V),
      ...(bias && { bias: tensor(bias, 1, H, last - first, to - from) }),
    }),
  );
  let data: Float32Array = new Float32Array(inBlocks ? N * H * V : 0);
  return {
    call: async () => {
      for (const [k, feed] of feeds.entries()) {
        const answer = (await session.run(feed))["answer"]?.data ?? data;
        if (inBlocks) data.set(answer, (blocks[k]?.receivers[0] ?? 0) * H * V);
        else data = answer;
      }
    },
    outputs: () => ({ expectation: { data, width: V, start } }),
    close: () => void session.release(),
  };
}
