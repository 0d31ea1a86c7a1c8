import { dataOf, type HostTensors, slopeOf } from "../workload/inputs.ts";
import type { AttentionTask, Sizes } from "../workload/workload.ts";
import { type Expected, type Picks, type Rows, spread } from "./rows.ts";

/** Cap of the softcap workload, and nats that a node of distance costs in the decay workload. */
export const cap = 20;
export const decay = 0.05;

type Row = number[];

/** Attention of one head in double precision. */
class Head {
  readonly task: AttentionTask;
  readonly sizes: Sizes;
  readonly head: number;
  readonly inputs: HostTensors;

  constructor(task: AttentionTask, sizes: Sizes, inputs: HostTensors, head: number) {
    [this.task, this.sizes, this.inputs, this.head] = [task, sizes, inputs, head];
  }

  /** Row of an input of this head. */
  row(name: string, node: number): Float32Array {
    const { H, N, M } = this.sizes;
    const nodes = name === "key" || name === "value" ? M : N;
    const data = dataOf(this.inputs, name);
    const width = data.length / (H * nodes);
    const start = (this.head * nodes + node) * width;
    return data.subarray(start, start + width);
  }

  /** First sender of a receiver, and the one after its last. */
  range(i: number): [number, number] {
    const { graph } = this.task;
    if (graph === "complete") return [0, this.sizes.M];
    return graph === "causal" ? [0, i + 1] : [Math.max(0, i - graph.back), i + 1];
  }

  /** Log weight of an edge, before it is normalised. */
  score(i: number, j: number): number {
    const scaled = dot(this.row("query", i), this.row("key", j)) / Math.sqrt(this.sizes.D);
    switch (this.task.edge) {
      case undefined:
        return scaled;
      case "softcap":
        return cap * Math.tanh(scaled / cap);
      case "decay":
        return scaled - decay * Math.abs(i - j);
      case "slopes":
        return scaled - slopeOf(this.head, this.sizes.H) * Math.abs(i - j);
      case "offset": {
        const { N, M } = this.sizes;
        const place = this.head * (N + M - 1) + j - i + N - 1;
        return scaled + (dataOf(this.inputs, "relative_prior")[place] as number);
      }
      default:
        return this.task.edge satisfies never;
    }
  }

  /** Posterior of a receiver over its senders, and its log partition. */
  posterior(i: number): { from: number; weights: Row; logPartition: number } {
    const [from, to] = this.range(i);
    const scores = Array.from({ length: to - from }, (_, k) => this.score(i, from + k));
    const greatest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - greatest), 0);
    const logPartition = greatest + Math.log(total);
    return { from, weights: scores.map((score) => Math.exp(score - logPartition)), logPartition };
  }

  expectation(i: number): Row {
    const { from, weights } = this.posterior(i);
    const sum = new Array<number>(this.sizes.V).fill(0);
    for (const [k, weight] of weights.entries())
      addScaled(sum, weight, this.row("value", from + k));
    return sum;
  }

  /** Log evidence under the uniform prior, and entropy, in nats. */
  readings(i: number): { logEvidence: number; entropy: number } {
    const { weights, logPartition } = this.posterior(i);
    return {
      logEvidence: logPartition - Math.log(weights.length),
      entropy: -weights.reduce((sum, p) => sum + (p === 0 ? 0 : p * Math.log(p)), 0),
    };
  }
}

/** Sampled rows of what the task reads. */
export function attentionRows(task: AttentionTask, sizes: Sizes, inputs: HostTensors): Expected {
  if (task.reads === "gradient") return gradientRows(task, sizes, inputs);
  const { H, N } = sizes;
  const rows: { expectation: Row[]; log_evidence: Row[]; entropy: Row[] } = {
    expectation: [],
    log_evidence: [],
    entropy: [],
  };
  const places: number[] = [];
  for (const h of spread(H, 2)) {
    const head = new Head(task, sizes, inputs, h);
    for (const i of spread(N, 6)) {
      places.push(h * N + i);
      rows.expectation.push(head.expectation(i));
      if (task.reads !== "all") continue;
      const { logEvidence, entropy } = head.readings(i);
      rows.log_evidence.push([logEvidence]);
      rows.entropy.push([entropy]);
    }
  }
  if (task.reads !== "all")
    return { picks: { expectation: places }, rows: { expectation: rows.expectation } };
  return { picks: { expectation: places, log_evidence: places, entropy: places }, rows };
}

/** Rows of gradients of ⟨d_expectation, expectation⟩ in the last head. */
function gradientRows(task: AttentionTask, sizes: Sizes, inputs: HostTensors): Expected {
  const { H, N, M, D, V } = sizes;
  const head = new Head(task, sizes, inputs, H - 1);
  const [receivers, senders] = [spread(N, 4), spread(M, 4)];
  const zeros = (count: number, width: number): Row[] =>
    Array.from({ length: count }, () => new Array<number>(width).fill(0));
  const [query, key, value] = [
    zeros(receivers.length, D),
    zeros(senders.length, D),
    zeros(senders.length, V),
  ];
  const scale = 1 / Math.sqrt(D);
  for (let i = 0; i < N; i++) {
    const { from, weights } = head.posterior(i);
    const cotangent = head.row("d_expectation", i);
    const gains = weights.map((_, k) => dot(cotangent, head.row("value", from + k)));
    const mean = gains.reduce((sum, gain, k) => sum + gain * (weights[k] as number), 0);
    const slope = (k: number): number =>
      (weights[k] as number) * ((gains[k] as number) - mean) * scale;
    const asReceiver = receivers.indexOf(i);
    if (asReceiver >= 0)
      for (let k = 0; k < weights.length; k++)
        addScaled(query[asReceiver] as Row, slope(k), head.row("key", from + k));
    for (const [at, j] of senders.entries()) {
      const k = j - from;
      if (k < 0 || k >= weights.length) continue;
      addScaled(key[at] as Row, slope(k), head.row("query", i));
      addScaled(value[at] as Row, weights[k] as number, cotangent);
    }
  }
  const picks: Picks = {
    d_query: receivers.map((i) => (H - 1) * N + i),
    d_key: senders.map((j) => (H - 1) * M + j),
    d_value: senders.map((j) => (H - 1) * M + j),
  };
  const rows: Rows = { d_query: query, d_key: key, d_value: value };
  return { picks, rows };
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number);
  return sum;
}

export function addScaled(sum: number[], factor: number, row: ArrayLike<number>): void {
  for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] as number) + factor * (row[d] as number);
}
