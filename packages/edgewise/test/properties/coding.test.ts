/**
 * I22 of the mathematics: a unit's precision is divided among its edges, the variants of predictive
 * coding agree where they must, and learning is local.
 */
import { tensor } from "edgewise";
import { describe, expect, test } from "vitest";
import {
  by,
  edgeScores,
  entry,
  minus,
  type Network,
  plus,
  rowsOf,
  softmax,
  times,
  total,
  transposed,
  zeros,
} from "../enumeration/freeEnergy.ts";
import {
  inputsOf,
  layersOf,
  modelOf,
  type NetworkCase,
  networkOf,
} from "../enumeration/networks.ts";
import type { Row } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

const variants = ["structural", "edgewise", "standard"] as const;
const links = ["identity", "tanh"] as const;
const start = { maxIterations: 0 };

async function read(
  of: NetworkCase,
  inputs: ReturnType<typeof inputsOf>,
  names: string[],
  options = {},
) {
  return (await prepare(modelOf(of, { ...start, ...options }), { read: names })).sync(inputs);
}

describe("a unit's precision", () => {
  for (const link of links)
    for (const width of [undefined, 2])
      test(`is divided among its edges, which add up to it; ${link}${width ? ", vectors" : ""}`, async () => {
        for (let seed = 0; seed < 30; seed++) {
          const of: NetworkCase = {
            variant: "structural",
            link,
            units: [3, 4, 2],
            ...(width === undefined ? {} : { width }),
            batch: 2,
            seed,
          };
          const inputs = inputsOf(of);
          const network = networkOf(of, inputs);
          const got = await read(of, inputs, ["posterior.0", "posterior.1"]);
          for (const l of [0, 1]) {
            const above = entry(of.units, l);
            const below = entry(of.units, l + 1);
            rowsOf(the(got, `posterior.${l}`).data, above).forEach((P, row) => {
              const [b, i] = [Math.floor(row / below), row % below];
              const k = entry(network.precision[l], i);
              expect(Math.abs(total(times(k, P)) - k)).toBeLessThan(1e-12);
              near({ data: P }, softmax(edgeScores(layersOf(of, inputs, b), network, l, i)));
            });
          }
        }
      });
});

describe("one unit above", () => {
  for (const link of links)
    for (const width of [undefined, 3])
      test(`makes the three variants one model; ${link}${width ? ", vectors" : ""}`, async () => {
        const names = ["state.0", "freeEnergy", "gradient.state.0"];
        const answers = [];
        for (const variant of variants) {
          const of: NetworkCase = {
            variant,
            link,
            units: [1, 4],
            ...(width === undefined ? {} : { width }),
            batch: 3,
            top: true,
            seed: 7,
          };
          answers.push(await read(of, inputsOf(of), names, { maxIterations: 5, rate: 0.02 }));
        }
        const [first, ...rest] = answers;
        for (const other of rest)
          for (const name of names) near(the(other, name), Array.from(the(first ?? {}, name).data));
      });

  test("is not what makes them agree: with two they are three models", async () => {
    const energies = await Promise.all(
      variants.map(async (variant) => {
        const of: NetworkCase = { variant, link: "identity", units: [2, 3], seed: 8 };
        return the(await read(of, inputsOf(of), ["freeEnergy"]), "freeEnergy").data[0] ?? 0;
      }),
    );
    const [a = 0, b = 0, c = 0] = energies;
    for (const gap of [a - b, b - c, a - c]) expect(Math.abs(gap)).toBeGreaterThan(0.01);
  });
});

describe("edges of a unit", () => {
  test("are chosen by the winner alone as the precision grows", async () => {
    const of: NetworkCase = {
      variant: "structural",
      link: "tanh",
      units: [4, 3],
      batch: 20,
      seed: 9,
    };
    const inputs = { ...inputsOf(of), "precision.0": tensor([1e6, 1e6, 1e6]) };
    const network = networkOf(of, inputs);
    const got = await read(of, inputs, ["posterior.0", "gradient.state.0"]);
    rowsOf(the(got, "posterior.0").data, 4).forEach((P, row) => {
      const scores = edgeScores(layersOf(of, inputs, Math.floor(row / 3)), network, 0, row % 3);
      const winner = scores.indexOf(Math.max(...scores));
      near(
        { data: P },
        P.map((_, j) => (j === winner ? 1 : 0)),
        1e-6,
      );
    });
  });

  for (const variant of ["structural", "edgewise"] as const)
    test(`with equal errors: ${variant}`, async () => {
      // Parents and weights are equal, so all errors of a unit are.
      const units = [5, 3];
      const inputs = {
        "state.0": tensor([[0.4, 0.4, 0.4, 0.4, 0.4]]),
        "state.1": tensor([[1, -2, 0.5]]),
        "weight.0": tensor([new Array(5).fill(0.7), new Array(5).fill(-1.1), new Array(5).fill(2)]),
        "precision.0": tensor([1, 2, 0.5]),
      };
      const of: NetworkCase = { variant, link: "tanh", units, seed: 0 };
      const names = variant === "structural" ? ["posterior.0"] : [];
      const got = await read(of, inputs, [...names, "gradient.state.0"]);
      if (variant === "structural") near(the(got, "posterior.0"), new Array(15).fill(1 / 5));
      const slope = total(
        [0, 1, 2].map((c) => {
          const w = entry([0.7, -1.1, 2], c);
          const f = Math.tanh(w * 0.4);
          return -entry([1, 2, 0.5], c) * (entry([1, -2, 0.5], c) - f) * w * (1 - f * f);
        }),
      );
      // The chosen edge is one of five: each parent feels a fifth of what it would by all edges.
      const each = variant === "structural" ? slope / 5 : slope;
      near(the(got, "gradient.state.0"), new Array(5).fill(each));
    });
});

/** ∂F/∂W of each edge into layer l + 1: −P k (error ⊙ f′) zᵀ, what learning reads locally. */
function learned(
  of: NetworkCase,
  network: Network,
  inputs: ReturnType<typeof inputsOf>,
  l: number,
) {
  const layers = layersOf(of, inputs);
  const rectify = (x: Row): number[] => x.map((v) => (of.link === "tanh" ? Math.tanh(v) : v));
  const bend = (x: Row): number[] => x.map((v) => (of.link === "tanh" ? 1 - Math.tanh(v) ** 2 : 1));
  return entry(layers, l + 1).flatMap((z, i) => {
    const P = softmax(edgeScores(layers, network, l, i));
    const driven = entry(layers, l).map((above, j) =>
      by(entry(entry(network.weight[l], i), j), above),
    );
    const pooled = driven.reduce<number[]>(plus, zeros(z.length));
    return entry(layers, l).flatMap((above, j) => {
      const at = of.variant === "standard" ? pooled : entry(driven, j);
      const share = of.variant === "structural" ? entry(P, j) : 1;
      const error = minus(z, rectify(at)).map((e, d) => e * entry(bend(at), d));
      const k = entry(network.precision[l], i);
      return error.flatMap((e) => above.map((x) => -share * k * e * x));
    });
  });
}

describe("the gradient by the weights where a network starts", () => {
  for (const variant of variants)
    for (const link of links)
      for (const width of [undefined, 2])
        test(`is the local learning rule; ${variant}, ${link}${width ? ", vectors" : ""}`, async () => {
          const of: NetworkCase = {
            variant,
            link,
            units: [2, 3, 4],
            ...(width === undefined ? {} : { width }),
            seed: 21,
          };
          const inputs = inputsOf(of);
          const network = networkOf(of, inputs);
          const attend = await prepare(modelOf(of, start), { read: ["freeEnergy"] });
          const got = attend.gradientSync(inputs, { freeEnergy: tensor([[1]]) });
          for (const l of [0, 1])
            near(the(got, `weight.${l}`), learned(of, network, inputs, l), 1e-10);
        });
});

describe("the minimum of one layer", () => {
  test("is its equation in closed form: own errors and children, each edge by its probability", async () => {
    for (let seed = 31; seed < 41; seed++) {
      const of: NetworkCase = {
        variant: "structural",
        link: "identity",
        units: [2, 3, 4],
        top: true,
        seed,
      };
      const inputs = inputsOf(of);
      const network = networkOf(of, inputs);
      const got = await read(of, inputs, ["state.0", "state.1"], {
        update: "closed",
        maxIterations: 1,
      });
      const layers = layersOf(of, inputs).map((layer) => layer.flat());
      const posteriorOf = (l: number, states: number[][]): number[][] =>
        entry(states, l + 1).map((_, i) =>
          softmax(
            edgeScores(
              states.map((layer) => layer.map((v) => [v])),
              network,
              l,
              i,
            ),
          ),
        );
      const w = (l: number, i: number, j: number): number =>
        entry(entry(entry(entry(entry(network.weight, l), i), j), 0), 0);
      // Odd layers first: layer 1 sees layers 0 and 2 as they were.
      const [P0, P1] = [posteriorOf(0, layers), posteriorOf(1, layers)];
      const minimum = (
        a: number,
        own: number,
        drive: number,
        l: number,
        P: number[][],
        below: Row,
      ): number => {
        const children = below.map((z, c) => ({
          z,
          p: entry(entry(P, c), a),
          w: w(l, c, a),
          k: entry(entry(network.precision, l), c),
        }));
        const pull = total(children.map(({ z, p, w: weight, k }) => p * k * weight * z));
        const stiffness = total(children.map(({ p, w: weight, k }) => p * k * weight * weight));
        return (drive + pull) / (own + stiffness);
      };
      const hidden = entry(layers, 1).map((_, a) => {
        const k = entry(entry(network.precision, 0), a);
        const mean = total(entry(layers, 0).map((z, j) => entry(entry(P0, a), j) * w(0, a, j) * z));
        return minimum(a, k, k * mean, 1, P1, entry(layers, 2));
      });
      near(the(got, "state.1"), hidden, 1e-10);
      const moved = [entry(layers, 0), hidden, entry(layers, 2)];
      const P = posteriorOf(0, moved);
      const top = entry(layers, 0).map((_, a) =>
        minimum(
          a,
          entry(network.topPrecision, a),
          entry(network.topPrecision, a) * entry(network.topMean, a),
          0,
          P,
          hidden,
        ),
      );
      near(the(got, "state.0"), top, 1e-10);
    }
  });

  test("leaves the slope of vector units at 0 under the posterior before it", async () => {
    const of: NetworkCase = {
      variant: "edgewise",
      link: "identity",
      units: [2, 3],
      width: 3,
      seed: 45,
    };
    const inputs = inputsOf(of);
    // Every edge is active, so there is no posterior: one step is the minimum itself.
    const got = await read(of, inputs, ["gradient.state.0"], {
      update: "closed",
      maxIterations: 1,
    });
    near(the(got, "gradient.state.0"), new Array(6).fill(0), 1e-9);
  });

  test("never raises the energy of vector units, and a step that mixes no features would", async () => {
    for (const variant of ["structural", "edgewise"] as const) {
      const of: NetworkCase = {
        variant,
        link: "identity",
        units: [2, 3, 4],
        width: 2,
        batch: 20,
        seed: 46,
      };
      const got = await read(of, inputsOf(of), ["freeEnergy"], {
        update: "closed",
        maxIterations: 12,
      });
      for (const row of rowsOf(the(got, "freeEnergy").data, 13))
        for (let t = 0; t < 12; t++)
          expect(entry(row, t + 1)).toBeLessThanOrEqual(
            entry(row, t) + 1e-10 * (1 + Math.abs(entry(row, t))),
          );
    }
    // Newton's step feature by feature, row sums of Wᵀ W in place of the matrix, is another point.
    const rng = random(47);
    const W = rowsOf(rng.normal([2, 2]).data, 2);
    const x = Array.from(rng.normal([2]).data);
    const right = by(transposed(W), x);
    const normal = W.map((_, a) =>
      W.map((__, c) => total(W.map((row) => entry(row, a) * entry(row, c)))),
    );
    const wrong = right.map((g, a) => g / total(entry(normal, a)));
    expect(Math.hypot(...minus(by(normal, wrong), right))).toBeGreaterThan(0.1);
  });
});
