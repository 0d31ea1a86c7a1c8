/** jax-js on its WebAssembly device. Its arrays are moved by use: `.ref` keeps one for later. */
import { dataOf, inputSpecs, inputsOf, slopeOf } from "../workload/inputs.ts";
import type { AttentionTask, Sizes, Workload } from "../workload/workload.ts";
import { openTraining } from "./jaxTraining.ts";
import type { Arr, Expression, Jax } from "./jaxTypes.ts";
import type { Loaded, Opened, Output, Peer } from "./peer.ts";
import { receiverRanges } from "./receiverBlocks.ts";

export const jaxPeer: Peer = {
  name: "jax-js",
  runtime: "wasm",
  packages: ["@jax-js/jax"],
  install: "npm install @jax-js/jax@0.1.25",
  threaded: (where) => where === "chromium",
  runs: ({ task, peers }) => peers === "all" && task.kind !== "compile",
  async load(host) {
    const jax = (await host.library("@jax-js/jax")) as Jax;
    await jax.init("wasm");
    jax.defaultDevice("wasm");
    return {
      versions: { "@jax-js/jax": host.version("@jax-js/jax") },
      open: async (workload) => open(jax, workload),
    } satisfies Loaded;
  },
};

function open(jax: Jax, workload: Workload): Opened {
  const { task, sizes } = workload;
  switch (task.kind) {
    case "attention":
      return openAttention(jax, task, workload);
    case "hopfield":
      return called(jax, workload, ["state"], (state, patterns) => {
        const next = (from: Arr): Arr =>
          attend(jax, from, patterns.ref, patterns.ref, sizes.D ** -0.5);
        return Array.from({ length: task.steps }).reduce<Arr>(next, state);
      });
    case "slot":
      return called(jax, workload, ["slots"], (inputs, slots) =>
        Array.from({ length: task.steps }).reduce<Arr>((from) => {
          const scores = jax.numpy.einsum("bmd,bnd->bmn", inputs.ref, from);
          const chosen = jax.nn.softmax(scores, -1);
          const sums = jax.numpy.einsum("bmn,bmd->bnd", chosen.ref, inputs.ref);
          return sums.div(chosen.sum(1).reshape([1, sizes.N, 1]));
        }, slots),
      );
    case "mixture":
      return openMixture(jax, workload, task.steps);
    case "training":
      return openTraining(jax, workload, task.batch);
    case "compile":
      throw new TypeError("nothing to compile");
    default:
      return task satisfies never;
  }
}

/** A compiled function of the workload's inputs, each call from host memory to host memory. */
function called(
  jax: Jax,
  workload: Workload,
  names: readonly string[],
  of: (...args: Arr[]) => Arr | Arr[],
): Opened {
  const compiled = jax.jit(of);
  const inputs = inputsOf(workload);
  const specs = inputSpecs(workload);
  let last: Float32Array[] = [];
  return {
    call: async () => {
      const given = specs.map(({ name, shape }) =>
        jax.numpy.array(dataOf(inputs, name), { shape }),
      );
      last = await Promise.all([compiled(...given)].flat().map((array) => array.data()));
    },
    outputs: () => named(names, last, outputWidths(workload)),
  };
}

const outputWidths = ({ task, sizes: { D, V } }: Workload): ((name: string) => number) =>
  task.kind === "attention" ? (name) => (name === "d_query" || name === "d_key" ? D : V) : () => D;

function named(
  names: readonly string[],
  last: readonly Float32Array[],
  width: (name: string) => number,
): Record<string, Output> {
  return Object.fromEntries(
    names.map((name, k) => [name, { data: last[k] ?? [], width: width(name) }]),
  );
}

function attend({ nn, numpy }: Jax, query: Arr, key: Arr, value: Arr, scale: number): Arr {
  const scores = numpy.einsum("bnd,bmd->bnm", query, key).mul(scale);
  return numpy.einsum("bnm,bmd->bnd", nn.softmax(scores, -1), value);
}

/**
 * Distances are computed where they are used, so that no matrix of a bias is held or read. `shift`
 * is the first receiver's position, counted from the first sender.
 */
function attention(jax: Jax, { graph, edge }: AttentionTask, { H, D }: Sizes): Attention {
  const { nn, numpy } = jax;
  return (query, key, value, { receivers, senders, shift }) => {
    let scores = numpy.einsum("bhnd,bhmd->bhnm", query, key).mul(D ** -0.5);
    if (graph !== "complete") {
      const distance = (): Arr =>
        numpy
          .arange(receivers)
          .reshape([receivers, 1])
          .sub(numpy.arange(senders).reshape([1, senders]))
          .add(shift.ref);
      if (edge === "slopes") {
        const slopes = Float32Array.from({ length: H }, (_, h) => slopeOf(h, H));
        scores = scores.sub(numpy.array(slopes, { shape: [1, H, 1, 1] }).mul(distance()));
      }
      scores = numpy.where(numpy.less(distance(), 0), Number.NEGATIVE_INFINITY, scores);
      if (graph !== "causal")
        scores = numpy.where(
          numpy.greater(distance(), graph.back),
          Number.NEGATIVE_INFINITY,
          scores,
        );
    }
    return numpy.einsum("bhnm,bhmd->bhnd", nn.softmax(scores, -1), value);
  };
}

type Attention = (
  query: Arr,
  key: Arr,
  value: Arr,
  extents: { readonly receivers: number; readonly senders: number; readonly shift: Arr },
) => Arr;

/** Elements of a score matrix beyond which its 4 GiB do not hold what is made of it. */
const mostScores = 2 ** 28 - 1;

function openAttention(jax: Jax, task: AttentionTask, workload: Workload): Opened {
  const { H, N, M } = workload.sizes;
  const attend = attention(jax, task, workload.sizes);
  const isWhole = H * N * M <= mostScores;
  const whole: Expression = (query, key, value) =>
    attend(query, key, value, { receivers: N, senders: M, shift: jax.numpy.array(zero, scalar) });
  if (task.reads === "gradient") {
    const loss: Expression = (query, key, value, cotangent) =>
      whole(query, key, value).mul(cotangent).sum();
    const names = ["d_query", "d_key", "d_value"];
    return called(jax, workload, names, jax.grad(loss, { argnums: [0, 1, 2] }));
  }
  return isWhole ? called(jax, workload, ["expectation"], whole) : openBlocks(jax, task, workload);
}

const zero = new Float32Array(1);
const scalar = { shape: [] };

/** The same in blocks of receivers, each with the senders that a window leaves it. */
function openBlocks(jax: Jax, task: AttentionTask, workload: Workload): Opened {
  const { H, N, M, D, V } = workload.sizes;
  const inputs = inputsOf(workload);
  const attend = attention(jax, task, workload.sizes);
  const most = typeof task.graph === "object" ? task.graph.back : 1024;
  // Extents are part of what is compiled: a causal block sees everything, so that all are alike.
  const range = typeof task.graph === "object" ? task : { ...task, graph: "complete" as const };
  const blocks = receiverRanges(range, workload.sizes, most);
  const functions = new Map<string, Expression>();
  const compiled = (receivers: number, senders: number): Expression => {
    const key = `${receivers} ${senders}`;
    const made =
      functions.get(key) ??
      jax.jit((query: Arr, key: Arr, value: Arr, shift: Arr) =>
        attend(query, key, value, { receivers, senders, shift }),
      );
    functions.set(key, made);
    return made;
  };
  const rows = (
    name: string,
    nodes: number,
    width: number,
    [from, to]: readonly [number, number],
  ) => {
    const part = new Float32Array(H * (to - from) * width);
    const all = dataOf(inputs, name);
    for (let h = 0; h < H; h++)
      part.set(
        all.subarray((h * nodes + from) * width, (h * nodes + to) * width),
        h * (to - from) * width,
      );
    return jax.numpy.array(part, { shape: [1, H, to - from, width] });
  };
  const data = new Float32Array(H * N * V);
  return {
    call: async () => {
      for (const { receivers, senders } of blocks) {
        const [first, last] = receivers;
        const answer = await compiled(last - first, senders[1] - senders[0])(
          rows("query", N, D, receivers),
          rows("key", M, D, senders),
          rows("value", M, V, senders),
          jax.numpy.array(Float32Array.of(first - senders[0]), scalar),
        ).data();
        const part = (last - first) * V;
        for (let h = 0; h < H; h++)
          data.set(answer.subarray(h * part, (h + 1) * part), (h * N + first) * V);
      }
    },
    outputs: () => ({ expectation: { data, width: V } }),
  };
}

/** EM of the keys in blocks of queries, then the mean value of each query. */
function openMixture(jax: Jax, workload: Workload, steps: number): Opened {
  const { nn, numpy } = jax;
  const { N, M, D, V } = workload.sizes;
  const inputs = inputsOf(workload);
  const explain = (queries: Arr, keys: Arr): Arr => {
    const norms = numpy.square(keys.ref).sum(1).mul(0.5).reshape([1, M]);
    return nn.softmax(numpy.einsum("nd,md->nm", queries, keys).sub(norms), -1);
  };
  const gather = jax.jit((queries: Arr, keys: Arr, values: Arr) =>
    numpy.einsum("nm,mv->nv", explain(queries, keys), values),
  );
  const scatter = jax.jit((queries: Arr, keys: Arr, sums: Arr, masses: Arr): Arr[] => {
    const weights = explain(queries.ref, keys);
    return [sums.add(numpy.einsum("nm,nd->md", weights.ref, queries)), masses.add(weights.sum(0))];
  });
  const divide = jax.jit((sums: Arr, masses: Arr) => sums.div(masses.reshape([M, 1])));
  const place = (name: string, shape: readonly number[]): Arr =>
    numpy.array(dataOf(inputs, name), { shape });
  const size = Math.min(N, 600);
  const data = new Float32Array(N * V);
  return {
    call: async () => {
      const blocks = Array.from({ length: Math.ceil(N / size) }, (_, k) => {
        const part = dataOf(inputs, "query").subarray(k * size * D, (k + 1) * size * D);
        return numpy.array(part, { shape: [part.length / D, D] });
      });
      const [first, values] = [place("key", [M, D]), place("value", [M, V])];
      let keys = first.ref;
      for (let step = 0; step < steps; step++) {
        let [sums, masses] = [first.ref, numpy.array(new Float32Array(M).fill(1), { shape: [M] })];
        for (const block of blocks)
          [sums, masses] = scatter(block.ref, keys.ref, sums, masses) as [Arr, Arr];
        keys.dispose();
        keys = divide(sums, masses);
      }
      for (const [k, block] of blocks.entries())
        data.set(await gather(block, keys.ref, values.ref).data(), k * size * V);
      for (const array of [first, keys, values]) array.dispose();
    },
    outputs: () => ({ expectation: { data, width: V } }),
  };
}
