/** jax-js on its WebAssembly device. Its arrays are moved by use: `.ref` keeps one for later. */
import { adam } from "../check/training.ts";
import { dataOf, inputSpecs, inputsOf, slopeOf } from "../workload/inputs.ts";
import type { AttentionTask, Sizes, Workload } from "../workload/workload.ts";
import type { Loaded, Opened, Output, Peer } from "./peer.ts";

interface Arr {
  readonly ref: Arr;
  mul(other: Arr | number): Arr;
  add(other: Arr | number): Arr;
  sub(other: Arr | number): Arr;
  div(other: Arr | number): Arr;
  sum(axis?: number): Arr;
  reshape(shape: readonly number[]): Arr;
  data(): Promise<Float32Array>;
}
type Function = (...args: Arr[]) => Arr;
interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): string;
  jit<F extends (...args: Arr[]) => unknown>(of: F): F;
  grad(of: Function, options: { argnums: readonly number[] }): (...args: Arr[]) => Arr[];
  readonly nn: { softmax(x: Arr, axis: number): Arr };
  readonly numpy: {
    array(data: Float32Array, options: { shape: readonly number[] }): Arr;
    arange(count: number): Arr;
    einsum(subscripts: string, ...of: Arr[]): Arr;
    where(test: Arr, taken: Arr | number, otherwise: Arr | number): Arr;
    greater(a: Arr, b: Arr | number): Arr;
    less(a: Arr, b: Arr | number): Arr;
    sqrt(x: Arr): Arr;
    square(x: Arr): Arr;
  };
}

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
    case "attention": {
      const attend = attention(jax, task, sizes);
      if (task.reads !== "gradient") return called(jax, workload, ["expectation"], attend);
      const loss: Function = (query, key, value, cotangent) =>
        attend(query, key, value).mul(cotangent).sum();
      const names = ["d_query", "d_key", "d_value"];
      return called(jax, workload, names, jax.grad(loss, { argnums: [0, 1, 2] }));
    }
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
      return called(jax, workload, ["expectation"], mixture(jax, task.steps, sizes));
    case "training":
      return training(jax, workload, task.batch);
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
  task.kind === "attention" || task.kind === "mixture"
    ? (name) => (name === "d_query" || name === "d_key" ? D : V)
    : () => D;

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

/** Distances are computed where they are used, so that no matrix of a bias is held or read. */
function attention(jax: Jax, { graph, edge }: AttentionTask, { H, N, M, D }: Sizes): Function {
  const { nn, numpy } = jax;
  return (query, key, value) => {
    let scores = numpy.einsum("bhnd,bhmd->bhnm", query, key).mul(D ** -0.5);
    if (graph !== "complete") {
      const distance = (): Arr =>
        numpy.arange(N).reshape([N, 1]).sub(numpy.arange(M).reshape([1, M]));
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

/** EM of the keys, then the mean value of each query. */
function mixture({ nn, numpy }: Jax, steps: number, { M, D }: Sizes): Function {
  return (query, first, value) => {
    const [queries, values] = [query.reshape([-1, D]), value.reshape([M, -1])];
    const explain = (keys: Arr): Arr => {
      const norms = numpy.square(keys.ref).sum(1).mul(0.5).reshape([1, M]);
      return nn.softmax(numpy.einsum("nd,md->nm", queries.ref, keys).sub(norms), -1);
    };
    const start = first.reshape([M, D]);
    const keys = Array.from({ length: steps }).reduce<Arr>((from) => {
      const weights = explain(from);
      const mass = weights.ref.sum(0).add(1).reshape([M, 1]);
      return numpy.einsum("nm,nd->md", weights, queries.ref).add(start.ref).div(mass);
    }, start.ref);
    return numpy.einsum("nm,mv->nv", explain(keys), values);
  };
}

/** Prediction, gradient and Adam as one compiled function; weights and moments stay on the device. */
function training(jax: Jax, workload: Workload, batch: number): Opened {
  const { nn, numpy } = jax;
  const { N, D } = workload.sizes;
  const inputs = inputsOf(workload);
  const shapes = [[D, D], [D, D], [D]];
  const loss: Function = (queryWeight, keyWeight, readout, nodes, target) => {
    const query = numpy.einsum("bnd,rd->bnr", nodes.ref, queryWeight);
    const key = numpy.einsum("bnd,rd->bnr", nodes.ref, keyWeight);
    const scores = numpy.einsum("bnr,bmr->bnm", query, key).mul(D ** -0.5);
    const same = numpy.square(
      numpy.arange(N).reshape([N, 1]).sub(numpy.arange(N).reshape([1, N])),
    );
    const weights = nn.softmax(
      numpy.where(numpy.less(same, 1), Number.NEGATIVE_INFINITY, scores),
      -1,
    );
    const values = numpy.einsum("bnd,d->bn", nodes, readout);
    const once = numpy.einsum("bnm,bm->bn", weights.ref, values);
    const all = once.ref.add(numpy.einsum("bnm,bm->bn", weights, once));
    const isLast = new Float32Array(N);
    isLast[N - 1] = 1;
    const predicted = numpy.einsum("bn,n->b", all, numpy.array(isLast, { shape: [N] }));
    return numpy.square(predicted.sub(target)).sum().mul(1 / batch);
  };
  const gradient = jax.grad(loss, { argnums: [0, 1, 2] });
  const step = jax.jit((rate: Arr, nodes: Arr, target: Arr, ...state: Arr[]): Arr[] => {
    const [weights, first, second] = [state.slice(0, 3), state.slice(3, 6), state.slice(6, 9)];
    const slopes = gradient(...weights.map(({ ref }) => ref), nodes, target);
    const means = slopes.map((slope, k) =>
      (first[k] as Arr).mul(adam.first).add(slope.ref.mul(1 - adam.first)),
    );
    const squares = slopes.map((slope, k) =>
      (second[k] as Arr).mul(adam.second).add(numpy.square(slope.ref).mul(1 - adam.second)),
    );
    const next = weights.map((weight, k) => {
      const size = numpy.sqrt((squares[k] as Arr).ref).add(adam.epsilon);
      return weight.sub((means[k] as Arr).ref.mul(rate.ref).div(size));
    });
    return [...next, ...means, ...squares, ...slopes];
  });
  const names = ["query_weight", "key_weight", "readout"];
  const place = (data: Float32Array, shape: readonly number[]): Arr =>
    numpy.array(data, { shape });
  let state = [
    ...names.map((name, k) => place(dataOf(inputs, name), shapes[k] ?? [])),
    ...[...shapes, ...shapes].map((shape) =>
      place(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape),
    ),
  ];
  let slopes: Float32Array[] = [];
  let steps = 0;
  return {
    call: async () => {
      steps++;
      const rate = (adam.rate * Math.sqrt(1 - adam.second ** steps)) / (1 - adam.first ** steps);
      const answer = step(
        place(Float32Array.of(rate), []),
        place(dataOf(inputs, "nodes"), [batch, N, D]),
        place(dataOf(inputs, "target"), [batch]),
        ...state,
      );
      state = answer.slice(0, 9);
      slopes = await Promise.all(answer.slice(9).map((slope) => slope.data()));
    },
    outputs: () =>
      named(
        names.map((name) => `d_${name}`),
        slopes,
        () => D,
      ),
  };
}
