/**
 * One layer of attention that can infer concepts: each sequence is a receiver, whose query is the sum
 * of its tokens; the senders are learned. The exact posterior of Gaussian concepts is among them.
 *
 * @source docs/mathematics.md, 10.2
 */
import { cross, type Inputs, normals, scaledDot, type Tensor, uniforms } from "edgewise";
import {
  type Axis,
  add,
  at,
  axis,
  divide,
  type Expr,
  exp,
  index,
  load,
  log,
  map,
  multiply,
  negate,
  number,
  type Step,
  size,
  subtract,
  sum,
} from "edgewise/ir";
import type { Trainable } from "../../../training/adam.ts";
import { network, part } from "../../../training/network.ts";
import { drawnFrom, type Sequences } from "../concepts/concepts.ts";

/** What the layer is to say of a sequence: an answer, or the token that was masked. */
export type Task = "answer" | "masked token";

const [one, other, n, m, d, v] = [
  axis("one", 1),
  axis("other", 1),
  axis("n", "N"),
  axis("m", "M"),
  axis("d", "D"),
  axis("v", "V"),
];
const values: readonly Axis[] = [one, other, m, v];

/**
 * Outputs: `loss`, `said` [1, 1, N, V] and `posterior` [1, 1, N, M]. Of a masked token the loss is its
 * log-density, up to a constant, where each sender says a mean and the deviation is known.
 */
export function layer(task: Task, noise: number): Trainable {
  const attention = part(cross({ potential: scaledDot({ scale: 1 }) }), "layer");
  const reading = (name: string): string => attention.readings[name] as string;
  const said = load(reading("expectation"), [number(0), number(0), index(n), index(v)]);
  const target = at("target", [n, v]);
  const chosen = load(reading("posterior"), [number(0), number(0), index(n), index(m)]);
  const off = subtract(target, load("value", [number(0), number(0), index(m), index(v)]));
  const density = exp(negate(divide(sum(v, multiply(off, off)), number(2 * noise ** 2))));
  const loss: Readonly<Record<Task, Expr>> = {
    // Only the answer that was given has a target of 1. Each sender has seen every answer once,
    // before any sequence: few sequences would make it certain of what they did not show.
    answer: negate(
      add(
        sum(n, log(sum(v, multiply(target, said)))),
        sum(m, sum(v, log(load("value", [number(0), number(0), index(m), index(v)])))),
      ),
    ),
    "masked token": negate(sum(n, log(sum(m, multiply(chosen, density))))),
  };
  const program = network(
    `one layer, ${task}`,
    [
      ...(task === "answer" ? chances : [map("value", values, at("table", values))]),
      attention,
      map("loss", [], divide(loss[task], size("N"))),
    ],
    [
      { name: "target", shape: ["N", "V"] },
      { name: "table", shape: [1, 1, "M", "V"] },
    ],
    { loss: "loss", said: reading("expectation"), posterior: reading("posterior") },
  );
  return { program, learned: { key: [one, other, m, d], table: values } };
}

/** Chances of answers, so that what is said are chances too. */
const chances: readonly Step[] = [
  map("weight", values, exp(at("table", values))),
  map("all weights", [m], sum(v, load("weight", [number(0), number(0), index(m), index(v)]))),
  map("value", values, divide(at("weight", values), at("all weights", [m]))),
];

/**
 * Weights to begin with: each sender stands for the mean of a sequence that is far from those before
 * it, drawn by squared distance as the centres of k-means often are. Senders that begin at random
 * share concepts where sequences are long, and never part.
 */
export function initial(
  task: Task,
  query: Tensor,
  senders: number,
  says: number,
  seed: number,
): Inputs {
  const [normal, uniform] = [normals(31 * seed + 7), uniforms(17 * seed + 5)];
  const [, , count = 0, features = 0] = query.shape;
  const means = Array.from({ length: count }, (_, k) => {
    const [from, to] = [k * features, (k + 1) * features - 1];
    return Array.from(query.data.slice(from, to), (x) => Number(x) / Number(query.data[to]));
  });
  const chosen: number[][] = [];
  const distances = means.map(() => Number.POSITIVE_INFINITY);
  let next = Math.floor(uniform() * count);
  while (chosen.length < senders) {
    const centre = means[next] as number[];
    chosen.push(centre);
    for (const [k, mean] of means.entries())
      distances[k] = Math.min(
        distances[k] as number,
        squared(mean.map((x, f) => x - (centre[f] as number))),
      );
    const total = distances.reduce((a, b) => a + b, 0);
    next = drawnFrom(
      distances.map((distance) => distance / total),
      uniform(),
    );
  }
  return {
    key: {
      data: Float32Array.from(chosen.flatMap((mean) => [...mean, -squared(mean) / 2])),
      shape: [1, 1, senders, features],
    },
    table: {
      data: Float32Array.from(
        task === "answer"
          ? Array.from({ length: senders * says }, () => 0.1 * normal())
          : chosen.flat(),
      ),
      shape: [1, 1, senders, says],
    },
  };
}

const squared = (x: readonly number[]): number => x.reduce((sum, of) => sum + of * of, 0);

/**
 * Sums of tokens, each with a constant feature that counts them, in units of their variance; the
 * first token is left out where it is masked.
 */
export function queries({ tokens }: Sequences, noise: number, isMasked: boolean): Tensor {
  const [count = 0, length = 0, width = 0] = tokens.shape;
  const data = new Float32Array(count * (width + 1));
  for (let b = 0; b < count; b++)
    for (let l = isMasked ? 1 : 0; l < length; l++)
      for (let f = 0; f <= width; f++) {
        const feature = f === width ? 1 : (tokens.data[(b * length + l) * width + f] as number);
        data[b * (width + 1) + f] = (data[b * (width + 1) + f] as number) + feature / noise ** 2;
      }
  return { data, shape: [1, 1, count, width + 1] };
}
