/**
 * I18 of the mathematics: latents that an edge joins must not move at once. The library moves them in
 * turns, within a tensor by colours of its graph and between tensors block by block.
 */
import {
  alternate,
  bilinear,
  cccp,
  descend,
  edgeModel,
  edges,
  edgesFrom,
  factor,
  type Graph,
  gaussian,
  type Inputs,
  intersection,
  type LatentInference,
  type LatentModel,
  latent,
  latentModel,
  meanField,
  type Potential,
  scaledDot,
  tensor,
  window,
  withoutSelf,
} from "edgewise";
import { describe, expect, test } from "vitest";
import {
  batches,
  by,
  dot,
  entry,
  fell,
  logSumExp,
  minus,
  mixed,
  plus,
  rowsOf,
  softmax,
  squared,
  times,
  total,
  transposed,
  zeros,
} from "../enumeration/freeEnergy.ts";
import type { Matrix, Row } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

const shape = ["B", "N", "D"];
function joined(
  potential: Potential,
  inference: LatentInference,
  graph: Graph = withoutSelf(),
  precision = 1,
): LatentModel {
  const pairs = edgeModel({
    name: "pairs",
    nodes: { query: { tensor: "z", shape }, key: { tensor: "z", shape: ["B", "M", "D"] } },
    graph,
    square: true,
    potential,
  });
  return latentModel({
    name: "joined",
    latents: [latent("z", shape, { precision })],
    factors: [factor("pairs", pairs)],
    inference,
  });
}
async function course(model: LatentModel, inputs: Inputs, state = "z") {
  const got = (await prepare(model, { read: [state, "freeEnergy"] })).sync(inputs);
  return {
    state: the(got, state),
    energy: Array.from(the(got, "freeEnergy").data),
    info: got.info,
  };
}

/** Who may choose whom. */
type Joins = (i: number, j: number) => boolean;
const others: Joins = (i, j) => i !== j;

/** F(Z) = Λ/2 Σ ‖z‖² − Σᵢ ln mean exp sᵢⱼ over the others. */
function energyOf(
  z: Matrix,
  score: (a: Row, b: Row) => number,
  joins: Joins,
  precision = 1,
): number {
  const evidence = z.map((a, i) => {
    const scores = z.flatMap((b, j) => (joins(i, j) ? [score(a, b)] : []));
    return scores.length === 0 ? 0 : logSumExp(scores) - Math.log(scores.length);
  });
  return (precision * total(z.map(squared))) / 2 - total(evidence);
}
/** Σ P ∇s at node n, as the end that chooses and as the one that is chosen, for s = aᵀ W b. */
function pull(z: Matrix, W: Matrix, n: number, joins: Joins): number[] {
  let sum = zeros(entry(z, n).length);
  for (const [i, a] of z.entries()) {
    const list = z.map((_, j) => j).filter((j) => joins(i, j));
    const P = softmax(list.map((j) => dot(a, by(W, entry(z, j)))));
    if (i === n)
      sum = plus(
        sum,
        mixed(
          P,
          list.map((j) => by(W, entry(z, j))),
          sum.length,
        ),
      );
    else {
      const place = list.indexOf(n);
      if (place >= 0) sum = plus(sum, times(entry(P, place), by(transposed(W), a)));
    }
  }
  return sum;
}
const atOnce = (z: Matrix, W: Matrix, joins: Joins): number[][] =>
  z.map((_, n) => pull(z, W, n, joins));
const oneByOne = (z: Matrix, W: Matrix, joins: Joins): number[][] =>
  z.reduce<number[][]>(
    (now, _, n) => now.map((row, i) => (i === n ? pull(now, W, n, joins) : row)),
    z.map((row) => [...row]),
  );

describe("F(a, b) = ½ (a² + b²) − 2ab from (1, −1)", () => {
  const energy = ([a = 0, b = 0]: Row): number => (a * a + b * b) / 2 - 2 * a * b;
  const start = [1, -1];
  const synchronous = ([a = 0, b = 0]: Row): number[] => [2 * b, 2 * a];

  test("rises from 3 to 12 when both move at once", async () => {
    expect(synchronous(start)).toEqual([-2, 2]);
    expect([energy(start), energy(synchronous(start))]).toEqual([3, 12]);
    // A gradient step of length 1 is that update; descent promises nothing, and says so.
    const got = await course(joined(scaledDot({ scale: 1 }), descend({ rate: 1 })), {
      z: tensor([[[1], [-1]]]),
    });
    near(got.state, [-2, 2]);
    near({ data: got.energy }, [3, 12]);
    expect(got.info.freeEnergy).toEqual({ largestRise: 9, atIteration: 1 });
  });

  test("never rises when nodes of one tensor move in turns", async () => {
    const model = joined(scaledDot({ scale: 1 }), cccp({ maxIterations: 3 }));
    const got = await course(model, { z: tensor([[[1], [-1]]]) });
    let [a, b] = start as [number, number];
    const expected = [energy([a, b])];
    for (let t = 0; t < 3; t++) {
      a = 2 * b;
      b = 2 * a;
      expected.push(energy([a, b]));
    }
    near(got.state, [a, b]);
    near({ data: got.energy }, expected);
    expect(got.info.freeEnergy).toEqual({ largestRise: 0, atIteration: 0 });
    expect(expected.every((F, t) => t === 0 || F <= entry(expected, t - 1))).toBe(true);
  });

  test("never rises when a and b are two tensors, one block each", async () => {
    const pair = edgeModel({
      nodes: { query: { tensor: "a", shape }, key: { tensor: "b", shape: ["B", "M", "D"] } },
      potential: scaledDot({ scale: 2 }),
    });
    const model = latentModel({
      name: "pair",
      latents: [latent("a", shape), latent("b", ["B", "M", "D"])],
      factors: [factor("pair", pair)],
      inference: cccp({ maxIterations: 2 }),
    });
    const got = await course(model, { a: tensor([[[1]]]), b: tensor([[[-1]]]) }, "b");
    near({ data: got.energy }, [energy([1, -1]), energy([-2, -4]), energy([-8, -16])]);
    near(got.state, [-16]);
  });

  test("is told from a sweep whose second node does not see the first", async () => {
    const got = await course(joined(scaledDot({ scale: 1 }), cccp()), { z: tensor([[[1], [-1]]]) });
    near(got.state, [-2, -4]);
    expect(Array.from(got.state.data)).not.toEqual(synchronous(start));
  });
});

/** A Aᵀ / width: symmetric, without negative eigenvalues. */
function positive(width: number, seed: number, spread: number): Matrix {
  const A = rowsOf(random(seed).normal([width, width], spread).data, width);
  return A.map((row) => A.map((other) => dot(row, other) / width));
}

describe("four latents that choose among each other, with weights without negative eigenvalues", () => {
  const [width, models, starts] = [3, 40, 50];
  const draws = Array.from({ length: models }, (_, w) => ({
    W: positive(width, 900 + w, 1.1),
    z: random(2000 + w).normal([starts, 4, width]),
  }));
  const scoreOf = (W: Matrix) => (a: Row, b: Row) => dot(a, by(W, b));

  test("rise in some of 500 draws when they all move at once", () => {
    const rises = draws.slice(0, 10).flatMap(({ W, z }) =>
      batches(z).filter((before) => {
        const [from, to] = [before, atOnce(before, W, others)].map((at) =>
          energyOf(at, scoreOf(W), others),
        ) as [number, number];
        return to > from + 1e-9;
      }),
    );
    expect(rises.length).toBeGreaterThan(0);
    expect(rises.length).toBeLessThan(100);
  });

  test("rise in 0 of 2000 rounds in turns, which are those of a plain sweep", async () => {
    const attend = await prepare(joined(bilinear(), cccp()), { read: ["z", "freeEnergy"] });
    let rounds = 0;
    for (const { W, z } of draws) {
      const got = attend.sync({ z, weight: tensor(W) });
      const after = batches(the(got, "z"));
      const energies = rowsOf(the(got, "freeEnergy").data, 2);
      for (const [b, before] of batches(z).entries()) {
        const now = entry(after, b);
        const [from, to] = [before, now].map((at) => energyOf(at, scoreOf(W), others)) as [
          number,
          number,
        ];
        const size = 1 + Math.abs(from) + Math.abs(to);
        near({ data: entry(energies, b) }, [from, to], 1e-11 * size);
        near({ data: now.flat() }, oneByOne(before, W, others), 1e-10 * size);
        // Each turn lowers F by half the squared length of its step, and so does the round.
        const length = total(before.map((row, i) => squared(minus(entry(now, i), row))));
        expect(fell(from, to, length / 2)).toBe(true);
        rounds++;
      }
    }
    expect(rounds).toBe(2000);
  });
});

describe("nodes that only some edges join", () => {
  const list: [number, number][] = [
    [0, 1],
    [2, 1],
    [3, 4],
    [4, 3],
    [1, 3],
  ];
  const inList: Joins = (i, j) => list.some(([a, b]) => a === i && b === j);
  const pairs = { data: Int32Array.from(list.flat()), shape: [list.length, 2] };
  const graphs: [string, Graph, Joins, Inputs][] = [
    ["a list of edges", edges(list), inList, {}],
    ["edges from a tensor", intersection(edgesFrom("pairs"), withoutSelf()), inList, { pairs }],
    [
      "a window",
      intersection(window({ back: 1, ahead: 1 }), withoutSelf()),
      (i, j) => Math.abs(i - j) === 1,
      {},
    ],
    [
      "a window of the past",
      intersection(window({ back: 2, ahead: 0 }), withoutSelf()),
      (i, j) => i - j === 1 || i - j === 2,
      {},
    ],
  ];
  for (const [name, graph, joins, extra] of graphs)
    test(`never raise the energy along ${name}, and it is the energy of those edges`, async () => {
      const W = positive(2, 77, 0.7);
      const score = (a: Row, b: Row): number => dot(a, by(W, b));
      const z = random(78).normal([20, 5, 2], 2);
      const attend = await prepare(joined(bilinear(), cccp({ maxIterations: 3 }), graph), {
        read: ["z", "freeEnergy"],
      });
      const got = attend.sync({ z, weight: tensor(W), ...extra });
      const after = batches(the(got, "z"));
      const energies = rowsOf(the(got, "freeEnergy").data, 4);
      for (const [b, before] of batches(z).entries()) {
        const row = entry(energies, b);
        const ends = [before, entry(after, b)].map((at) => energyOf(at, score, joins));
        near({ data: [entry(row, 0), entry(row, 3)] }, ends, 1e-9);
        for (let t = 0; t < 3; t++) expect(fell(entry(row, t), entry(row, t + 1), 0)).toBe(true);
      }
    });
});

describe("squared distances between latents", () => {
  const distance = (a: Row, b: Row): number => -squared(minus(a, b)) / 2;

  test("are minimised node by node: two nodes move to what one another and their beliefs say", async () => {
    // F = ½ Λ (a² + b²) + (a − b)², each of the two choosing the other.
    const model = joined(gaussian({ normalised: false }), alternate(), withoutSelf(), 0.5);
    const got = await course(model, { z: tensor([[[1], [-1]]]) });
    const a = (2 * -1) / 2.5;
    const b = (2 * a) / 2.5;
    near(got.state, [a, b]);
  });

  for (const inference of [alternate({ maxIterations: 6 }), meanField({ maxIterations: 6 })])
    test(`never raise the energy under ${inference.kind}, whose posterior is that of plain expectation–maximisation`, async () => {
      const z = random(79).normal([30, 4, 2], 2);
      const model = joined(gaussian({ normalised: false }), inference, withoutSelf(), 0.3);
      const got = await course(model, { z });
      const rows = rowsOf(got.energy, 7);
      rows.forEach((row, b) => {
        for (let t = 0; t < 6; t++) expect(fell(entry(row, t), entry(row, t + 1), 0)).toBe(true);
        if (inference.kind === "alternate")
          near({ data: [entry(row, 0)] }, [energyOf(entry(batches(z), b), distance, others, 0.3)]);
      });
    });

  test("in a chain under alternate follow a plain sweep over its colours", async () => {
    const chain = intersection(window({ back: 1, ahead: 1 }), withoutSelf());
    const model = joined(gaussian({ normalised: false }), alternate(), chain, 0.4);
    const z = random(80).normal([10, 5, 2]);
    const got = await course(model, { z });
    const joins: Joins = (i, j) => Math.abs(i - j) === 1;
    const after = batches(got.state);
    for (const [b, before] of batches(z).entries()) {
      let now = before.map((row) => [...row]);
      // Even nodes, then odd ones, each to its minimum under the posterior before its turn.
      for (const turn of [0, 1]) {
        const at = now;
        const P = at.map((a, i) => {
          const list = at.flatMap((_, j) => (joins(i, j) ? [j] : []));
          const p = softmax(list.map((j) => distance(a, entry(at, j))));
          return at.map((_, j) => (joins(i, j) ? entry(p, list.indexOf(j)) : 0));
        });
        now = at.map((row, n) => {
          if (n % 2 !== turn) return row;
          const weights = at.map((_, j) => entry(entry(P, n), j) + entry(entry(P, j), n));
          return times(1 / (0.4 + total(weights)), mixed(weights, at, 2));
        });
      }
      near({ data: entry(after, b).flat() }, now);
    }
  });
});
