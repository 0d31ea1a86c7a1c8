/** A network of three layers that is clamped at both ends, and its printed energy and gradient. */
import {
  type LatentModel,
  type PredictiveCodingOptions,
  predictiveCoding,
  type Tensor,
  tensor,
} from "edgewise";
import { logSumExp, type Matrix, range, softmax, type Vector } from "../identities/direct.ts";
import type { Draw } from "../identities/draw.ts";

export const variants = ["structural", "edgewise", "standard"] as const;
export type Variant = (typeof variants)[number];
export type Link = "identity" | "tanh";

export interface Network {
  /** Units of the top, the hidden and the bottom layer; the hidden one is where it starts. */
  readonly states: readonly [top: Vector, hidden: Vector, bottom: Vector];
  /** Hidden units that made the bottom layer. */
  readonly truth: Vector;
  readonly weights: readonly [Matrix, Matrix];
  readonly precisions: readonly [Vector, Vector];
}

/** Each unit is made by one parent, at random, with noise of its own precision. */
export function drawnNetwork(draw: Draw, units: readonly [number, number, number]): Network {
  const [above, hidden, below] = units;
  const weights = [draw.matrix(hidden, above), draw.matrix(below, hidden)] as const;
  const precise = (count: number): Vector => range(count).map(() => 10 ** draw.between(-0.5, 1));
  const precisions = [precise(hidden), precise(below)] as const;
  const made = (layer: 0 | 1, parents: Vector): Vector =>
    weights[layer].map((row, i) => {
      const j = draw.whole(0, parents.length - 1);
      const deviation = 1 / Math.sqrt(precisions[layer][i] as number);
      return (
        (row[j] as number) * (parents[j] as number) + deviation * (draw.vector(1)[0] as number)
      );
    });
  const top = draw.vector(above, 2);
  const truth = made(0, top);
  return { states: [top, draw.vector(hidden), made(1, truth)], truth, weights, precisions };
}

/** Every precision times a factor. */
export function sharpened(network: Network, by: number): Network {
  const times = (layer: Vector): Vector => layer.map((k) => k * by);
  const [hidden, bottom] = network.precisions;
  return { ...network, precisions: [times(hidden), times(bottom)] };
}

/** The library's network with its top clamped as its bottom is: what is no latent does not move. */
export function clamped(options: PredictiveCodingOptions): LatentModel<`state.${number}`> {
  const model = predictiveCoding({ ...options, layers: 2 });
  const latents = model.latents.filter(({ tensor: name }) => name === "state.1");
  return { ...model, latents };
}

export function inputsOf({ states, weights, precisions }: Network): Record<string, Tensor> {
  const tensors = [
    ...states.map((layer, l) => [`state.${l}`, tensor([layer])] as const),
    ...weights.map((weight, l) => [`weight.${l}`, tensor(weight)] as const),
    ...precisions.map((layer, l) => [`precision.${l}`, tensor(layer)] as const),
  ];
  return Object.fromEntries(tensors);
}

const links: Readonly<
  Record<Link, readonly [f: (x: number) => number, slope: (x: number) => number]>
> = {
  identity: [(x) => x, () => 1],
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
};

/** Errors εᵢⱼ = zᵢ − f(wᵢⱼ zⱼ) of the edges to a layer. */
const errorsOf = (weight: Matrix, below: Vector, above: Vector, link: Link): number[][] =>
  weight.map((row, i) =>
    row.map((w, j) => (below[i] as number) - links[link][0](w * (above[j] as number))),
  );

/** F of the structural network by its hidden units. */
export function energy(
  { states, weights, precisions }: Network,
  hidden: Vector,
  link: Link,
): number {
  const layers = [states[0], hidden, states[2]];
  return ([0, 1] as const).reduce<number>((sum, l) => {
    const errors = errorsOf(weights[l], layers[l + 1] as Vector, layers[l] as Vector, link);
    const logs = errors.map((row, i) => {
      const k = precisions[l][i] as number;
      return logSumExp(row.map((e) => (-k / 2) * e * e)) - Math.log(row.length);
    });
    return sum - logs.reduce((a, b) => a + b, 0);
  }, 0);
}

/** What the paper prints, and what follows from F. */
export interface Form {
  /** Of the second term: errors of the units that are explained. */
  readonly sign: 1 | -1;
  /** Whether P is softmax(−k/2 ε²), or softmax(−ε²). */
  readonly scaled: boolean;
}
export const derived: Form = { sign: -1, scaled: true };

/** Gradient of F by the hidden units: own error gathered, explained errors scattered. */
export function gradient(network: Network, link: Link, form: Form): number[] {
  const { states, weights, precisions } = network;
  const [top, hidden, bottom] = states;
  const terms = (l: 0 | 1, below: Vector, above: Vector) =>
    errorsOf(weights[l], below, above, link).map((errors, i) => {
      const k = precisions[l][i] as number;
      const posterior = softmax(errors.map((e) => (form.scaled ? -k / 2 : -1) * e * e));
      return errors.map((error, j) => (posterior[j] as number) * k * error);
    });
  const own = terms(0, hidden, top).map((row) => row.reduce((a, b) => a + b, 0));
  terms(1, bottom, hidden).forEach((row, c) => {
    row.forEach((pull, a) => {
      const w = weights[1][c]?.[a] as number;
      const slope = links[link][1](w * (hidden[a] as number));
      own[a] = (own[a] as number) + form.sign * pull * w * slope;
    });
  });
  return own;
}

/** Hidden units at the least of Σ Pᵢⱼ kᵢ εᵢⱼ²: the network whose edges have these precisions. */
export function precisionWeighted(network: Network): number[] {
  const { states, weights, precisions } = network;
  const [top, hidden, bottom] = states;
  const edge = (l: 0 | 1, below: Vector, above: Vector): number[][] =>
    errorsOf(weights[l], below, above, "identity").map((errors, i) => {
      const k = precisions[l][i] as number;
      return softmax(errors.map((e) => (-k / 2) * e * e)).map((p) => p * k);
    });
  const [up, down] = [edge(0, hidden, top), edge(1, bottom, hidden)];
  return hidden.map((_, a) => {
    let [weight, pull] = [0, 0];
    (up[a] as Vector).forEach((precision, j) => {
      weight += precision;
      pull += precision * (weights[0][a]?.[j] as number) * (top[j] as number);
    });
    down.forEach((row, c) => {
      const [precision, w] = [row[a] as number, weights[1][c]?.[a] as number];
      weight += precision * w * w;
      pull += precision * w * (bottom[c] as number);
    });
    return pull / weight;
  });
}
