/**
 * Free energies of latent models in plain loops over nested arrays, written from docs/mathematics.md,
 * 4 and 5. They share no line with the library; slopes are central differences of them.
 */
import { type Tensor, tensor } from "edgewise";
import type { Matrix, Row } from "./oracle.ts";

export const dot = (a: Row, b: Row): number => a.reduce((sum, x, k) => sum + x * entry(b, k), 0);
export const squared = (a: Row): number => dot(a, a);
export const minus = (a: Row, b: Row): number[] => a.map((x, k) => x - entry(b, k));
export const plus = (a: Row, b: Row): number[] => a.map((x, k) => x + entry(b, k));
export const times = (c: number, a: Row): number[] => a.map((x) => c * x);
export const norm = (a: Row): number => Math.sqrt(squared(a));
export const total = (xs: Row): number => xs.reduce((a, b) => a + b, 0);
export const zeros = (width: number): number[] => new Array<number>(width).fill(0);
export const by = (matrix: Matrix, x: Row): number[] => matrix.map((row) => dot(row, x));
export const transposed = (matrix: Matrix): number[][] =>
  (matrix[0] ?? []).map((_, c) => matrix.map((row) => entry(row, c)));
/** Σ weights · rows. */
export const mixed = (weights: Row, rows: Matrix, width: number): number[] =>
  rows.reduce<number[]>((sum, row, j) => plus(sum, times(entry(weights, j), row)), zeros(width));

/** Element of a list, which has to be there. */
export function entry<T>(of: readonly T[] | undefined, k: number): T {
  const found = of?.[k];
  if (found === undefined) throw new Error(`no element ${k} among ${of?.length}`);
  return found;
}

export function logSumExp(x: Row): number {
  const top = Math.max(...x);
  return top === Number.NEGATIVE_INFINITY
    ? top
    : top + Math.log(total(x.map((v) => Math.exp(v - top))));
}
export function softmax(x: Row): number[] {
  const all = logSumExp(x);
  return x.map((v) => Math.exp(v - all));
}

/** Rows of a matrix of numbers. */
export function rowsOf(data: ArrayLike<number>, width: number): number[][] {
  const flat = Array.from(data);
  return Array.from({ length: width === 0 ? 0 : flat.length / width }, (_, r) =>
    flat.slice(r * width, (r + 1) * width),
  );
}
/** Matrices of a tensor [B, rows, width]. */
export function batches({ data, shape }: Tensor): number[][][] {
  const [count, rows, width] = [entry(shape, 0), entry(shape, 1), entry(shape, 2)];
  const size = rows * width;
  return Array.from({ length: count }, (_, b) =>
    rowsOf(Array.from(data.subarray(b * size, (b + 1) * size)), width),
  );
}
export const one = (matrix: Matrix): Tensor => tensor([matrix]);

/** F(z) = ½‖z‖² − 1/β ln Σ exp(β z·x) + 1/β ln N + ½ max‖x‖². */
export function hopfieldEnergy(z: Row, patterns: Matrix, beta: number): number {
  const recalled = logSumExp(patterns.map((x) => beta * dot(z, x)));
  const floor = Math.max(...patterns.map(squared)) / 2;
  return squared(z) / 2 - (recalled - Math.log(patterns.length)) / beta + floor;
}
export const hopfieldStep = (z: Row, patterns: Matrix, beta: number): number[] =>
  mixed(softmax(patterns.map((x) => beta * dot(z, x))), patterns, z.length);

/** F(Z) = ½ Σ‖z‖² − Σⱼ ln (1/m) Σᵢ exp(zᵢ·κⱼ). */
export function slotEnergy(slots: Matrix, inputs: Matrix): number {
  const evidence = inputs.map(
    (x) => logSumExp(slots.map((z) => dot(z, x))) - Math.log(slots.length),
  );
  return total(slots.map(squared)) / 2 - total(evidence);
}
/** Σⱼ ln (1/m) Σᵢ exp(−½‖κⱼ − zᵢ‖²), negative: the energy of a mixture. */
export function mixtureEnergy(slots: Matrix, inputs: Matrix): number {
  const evidence = inputs.map(
    (x) => logSumExp(slots.map((z) => -squared(minus(x, z)) / 2)) - Math.log(slots.length),
  );
  return -total(evidence);
}
/** Responsibilities [slot][input], each input's over the slots. */
export function responsibilities(
  slots: Matrix,
  inputs: Matrix,
  score: (z: Row, x: Row) => number = dot,
): number[][] {
  return transposed(inputs.map((x) => softmax(slots.map((z) => score(z, x)))));
}
export const byDistance = (z: Row, x: Row): number => -squared(minus(x, z)) / 2;
export function slotSum(slots: Matrix, inputs: Matrix, score = dot): number[][] {
  return responsibilities(slots, inputs, score).map((p, i) =>
    mixed(p, inputs, entry(slots, i).length),
  );
}
export function slotMean(slots: Matrix, inputs: Matrix, score = byDistance): number[][] {
  return responsibilities(slots, inputs, score).map((p, i) =>
    times(1 / total(p), mixed(p, inputs, entry(slots, i).length)),
  );
}
/** The wrong axis: every slot's weights sum to 1 over the inputs. */
export const slotsOverInputs = (slots: Matrix, inputs: Matrix): number[][] =>
  slots.map((z) => mixed(softmax(inputs.map((x) => dot(z, x))), inputs, z.length));

/** Blocks of a slot, one after the other. */
export const blocksOf = (z: Row, blocks: number): number[][] => rowsOf(z, z.length / blocks);
/** F(Z) = ½ Σ‖z‖² − Σⱼ lse(zᵢ·κⱼ) − Σᵢ,ᵦ lse(zᵢᵇ·mᵇₖ); no log of counts. */
export function blockSlotEnergy(slots: Matrix, inputs: Matrix, memory: readonly Matrix[]): number {
  const chosen = inputs.map((x) => logSumExp(slots.map((z) => dot(z, x))));
  const recalled = slots.flatMap((z) =>
    blocksOf(z, memory.length).map((part, b) =>
      entry(memory, b).length === 0 ? 0 : logSumExp(entry(memory, b).map((m) => dot(part, m))),
    ),
  );
  return total(slots.map(squared)) / 2 - total(chosen) - total(recalled);
}
export function blockSlotStep(
  slots: Matrix,
  inputs: Matrix,
  memory: readonly Matrix[],
): number[][] {
  const collected = slotSum(slots, inputs);
  return slots.map((z, i) => {
    const recalled = blocksOf(z, memory.length).flatMap((part, b) => {
      const prototypes = entry(memory, b);
      return mixed(softmax(prototypes.map((m) => dot(part, m))), prototypes, part.length);
    });
    return plus(entry(collected, i), recalled);
  });
}

/** A predictive coding network; units are vectors, of one number where they are scalars. */
export interface Network {
  readonly variant: "structural" | "edgewise" | "standard";
  readonly link: "identity" | "tanh";
  /** [layer][unit below][unit above]: a matrix for each edge. */
  readonly weight: readonly (readonly (readonly Matrix[])[])[];
  /** [layer][unit below]. */
  readonly precision: readonly Row[];
  readonly topPrecision: Row;
  readonly topMean: Row;
}
/** [layer][unit]: the numbers of a unit. */
export type Layers = readonly Matrix[];

const through = (link: Network["link"], x: Row): number[] =>
  x.map((v) => (link === "tanh" ? Math.tanh(v) : v));

/** −k/2 ‖z − f(W z')‖² of each edge to a unit. */
export function edgeScores(
  states: Layers,
  network: Network,
  layer: number,
  unit: number,
): number[] {
  const z = entry(states[layer + 1], unit);
  const k = entry(network.precision[layer], unit);
  return entry(states, layer).map((above, j) => {
    const W = entry(entry(network.weight[layer], unit), j);
    return (-k / 2) * squared(minus(z, through(network.link, by(W, above))));
  });
}

/** Free energy without the Gaussians' normalisers, the top layer's belief included. */
export function networkEnergy(states: Layers, network: Network): number {
  const top = entry(states, 0).map(
    (z, u) =>
      (entry(network.topPrecision, u) / 2) * squared(z.map((x) => x - entry(network.topMean, u))),
  );
  let energy = total(top);
  for (let l = 0; l + 1 < states.length; l++)
    for (let i = 0; i < entry(states, l + 1).length; i++)
      energy -= unitEvidence(states, network, l, i);
  return energy;
}

function unitEvidence(states: Layers, network: Network, layer: number, unit: number): number {
  if (network.variant === "standard") {
    const z = entry(states[layer + 1], unit);
    const driven = entry(states, layer).reduce<number[]>(
      (sum, above, j) => plus(sum, by(entry(entry(network.weight[layer], unit), j), above)),
      zeros(z.length),
    );
    const error = minus(z, through(network.link, driven));
    return (-entry(network.precision[layer], unit) / 2) * squared(error);
  }
  const scores = edgeScores(states, network, layer, unit);
  return network.variant === "edgewise"
    ? total(scores)
    : logSumExp(scores) - Math.log(scores.length);
}

/** Central differences of f by each number of x, five points. */
export function slopeOf(f: (x: Row) => number, x: Row, h = 1e-3): number[] {
  return x.map((_, k) => {
    const moved = (by: number): number => f(x.map((v, j) => (j === k ? v + by : v)));
    return (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
  });
}

/** ‖a − b‖ / ‖b‖. */
export const relative = (a: Row, b: Row): number => norm(minus(a, b)) / norm(b);

/** Whether F fell by at least `enough`, to rounding of its terms. */
export const fell = (before: number, after: number, enough: number): boolean =>
  after <= before - enough + 1e-11 * (1 + Math.abs(before) + Math.abs(after));
