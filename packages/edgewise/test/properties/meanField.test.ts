/**
 * I21 of the mathematics: the mean-field energy bounds the collapsed one for the same Gaussians, neither
 * half of a round raises it, and variances belong in the posterior over edges.
 */
import {
  edgeModel,
  factor,
  gaussian,
  latent,
  latentModel,
  meanField,
  predictiveCoding,
  scaledDot,
} from "edgewise";
import { describe, expect, test } from "vitest";
import {
  batches,
  entry,
  fell,
  logSumExp,
  networkEnergy,
  relative,
  rowsOf,
  slotEnergy,
  softmax,
  squared,
  total,
} from "../enumeration/freeEnergy.ts";
import type { Matrix, Row } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

/** Independent Gaussians, one a latent number. */
interface Beliefs {
  readonly mean: Row;
  readonly variance: Row;
}
const entropy = (variance: Row): number =>
  total(variance.map((v) => Math.log(2 * Math.PI * Math.E * v) / 2));

/** E[f] under one or two independent Gaussians: trapezoids to 9 deviations, exact for smooth f. */
function expected(f: (z: Row) => number, { mean, variance }: Beliefs): number {
  const points = 91;
  const nodes = Array.from({ length: points }, (_, k) => -9 + (18 * k) / (points - 1));
  const weights = nodes.map((x) => Math.exp((-x * x) / 2));
  const mass = total(weights);
  const at = (k: number, d: number): number =>
    entry(mean, d) + entry(nodes, k) * Math.sqrt(entry(variance, d));
  let sum = 0;
  for (let a = 0; a < points; a++) {
    if (mean.length === 1) {
      sum += (entry(weights, a) / mass) * f([at(a, 0)]);
      continue;
    }
    for (let b = 0; b < points; b++)
      sum += ((entry(weights, a) * entry(weights, b)) / mass ** 2) * f([at(a, 0), at(b, 1)]);
  }
  return sum;
}

/** A model of numbers and edges: expected scores of each owner, and the collapsed energy. */
interface Case {
  readonly precision: number;
  /** E[s] of each owner's edges under the beliefs; without their variances when these are 0. */
  readonly scores: (beliefs: Beliefs) => Matrix;
  /** Beliefs that minimise the energy for given probabilities of the edges. */
  readonly minimum: (P: Matrix) => Beliefs;
  readonly collapsed: (z: Row) => number;
}
const belief = ({ precision }: Case, { mean, variance }: Beliefs): number =>
  (precision / 2) * (squared(mean) + total(variance)) - entropy(variance);
/** F at the best posterior over edges. */
const best = (of: Case, q: Beliefs): number =>
  belief(of, q) - total(of.scores(q).map((s) => logSumExp(s) - Math.log(s.length)));
/** F at any posterior over edges. */
const energyAt = (of: Case, q: Beliefs, P: Matrix): number =>
  belief(of, q) -
  total(
    of.scores(q).map((s, o) =>
      total(
        s.map((v, j) => {
          const p = entry(entry(P, o), j);
          return p === 0 ? 0 : p * (v - Math.log(p) - Math.log(s.length));
        }),
      ),
    ),
  );
const posterior = (of: Case, q: Beliefs): Matrix => of.scores(q).map(softmax);
const certain = ({ mean }: Beliefs): Beliefs => ({ mean, variance: mean.map(() => 0) });

/** Inputs x choose among numbers z that lie near: s = −k/2 (x − z)². */
const clusters = (x: Row, count: number, k: number, precision: number): Case => ({
  precision,
  scores: ({ mean, variance }) =>
    x.map((v) => mean.map((m, i) => (-k / 2) * ((v - m) ** 2 + entry(variance, i)))),
  minimum: (P) => {
    const stiffness = Array.from(
      { length: count },
      (_, i) => precision + k * total(P.map((row) => entry(row, i))),
    );
    return {
      mean: stiffness.map(
        (s, i) => (k * total(P.map((row, j) => entry(row, i) * entry(x, j)))) / s,
      ),
      variance: stiffness.map((s) => 1 / s),
    };
  },
  collapsed: (z) =>
    (precision / 2) * squared(z) -
    total(x.map((v) => logSumExp(z.map((m) => (-k / 2) * (v - m) ** 2)) - Math.log(count))),
});
const clusterModel = (k: number, precision: number, maxIterations: number) =>
  latentModel({
    name: "clusters",
    latents: [latent("z", ["B", "N", "D"], { precision })],
    factors: [
      factor(
        "chosen",
        edgeModel({
          chooser: "sender",
          nodes: {
            query: { tensor: "z", shape: ["B", "N", "D"] },
            key: { tensor: "x", shape: ["B", "M", "D"] },
          },
          potential: gaussian({ precision: k, normalised: false }),
        }),
      ),
    ],
    inference: meanField({ maxIterations }),
  });

/** Observed units choose parents: s = −k/2 (x − w z)². */
const parents = (x: Row, w: Matrix, k: Row, precision: number): Case => ({
  precision,
  scores: ({ mean, variance }) =>
    x.map((v, i) =>
      mean.map((m, j) => {
        const weight = entry(entry(w, i), j);
        return (-entry(k, i) / 2) * ((v - weight * m) ** 2 + weight ** 2 * entry(variance, j));
      }),
    ),
  minimum: (P) => {
    const of = (f: (i: number, p: number, weight: number) => number): number[] =>
      entry(w, 0).map((_, j) =>
        total(x.map((__, i) => f(i, entry(entry(P, i), j), entry(entry(w, i), j)))),
      );
    const pull = of((i, p, weight) => p * entry(k, i) * weight * entry(x, i));
    const stiffness = of((i, p, weight) => p * entry(k, i) * weight ** 2).map((s) => s + precision);
    return {
      mean: pull.map((g, j) => g / entry(stiffness, j)),
      variance: stiffness.map((s) => 1 / s),
    };
  },
  collapsed: (z) =>
    networkEnergy([z.map((v) => [v]), x.map((v) => [v])], {
      variant: "structural",
      link: "identity",
      weight: [w.map((row) => row.map((v) => [[v]]))],
      precision: [k],
      topPrecision: z.map(() => precision),
      topMean: z.map(() => 0),
    }),
});

const rounds = 6;
/** A plain run: beliefs and energies before each round and at the end. */
function follow(of: Case, start: Row): { course: number[]; q: Beliefs; before: Beliefs } {
  let q: Beliefs = { mean: start, variance: start.map(() => 1) };
  let before = q;
  const course = [best(of, q)];
  for (let t = 0; t < rounds; t++) {
    before = q;
    const P = posterior(of, q);
    // The first half, a better posterior, cannot raise F; nor can the second, better beliefs.
    expect(energyAt(of, q, P)).toBeCloseTo(best(of, q), 9);
    const other = softmax(P.flat()).slice(0, entry(P, 0).length);
    const rival = P.map(() => other.map((v) => v / total(other)));
    expect(energyAt(of, q, rival)).toBeGreaterThanOrEqual(energyAt(of, q, P) - 1e-12);
    q = of.minimum(P);
    expect(energyAt(of, q, P)).toBeLessThanOrEqual(entry(course, t) + 1e-12);
    course.push(best(of, q));
  }
  return { course, q, before };
}

describe("mean field over numbers that data choose among", () => {
  const [k, precision] = [1.7, 0.4];
  for (const count of [1, 2])
    test(`follows its equations, never rises, and bounds the collapsed energy: ${count} numbers`, async () => {
      const rng = random(800 + count);
      const inputs = { z: rng.normal([12, count, 1], 2), x: rng.normal([12, 5, 1], 2) };
      const attend = await prepare(clusterModel(k, precision, rounds), {
        read: ["z", "variance of z", "freeEnergy", "chosen"],
      });
      const got = attend.sync(inputs);
      const courses = rowsOf(the(got, "freeEnergy").data, rounds + 1);
      const [means, variances] = ["z", "variance of z"].map((name) =>
        rowsOf(the(got, name).data, count),
      ) as [number[][], number[][]];
      const chosen = batches(the(got, "chosen"));
      batches(inputs.x).forEach((x, b) => {
        const of = clusters(x.flat(), count, k, precision);
        const { course, q, before } = follow(of, entry(batches(inputs.z), b).flat());
        near({ data: entry(courses, b) }, course);
        near({ data: entry(means, b) }, q.mean);
        near({ data: entry(variances, b) }, q.variance);
        near({ data: entry(chosen, b).flat() }, posterior(of, before));
        for (let t = 0; t < rounds; t++)
          expect(fell(entry(course, t), entry(course, t + 1), 0)).toBe(true);
        const collapsed = expected(of.collapsed, q) - entropy(q.variance);
        expect(collapsed).toBeLessThanOrEqual(best(of, q) + 1e-9);
        // One number leaves no choice, and the bound is the energy itself.
        if (count === 1) expect(collapsed).toBeCloseTo(best(of, q), 8);
        else expect(collapsed).toBeLessThan(best(of, q) - 1e-6);
      });
    });
});

describe("mean field over parents that observed units choose", () => {
  const precision = 0.6;
  const draws = Array.from({ length: 12 }, (_, s) => {
    const rng = random(830 + s);
    return {
      "state.0": rng.normal([1, 2], 2),
      "state.1": rng.normal([1, 4], 2),
      "weight.0": rng.normal([4, 2], 1.5),
      "precision.0": rng.between(0.5, 4, [4]),
    };
  });
  const caseOf = (inputs: (typeof draws)[number]): Case => {
    const list = (name: string): number[] => Array.from(the(inputs, name).data);
    return parents(list("state.1"), rowsOf(list("weight.0"), 2), list("precision.0"), precision);
  };
  const model = latentModel({
    ...predictiveCoding({ topPrecision: precision }),
    inference: meanField({ maxIterations: rounds }),
  });
  const read = ["state.0", "variance of state.0", "freeEnergy", "posterior.0"];

  test("follows its equations, never rises, and bounds the collapsed energy", async () => {
    const attend = await prepare(model, { read });
    for (const inputs of draws) {
      const got = attend.sync(inputs);
      const of = caseOf(inputs);
      const { course, q, before } = follow(of, Array.from(inputs["state.0"].data));
      near(the(got, "freeEnergy"), course);
      near(the(got, "state.0"), q.mean);
      near(the(got, "variance of state.0"), q.variance);
      near(the(got, "posterior.0"), posterior(of, before));
      for (let t = 0; t < rounds; t++)
        expect(fell(entry(course, t), entry(course, t + 1), 0)).toBe(true);
      const collapsed = expected(of.collapsed, q) - entropy(q.variance);
      expect(collapsed).toBeLessThan(best(of, q) + 1e-9);
    }
  });

  test("is told from a posterior that leaves the variances out", async () => {
    const attend = await prepare(model, { read });
    const gaps = draws.map((inputs) => {
      const got = Array.from(the(attend.sync(inputs), "posterior.0").data);
      const of = caseOf(inputs);
      const { before } = follow(of, Array.from(inputs["state.0"].data));
      near({ data: got }, posterior(of, before));
      return relative(posterior(of, certain(before)).flat(), got);
    });
    // Their parents' weights differ, so the variances weigh edges against each other.
    expect(gaps.filter((gap) => gap > 0.01).length).toBeGreaterThan(draws.length / 2);
    expect(Math.max(...gaps)).toBeGreaterThan(0.05);
  });
});

test("bilinear edges feel no variance: the means move as the concave–convex step says", async () => {
  const nodes = {
    query: { tensor: "z", shape: ["B", "N", "D"] },
    key: { tensor: "x", shape: ["B", "M", "D"] },
  };
  const edges = edgeModel({ chooser: "sender", nodes, potential: scaledDot({ scale: 1 }) });
  const model = latentModel({
    name: "products",
    latents: [latent("z", nodes.query.shape)],
    factors: [factor("chosen", edges)],
    inference: meanField({ maxIterations: 1 }),
  });
  const rng = random(850);
  const inputs = { z: rng.normal([5, 3, 2]), x: rng.normal([5, 4, 2]) };
  const got = (await prepare(model, { read: ["z", "variance of z", "freeEnergy"] })).sync(inputs);
  near(the(got, "variance of z"), new Array(30).fill(1));
  batches(inputs.z).forEach((z, b) => {
    const x = entry(batches(inputs.x), b);
    const P = x.map((v) => softmax(z.map((row) => total(row.map((u, d) => u * entry(v, d))))));
    const next = z.map((_, i) =>
      [0, 1].map((d) => total(x.map((v, j) => entry(entry(P, j), i) * entry(v, d)))),
    );
    near({ data: entry(batches(the(got, "z")), b).flat() }, next);
    const spread = 3 * 2 * (0.5 - Math.log(2 * Math.PI * Math.E) / 2);
    const energies = rowsOf(the(got, "freeEnergy").data, 2);
    near({ data: entry(energies, b) }, [slotEnergy(z, x) + spread, slotEnergy(next, x) + spread]);
  });
});

test("squared errors between two layers of vectors: variances pass the squares of the weights", async () => {
  const width = 2;
  const rng = random(860);
  const inputs = {
    "state.0": rng.normal([1, 1, width]),
    "state.1": rng.normal([1, 3, width]),
    "weight.0": rng.normal([3, 1, width, width]),
    "precision.0": rng.between(0.5, 2, [3]),
  };
  const model = latentModel({
    ...predictiveCoding({ vectors: true, topPrecision: 0.7 }),
    inference: meanField({ maxIterations: 4 }),
  });
  const got = (
    await prepare(model, { read: ["state.0", "variance of state.0", "freeEnergy"] })
  ).sync(inputs);
  // One parent: no choice. The mean solves Λ μ + Σ k Wᵀ W μ = Σ k Wᵀ x; variances are 1 / diagonal.
  const W = rowsOf(inputs["weight.0"].data, 4).map((flat) => rowsOf(flat, width));
  const x = rowsOf(inputs["state.1"].data, width);
  const k = Array.from(inputs["precision.0"].data);
  const element = (a: number, c: number): number =>
    (a === c ? 0.7 : 0) +
    total(W.map((w, i) => entry(k, i) * total(w.map((row) => entry(row, a) * entry(row, c)))));
  const right = [0, 1].map((a) =>
    total(
      W.map(
        (w, i) => entry(k, i) * total(w.map((row, d) => entry(row, a) * entry(entry(x, i), d))),
      ),
    ),
  );
  const [A, B, C] = [element(0, 0), element(0, 1), element(1, 1)];
  const det = A * C - B * B;
  const mean = [
    (C * entry(right, 0) - B * entry(right, 1)) / det,
    (A * entry(right, 1) - B * entry(right, 0)) / det,
  ];
  near(the(got, "state.0"), mean, 1e-9);
  const variance = [1 / A, 1 / C];
  near(the(got, "variance of state.0"), variance);
  const errors = total(
    W.map(
      (w, i) =>
        (entry(k, i) / 2) *
        total(
          w.map((row, d) => {
            const error = entry(entry(x, i), d) - total(row.map((v, c) => v * entry(mean, c)));
            return error ** 2 + total(row.map((v, c) => v * v * entry(variance, c)));
          }),
        ),
    ),
  );
  const energy = errors + 0.35 * (squared(mean) + total(variance)) - entropy(variance);
  expect(the(got, "freeEnergy").data.at(-1)).toBeCloseTo(energy, 10);
});
