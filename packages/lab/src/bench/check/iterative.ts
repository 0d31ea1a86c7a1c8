import { dataOf, type HostTensors } from "../workload/inputs.ts";
import type { Sizes } from "../workload/workload.ts";
import { addScaled, dot } from "./attention.ts";
import { type Expected, spread } from "./rows.ts";

const rowOf = (data: Float32Array, width: number, k: number): Float32Array =>
  data.subarray(k * width, (k + 1) * width);

/** Weights of scores, in double precision. */
function softmax(scores: readonly number[]): number[] {
  const greatest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = scores.map((score) => Math.exp(score - greatest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** z⁺ = Σⱼ softmaxⱼ(⟨z, xⱼ⟩/√D) xⱼ, a few states. */
export function hopfieldRows(steps: number, { N, M, D }: Sizes, inputs: HostTensors): Expected {
  const [states, patterns] = [dataOf(inputs, "state"), dataOf(inputs, "patterns")];
  const places = spread(N, 3);
  const rows = places.map((place) => {
    let state: number[] = [...rowOf(states, D, place)];
    for (let step = 0; step < steps; step++) {
      const scores = Array.from(
        { length: M },
        (_, j) => dot(state, rowOf(patterns, D, j)) / Math.sqrt(D),
      );
      const next = new Array<number>(D).fill(0);
      for (const [j, weight] of softmax(scores).entries())
        addScaled(next, weight, rowOf(patterns, D, j));
      state = next;
    }
    return state;
  });
  return { picks: { state: places }, rows: { state: rows } };
}

/** Slots move to the mean of the inputs, each weighted by how much it chose the slot. */
export function slotRows(steps: number, { N, M, D }: Sizes, inputs: HostTensors): Expected {
  const data = dataOf(inputs, "inputs");
  let slots = Array.from({ length: N }, (_, i) => [...rowOf(dataOf(inputs, "slots"), D, i)]);
  for (let step = 0; step < steps; step++) {
    const sums = slots.map(() => new Array<number>(D).fill(0));
    const masses = slots.map(() => 0);
    for (let j = 0; j < M; j++) {
      const input = rowOf(data, D, j);
      for (const [i, weight] of softmax(slots.map((slot) => dot(slot, input))).entries()) {
        addScaled(sums[i] as number[], weight, input);
        masses[i] = (masses[i] as number) + weight;
      }
    }
    slots = sums.map((sum, i) => sum.map((value) => value / (masses[i] as number)));
  }
  return { picks: { slots: slots.map((_, i) => i) }, rows: { slots } };
}

/**
 * Keys of a mixture of unit Gaussians, drawn to the queries that they explain and, with weight 1,
 * to where they began; then the mean value of a few queries.
 */
export function mixtureRows(steps: number, { N, M, D, V }: Sizes, inputs: HostTensors): Expected {
  const [queries, first, values] = [
    dataOf(inputs, "query"),
    dataOf(inputs, "key"),
    dataOf(inputs, "value"),
  ];
  const weights = new Float64Array(M);
  let keys = Float64Array.from(first);
  const explain = (i: number): void => {
    let [greatest, total] = [Number.NEGATIVE_INFINITY, 0];
    for (let j = 0; j < M; j++) {
      let distance = 0;
      for (let d = 0; d < D; d++)
        distance += ((queries[i * D + d] as number) - (keys[j * D + d] as number)) ** 2;
      weights[j] = -distance / 2;
      greatest = Math.max(greatest, -distance / 2);
    }
    for (let j = 0; j < M; j++) total += weights[j] = Math.exp((weights[j] as number) - greatest);
    for (let j = 0; j < M; j++) weights[j] = (weights[j] as number) / total;
  };
  for (let step = 0; step < steps; step++) {
    const [sums, masses] = [Float64Array.from(first), new Float64Array(M).fill(1)];
    for (let i = 0; i < N; i++) {
      explain(i);
      for (let j = 0; j < M; j++) {
        const weight = weights[j] as number;
        masses[j] = (masses[j] as number) + weight;
        for (let d = 0; d < D; d++)
          sums[j * D + d] = (sums[j * D + d] as number) + weight * (queries[i * D + d] as number);
      }
    }
    keys = sums.map((sum, k) => sum / (masses[Math.floor(k / D)] as number));
  }
  const places = spread(N, 8);
  const rows = places.map((place) => {
    explain(place);
    const mean = new Array<number>(V).fill(0);
    for (let j = 0; j < M; j++) addScaled(mean, weights[j] as number, rowOf(values, V, j));
    return mean;
  });
  return { picks: { expectation: places }, rows: { expectation: rows } };
}
