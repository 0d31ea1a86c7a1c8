/**
 * I17 of the mathematics: the reading `gradient.NAME` is the gradient of the free energy, by central
 * differences of an energy in plain loops; forms that look like it are told apart.
 */
import {
  alternate,
  blockSlot,
  cccp,
  descend,
  edgeModel,
  factor,
  gaussian,
  hopfield,
  type Inputs,
  type LatentInference,
  type LatentModel,
  latent,
  latentModel,
  type Potential,
  scaledDot,
  scored,
  slot,
  softcap,
  tensor,
} from "edgewise";
import { describe, expect, test } from "vitest";
import {
  batches,
  blockSlotEnergy,
  by,
  dot,
  edgeScores,
  entry,
  hopfieldEnergy,
  type Layers,
  logSumExp,
  minus,
  mixed,
  mixtureEnergy,
  type Network,
  networkEnergy,
  one,
  plus,
  relative,
  rowsOf,
  slopeOf,
  slotEnergy,
  softmax,
  squared,
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
import type { Matrix, Row } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

/** Error of five-point differences with step 1e-3 of energies below 100. */
const differences = 1e-9;

async function reading(model: LatentModel, inputs: Inputs, name: string) {
  return the((await prepare(model, { read: [name] })).sync(inputs), name);
}

/** Asserts that a slope at the start is that of an energy of the state's numbers. */
async function isSlope(
  model: LatentModel,
  state: string,
  inputs: Inputs,
  energy: (z: Row) => number,
): Promise<void> {
  const got = await reading(model, inputs, `gradient.${state}`);
  const numeric = slopeOf(energy, Array.from(the(inputs, state).data));
  expect(relative(Array.from(got.data), numeric), state).toBeLessThan(differences);
}

const sizes = [
  [1, 1, 1],
  [2, 3, 2],
  [3, 5, 3],
] as const;

describe("the gradient of the free energy is what its differences say", () => {
  for (const [N, M, D] of sizes) {
    const rng = random(40 + N);
    const [states, data] = [rng.normal([1, N, D]), rng.normal([1, M, D])];
    const [inputs = []] = batches(data);

    test(`Hopfield, ${N} states and ${M} patterns`, async () => {
      for (const precision of [0.5, 1, 4])
        await isSlope(
          hopfield({ precision, maxIterations: 0 }),
          "state",
          { state: states, patterns: data },
          (z) => total(rowsOf(z, D).map((row) => hopfieldEnergy(row, inputs, precision))),
        );
    });

    test(`slots, ${N} of them and ${M} inputs, by product and by distance`, async () => {
      const given = { slots: states, inputs: data };
      await isSlope(slot({ maxIterations: 0 }), "slots", given, (z) =>
        slotEnergy(rowsOf(z, D), inputs),
      );
      const mixture = slot({ update: "mean", responsibilities: "distance", maxIterations: 0 });
      await isSlope(mixture, "slots", given, (z) => mixtureEnergy(rowsOf(z, D), inputs));
    });

    test(`slots of inputs that are projected, ${N} of them`, async () => {
      const wide = rng.normal([1, M, D + 2]);
      const key_weight = rng.normal([D, D + 2]);
      const W = rowsOf(key_weight.data, D + 2);
      const keys = (batches(wide)[0] ?? []).map((x) => by(W, x));
      await isSlope(
        slot({ projects: true, maxIterations: 0 }),
        "slots",
        { slots: states, inputs: wide, key_weight },
        (z) => slotEnergy(rowsOf(z, D), keys),
      );
    });

    test(`block slots, ${N} of them in ${N} blocks`, async () => {
      const memory = rng.normal([N, M, 2]);
      const given = { slots: rng.normal([1, N, 2 * N]), inputs: rng.normal([1, M, 2 * N]), memory };
      const [x = []] = batches(given.inputs);
      await isSlope(blockSlot({ maxIterations: 0 }), "slots", given, (z) =>
        blockSlotEnergy(rowsOf(z, 2 * N), x, batches(memory)),
      );
    });
  }
});

/** Energy of a network as a function of one layer's numbers. */
const ofLayer =
  (layers: Layers, network: Network, l: number) =>
  (z: Row): number =>
    networkEnergy(
      layers.map((units, k) => (k === l ? rowsOf(z, entry(units, 0).length) : units)),
      network,
    );

const networks: NetworkCase[] = (["structural", "edgewise", "standard"] as const).flatMap(
  (variant) =>
    (["identity", "tanh"] as const).flatMap((link) => [
      { variant, link, units: [1, 1], seed: 51 },
      { variant, link, units: [2, 3, 4], top: true, seed: 52 },
      { variant, link, units: [3, 1, 2, 3], seed: 53 },
      { variant, link, units: [2, 3], width: 2, top: true, seed: 54 },
      { variant, link, units: [1, 3, 2], width: 3, seed: 55 },
    ]),
);

describe("the gradient of predictive coding is what its differences say", () => {
  for (const of of networks)
    test(`${of.variant}, ${of.link}, ${of.units.join("–")} units${of.width ? ` of ${of.width} numbers` : ""}`, async () => {
      const inputs = inputsOf(of);
      const network = networkOf(of, inputs);
      const layers = layersOf(of, inputs);
      for (const [l] of of.units.slice(1).entries())
        await isSlope(
          modelOf(of, { maxIterations: 0 }),
          `state.${l}`,
          inputs,
          ofLayer(layers, network, l),
        );
    });
});

/** Slope of a hidden layer as (5.4) writes it, with what a reader may get wrong in it. */
function writtenOut(
  layers: Layers,
  network: Network,
  { sign = -1, sharpness = (k: number) => k / 2 } = {},
): number[] {
  const links = (x: Row): number[] => (network.link === "tanh" ? x.map(Math.tanh) : [...x]);
  const bends = (x: Row): number[] =>
    x.map((v) => (network.link === "tanh" ? 1 - Math.tanh(v) ** 2 : 1));
  const posterior = (l: number, i: number): number[] => {
    const k = entry(network.precision[l], i);
    return softmax(edgeScores(layers, network, l, i).map((s) => (s / (k / 2)) * sharpness(k)));
  };
  const error = (l: number, i: number, j: number): number[] => {
    const driven = by(entry(entry(network.weight[l], i), j), entry(layers[l], j));
    return minus(entry(layers[l + 1], i), links(driven));
  };
  return entry(layers, 1).flatMap((z, a) => {
    const own = posterior(0, a).reduce<number[]>(
      (sum, p, j) => plus(sum, times(p * entry(network.precision[0], a), error(0, a, j))),
      zeros(z.length),
    );
    return entry(layers, 2).reduce<number[]>((sum, _, c) => {
      const W = entry(entry(network.weight[1], c), a);
      const gated = error(1, c, a).map((e, d) => e * entry(bends(by(W, z)), d));
      const pull = by(transposed(W), gated);
      const p = entry(posterior(1, c), a) * entry(network.precision[1], c);
      return plus(sum, times(sign * p, pull));
    }, own);
  });
}

describe("the gradient of a hidden layer", () => {
  for (const link of ["identity", "tanh"] as const)
    test(`is gathered own errors less scattered errors of children, no other form; ${link}`, async () => {
      for (let seed = 60; seed < 70; seed++) {
        const of: NetworkCase = { variant: "structural", link, units: [3, 4, 5], seed };
        const inputs = inputsOf(of);
        const [network, layers] = [networkOf(of, inputs), layersOf(of, inputs)];
        const got = Array.from(
          (await reading(modelOf(of, { maxIterations: 0 }), inputs, "gradient.state.1")).data,
        );
        expect(relative(writtenOut(layers, network), got)).toBeLessThan(1e-13);
        // A plus sign, and softmax(−ε²) in place of softmax(−k/2 ε²), are far from it.
        expect(relative(writtenOut(layers, network, { sign: 1 }), got)).toBeGreaterThan(0.1);
        const blunt = writtenOut(layers, network, { sharpness: () => 1 });
        expect(relative(blunt, got)).toBeGreaterThan(0.01);
        const differs = slopeOf(ofLayer(layers, network, 1), entry(layers, 1).flat());
        expect(relative(got, differs)).toBeLessThan(differences);
        expect(relative(blunt, differs)).toBeGreaterThan(0.01);
      }
    });
});

const nodes = {
  query: { tensor: "z", shape: ["B", "N", "D"] },
  key: { tensor: "x", shape: ["B", "M", "D"] },
};
function recall(potential: Potential, inference: LatentInference, extra = {}): LatentModel {
  return latentModel({
    name: "recall",
    latents: [latent("z", nodes.query.shape, { precision: 2, mean: 0.3 })],
    factors: [factor("recalled", edgeModel({ nodes, potential, ...extra }))],
    inference,
  });
}
/** F of `recall` for scores of the user's own. */
const recallEnergy = (z: Matrix, x: Matrix, score: (z: Row, x: Row) => number, T = 1): number =>
  total(
    z.map((row) => {
      const belief = squared(row.map((v) => v - 0.3));
      return belief - T * (logSumExp(x.map((r) => score(row, r) / T)) - Math.log(x.length));
    }),
  );

describe("a potential of the user's own", () => {
  const own: [string, Potential, (z: Row, x: Row) => number][] = [
    [
      "a cap",
      softcap({ cap: 1.5, of: scaledDot({ scale: 1 }) }),
      (z, x) => 1.5 * Math.tanh(dot(z, x) / 1.5),
    ],
    [
      "a text",
      scored("score - 0.1 * score * score", scaledDot({ scale: 1 })),
      (z, x) => dot(z, x) - 0.1 * dot(z, x) ** 2,
    ],
    [
      "a squared distance",
      gaussian({ precision: 0.7, normalised: false }),
      (z, x) => -0.35 * squared(minus(z, x)),
    ],
  ];
  const rng = random(71);
  const inputs = { z: rng.normal([1, 3, 2]), x: rng.normal([1, 4, 2]) };
  const [x = []] = batches(inputs.x);

  for (const [name, potential, score] of own) {
    const energy = (z: Row): number => recallEnergy(rowsOf(z, 2), x, score);
    test(`of ${name} has the right gradient, before and after rounds of any inference`, async () => {
      for (const inference of [
        cccp({ maxIterations: 0 }),
        descend({ maxIterations: 4, rate: 0.1 }),
        cccp({ maxIterations: 2, damping: 0.5 }),
      ]) {
        const attend = await prepare(recall(potential, inference), { read: ["z", "gradient.z"] });
        const got = attend.sync(inputs);
        const numeric = slopeOf(energy, Array.from(the(got, "z").data));
        expect(relative(Array.from(the(got, "gradient.z").data), numeric)).toBeLessThan(
          differences,
        );
      }
    });

    test(`of ${name} is descended along that gradient, and stepped by cccp to the mean plus its pull`, async () => {
      const slope = slopeOf(energy, Array.from(inputs.z.data));
      const down = await reading(recall(potential, descend({ rate: 0.1 })), inputs, "z");
      near(
        down,
        Array.from(inputs.z.data, (v, k) => v - 0.1 * entry(slope, k)),
        1e-9,
      );
      // ∇F = Λ (z − z⁺).
      const step = await reading(recall(potential, cccp()), inputs, "z");
      near(
        step,
        Array.from(inputs.z.data, (v, k) => v - entry(slope, k) / 2),
        1e-9,
      );
    });
  }

  test("at a temperature has T times its evidence in the energy", async () => {
    const model = recall(scaledDot({ scale: 1 }), cccp({ maxIterations: 0 }), { temperature: 0.4 });
    await isSlope(model, "z", inputs, (z) => recallEnergy(rowsOf(z, 2), x, dot, 0.4));
    const energy = await reading(model, inputs, "freeEnergy");
    const rows = batches(inputs.z)[0] ?? [];
    near(
      energy,
      rows.map((row) => recallEnergy([row], x, dot, 0.4)),
    );
  });
});

/** Var_P of the patterns, as a matrix. */
function variance(weights: Row, patterns: Matrix): number[][] {
  const mean = mixed(weights, patterns, entry(patterns, 0).length);
  return mean.map((_, a) =>
    mean.map((__, b) =>
      total(
        patterns.map(
          (x, j) =>
            entry(weights, j) * (entry(x, a) - entry(mean, a)) * (entry(x, b) - entry(mean, b)),
        ),
      ),
    ),
  );
}

describe("the precision of Laplace's Gaussian", () => {
  const rng = random(73);
  const [state, patterns] = [rng.normal([2, 3, 3]), rng.normal([2, 5, 3])];
  const unit = (a: number, b: number): number => (a === b ? 1 : 0);

  for (const precision of [0.5, 1, 3])
    test(`is I − β Var of the recalled patterns to 1e-12, β ${precision}`, async () => {
      for (const maxIterations of [0, 3]) {
        const model = hopfield({ precision, maxIterations });
        const attend = await prepare(model, { read: ["state", "precisionMatrix"] });
        const got = attend.sync({ state, patterns });
        const rows = rowsOf(the(got, "precisionMatrix").data, 9);
        batches(the(got, "state")).forEach((states, b) => {
          const x = entry(batches(patterns), b);
          states.forEach((z, i) => {
            const P = softmax(x.map((r) => precision * dot(z, r)));
            const flat = variance(P, x).flatMap((row, a) =>
              row.map((v, c) => unit(a, c) - precision * v),
            );
            near({ data: entry(rows, b * 3 + i) }, flat, 1e-12);
            // Without the minus sign and the inverse, it is another matrix.
            const printed = variance(P, x).flat();
            expect(relative(printed, entry(rows, b * 3 + i))).toBeGreaterThan(0.1);
          });
        });
      }
    });

  test("is the Hessian of the energy for potentials that bend, Λ − E[∇²s] − Var[∇s]", async () => {
    const [k, lambda] = [0.7, 2];
    const inputs = { z: state, x: patterns };
    const bent = recall(
      gaussian({ precision: k, normalised: false }),
      descend({ maxIterations: 0 }),
    );
    const rows = rowsOf((await reading(bent, inputs, "precisionMatrix")).data, 9);
    batches(state).forEach((states, b) => {
      const x = entry(batches(patterns), b);
      states.forEach((z, i) => {
        const P = softmax(x.map((r) => (-k / 2) * squared(minus(z, r))));
        const flat = variance(P, x).flatMap((row, a) =>
          row.map((v, c) => (lambda + k) * unit(a, c) - k * k * v),
        );
        near({ data: entry(rows, b * 3 + i) }, flat, 1e-12);
      });
    });
  });

  test("is the differences of the gradient for a cap, whose curvature depends on the state", async () => {
    const model = recall(
      softcap({ cap: 1.2, of: scaledDot({ scale: 1 }) }),
      descend({ maxIterations: 0 }),
    );
    const attend = await prepare(model, { read: ["gradient.z", "precisionMatrix"] });
    const x = one(entry(batches(patterns), 0));
    const z = Array.from(state.data.slice(0, 3));
    const slope = (at: Row): number[] =>
      Array.from(the(attend.sync({ z: tensor([[at]]), x }), "gradient.z").data);
    const got = the(attend.sync({ z: tensor([[z]]), x }), "precisionMatrix");
    const numeric = z.map((_, a) => slopeOf((at) => entry(slope(at), a), z));
    near(got, numeric, 1e-9);
  });

  test("is not offered where nodes depend on each other", async () => {
    await expect(prepare(slot(), { read: ["precisionMatrix"] })).rejects.toMatchObject({
      code: "unknown_option",
    });
  });
});

test("a mixture's energy has the same gradient whichever inference reads it", async () => {
  const rng = random(75);
  const inputs = { z: rng.normal([1, 2, 2]), x: rng.normal([1, 5, 2]) };
  const of = (inference: LatentInference): Promise<{ data: ArrayLike<number> }> =>
    reading(recall(gaussian(), inference), inputs, "gradient.z");
  const first = await of(cccp({ maxIterations: 0 }));
  for (const inference of [alternate({ maxIterations: 0 }), descend({ maxIterations: 0 })])
    expect((await of(inference)).data).toEqual(first.data);
});
