/** Gradients of latent models: every reading by every input, through every round and at a settled point. */
import {
  alternate,
  bilinear,
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
  meanField,
  type PredictiveCodingOptions,
  parameter,
  type SlotOptions,
  scaledDot,
  slot,
  softcap,
  withoutSelf,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { entry } from "../enumeration/freeEnergy.ts";
import { inputsOf, modelOf, type NetworkCase } from "../enumeration/networks.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { at, random, the } from "../random.ts";
import { checkGradient } from "./checkGradient.ts";

const few = { elements: 5, directions: 1 } as const;
const sizes = [
  [1, 1, 1],
  [2, 3, 2],
  [3, 5, 5],
] as const;

describe("a Hopfield network", () => {
  for (const [N, M, D] of sizes)
    test(`has gradients of all its readings: ${N} states, ${M} patterns of ${D}`, async () => {
      const rng = random(700 + N);
      const inputs = { state: rng.normal([2, N, D]), patterns: rng.normal([2, M, D], 0.8) };
      for (const maxIterations of [0, 1, 3])
        await checkGradient(hopfield({ maxIterations, precision: 1.3 }), inputs, {
          ...few,
          of: ["state", "freeEnergy", "posterior", "gradient.state", "precisionMatrix"],
        });
      const damped = hopfield({ maxIterations: 2, precision: 0.7, damping: 1.4 });
      await checkGradient(damped, inputs, { ...few, of: ["state", "freeEnergy"] });
    });

  test("has gradients of the covariance and of Laplace's free energy", async () => {
    const rng = random(710);
    const inputs = { state: rng.normal([1, 2, 3], 0.3), patterns: rng.normal([1, 4, 3], 0.6) };
    await checkGradient(hopfield({ maxIterations: 2 }), inputs, {
      ...few,
      of: ["covariance", "laplaceFreeEnergy"],
    });
  });
});

const learned = (
  W: number,
  D: number,
  X: number,
  blocks: number | undefined,
  seed: number,
): Inputs => {
  const rng = random(seed);
  const C = blocks === undefined ? D : D / blocks;
  const lead = blocks === undefined ? [] : [blocks];
  const normed = (name: string, width: number) => [
    [`${name}.weight`, rng.between(0.5, 1.5, [width])] as const,
    [`${name}.bias`, rng.normal([width], 0.3)] as const,
  ];
  return {
    key_weight: rng.normal([D, W]),
    value_weight: rng.normal([D, W]),
    query_weight: rng.normal([D, D]),
    ...Object.fromEntries([
      ...normed("input_norm", W),
      ...normed("slot_norm", D),
      ...normed("mlp_norm", C),
    ]),
    "gru.weight_ih": rng.normal([...lead, 3 * C, C], 0.7),
    "gru.weight_hh": rng.normal([...lead, 3 * C, C], 0.7),
    "gru.bias_ih": rng.normal([...lead, 3 * C], 0.3),
    "gru.bias_hh": rng.normal([...lead, 3 * C], 0.3),
    "mlp.0.weight": rng.normal([...lead, X, C]),
    "mlp.0.bias": rng.normal([...lead, X]),
    "mlp.1.weight": rng.normal([...lead, C, X]),
    "mlp.1.bias": rng.normal([...lead, C], 0.3),
    ...(blocks === undefined
      ? {}
      : {
          ...Object.fromEntries(normed("block_norm", C)),
          "memory_mlp.0.weight": rng.normal([X, C]),
          "memory_mlp.0.bias": rng.normal([X]),
          "memory_mlp.1.weight": rng.normal([C, X]),
          "memory_mlp.1.bias": rng.normal([C], 0.3),
        }),
  };
};

describe("slots", () => {
  const pairs = (["sum", "mean"] as const).flatMap((update) =>
    (["dot", "distance"] as const).map((responsibilities) => ({ update, responsibilities })),
  );
  for (const [N, M, D] of sizes)
    for (const pair of pairs)
      test(`that take the ${pair.update} by ${pair.responsibilities} have gradients of all their readings: ${N}, ${M}, ${D}`, async () => {
        const rng = random(720 + N);
        const inputs = { slots: rng.normal([2, N, D]), inputs: rng.normal([2, M, D]) };
        const [u, r] = [pair.update === "sum", pair.responsibilities === "dot"];
        const energy = u === r ? ["freeEnergy", "gradient.slots"] : [];
        for (const maxIterations of [0, 2])
          await checkGradient(slot({ ...pair, maxIterations } satisfies SlotOptions), inputs, {
            ...few,
            of: ["slots", "responsibilities", ...energy],
          });
      });

  test("of projected inputs have gradients by the projection", async () => {
    const rng = random(730);
    const inputs = {
      slots: rng.normal([1, 3, 2]),
      inputs: rng.normal([1, 4, 3]),
      key_weight: rng.normal([2, 3]),
    };
    await checkGradient(slot({ projects: true, maxIterations: 2 }), inputs, {
      ...few,
      of: ["slots", "freeEnergy"],
    });
  });

  for (const [N, M, D] of sizes)
    test(`with learned cells have gradients by each of their tensors: ${N}, ${M}, ${D}`, async () => {
      const rng = random(740 + N);
      const W = D + 1;
      const inputs = {
        slots: rng.normal([1, N, D]),
        inputs: rng.normal([1, M, W]),
        ...learned(W, D, 3, undefined, 741),
      };
      // Norms of one feature have no variance: their slope by it is that of the floor, 1 / √1e-5.
      const tolerance = D === 1 ? 1e-4 : 1e-6;
      const model = slot({ update: "learned", maxIterations: 2, epsilon: 0.01 });
      await checkGradient(model, inputs, {
        ...few,
        elements: 3,
        of: ["slots", "responsibilities"],
        tolerance,
      });
    });
});

describe("block slots", () => {
  for (const [H, K, C] of [
    [1, 1, 1],
    [2, 3, 2],
    [3, 5, 1],
  ] as const) {
    const rng = random(750 + H);
    const D = H * C;
    const inputs = {
      slots: rng.normal([2, 2, D]),
      inputs: rng.normal([2, 3, D]),
      memory: rng.normal([H, K, C]),
    };
    test(`have gradients of all their readings: ${H} blocks of ${C}, ${K} prototypes`, async () => {
      for (const maxIterations of [0, 2])
        await checkGradient(blockSlot({ maxIterations }), inputs, {
          ...few,
          of: ["slots", "responsibilities", "prototypes", "freeEnergy", "gradient.slots"],
        });
    });
  }

  test("in the composed form have gradients by each of their tensors", async () => {
    const rng = random(760);
    const inputs = {
      slots: rng.normal([1, 2, 6]),
      inputs: rng.normal([1, 3, 4]),
      memory: rng.normal([2, 3, 3]),
      ...learned(4, 6, 3, 2, 761),
    };
    await checkGradient(blockSlot({ form: "composed", maxIterations: 2 }), inputs, {
      ...few,
      elements: 3,
      tolerance: 1e-6,
      of: ["slots", "responsibilities", "prototypes"],
    });
  });
});

describe("predictive coding", () => {
  const variants = ["structural", "edgewise", "standard"] as const;
  const cases = variants.flatMap((variant) =>
    (["identity", "tanh"] as const).flatMap((link): [NetworkCase, PredictiveCodingOptions][] => {
      const gradient: PredictiveCodingOptions = { rate: 0.05, maxIterations: 3 };
      const closed: PredictiveCodingOptions = { update: "closed", maxIterations: 2 };
      const networks: NetworkCase[] = [
        { variant, link, units: [1, 1], seed: 770 },
        { variant, link, units: [3, 2, 3], top: true, batch: 2, seed: 771 },
        { variant, link, units: [2, 3], width: 3, top: true, seed: 772 },
      ];
      const exact = link === "identity" && variant !== "standard";
      return networks.flatMap((of): [NetworkCase, PredictiveCodingOptions][] => [
        [of, { maxIterations: 0 }],
        [of, gradient],
        ...(exact ? [[of, closed] as [NetworkCase, PredictiveCodingOptions]] : []),
      ]);
    }),
  );
  for (const [of, options] of cases)
    test(`has gradients of all its readings: ${of.variant}, ${of.link}, ${of.units.join("–")}${of.width ? ` of ${of.width}` : ""}, ${options.maxIterations} rounds ${options.update ?? "down the gradient"}`, async () => {
      const free = of.units.slice(1).map((_, l) => l);
      await checkGradient(modelOf(of, options), inputsOf(of), {
        ...few,
        elements: 3,
        of: [
          ...free.flatMap((l) => [`state.${l}`, `gradient.state.${l}`]),
          ...(of.variant === "structural" ? free.map((l) => `posterior.${l}`) : []),
          "freeEnergy",
        ],
      });
    });
});

const shape = ["B", "N", "D"];
const apart = {
  query: { tensor: "z", shape },
  key: { tensor: "x", shape: ["B", "M", "D"] },
};
const joined = { query: { tensor: "z", shape }, key: { tensor: "z", shape: ["B", "M", "D"] } };
const own = (
  edges: Parameters<typeof edgeModel>[0],
  inference: LatentInference,
  belief = {},
): LatentModel =>
  latentModel({
    name: "own",
    latents: [latent("z", shape, belief)],
    factors: [factor("chosen", edgeModel(edges))],
    inference,
  });

describe("models of the user's own", () => {
  const rng = random(780);
  const [z, x] = [rng.normal([2, 3, 2]), rng.normal([2, 4, 2])];
  const belief = { precision: parameter("precision", ["D"]), mean: parameter("mean", ["N", "D"]) };
  const beliefs = { precision: rng.between(0.5, 2, [2]), mean: rng.normal([3, 2]) };
  const all = ["z", "freeEnergy", "gradient.z", "chosen"];

  test("have gradients by beliefs, caps and temperatures that are inputs", async () => {
    const potential = softcap({
      cap: parameter("cap"),
      of: scaledDot({ scale: parameter("scale") }),
    });
    const inputs = {
      z,
      x,
      ...beliefs,
      cap: rng.between(1, 2),
      scale: rng.between(0.5, 1),
    };
    for (const inference of [
      descend({ maxIterations: 2 }),
      cccp({ maxIterations: 2, damping: 0.5 }),
    ])
      await checkGradient(own({ nodes: apart, potential }, inference, belief), inputs, {
        ...few,
        of: all.filter((name) => name !== "freeEnergy"),
      });
  });

  test("have gradients through exact minima and mean fields, variances included", async () => {
    const potential = gaussian({ precision: parameter("k"), normalised: false });
    const inputs = { z, x, ...beliefs, k: rng.between(0.5, 2) };
    const declared = { nodes: apart, potential, chooser: "sender" } as const;
    await checkGradient(own(declared, alternate({ maxIterations: 2 }), belief), inputs, {
      ...few,
      of: all,
    });
    await checkGradient(own(declared, meanField({ maxIterations: 2 }), belief), inputs, {
      ...few,
      of: ["z", "variance of z", "freeEnergy", "chosen"],
    });
  });

  test("have gradients through turns of joined nodes", async () => {
    const products = { nodes: joined, square: true, graph: withoutSelf(), potential: bilinear() };
    const weight = { data: Float64Array.of(0.5, 0.1, 0.1, 0.4), shape: [2, 2] };
    await checkGradient(
      own(products, cccp({ maxIterations: 2 })),
      { z, weight },
      { ...few, of: all },
    );
    const distances = { ...products, potential: gaussian({ precision: 0.7, normalised: false }) };
    for (const inference of [alternate({ maxIterations: 2 }), meanField({ maxIterations: 2 })])
      await checkGradient(
        own(distances, inference, { precision: 0.6 }),
        { z },
        { ...few, of: ["z", "freeEnergy", "chosen"] },
      );
  });
});

describe("the implicit gradient at a settled point", () => {
  const settled = { tolerance: 1e-13, maxIterations: 4000 };
  const rng = random(790);
  const network: NetworkCase = {
    variant: "structural",
    link: "identity",
    units: [2, 3],
    top: true,
    seed: 791,
  };
  const cases: [
    string,
    (gradient: "unrolled" | "implicit") => LatentModel,
    Inputs,
    string,
    string[],
  ][] = [
    [
      "Hopfield",
      (gradient) => hopfield({ ...settled, gradient, precision: 0.8 }),
      { state: rng.normal([2, 2, 3]), patterns: rng.normal([2, 4, 3]) },
      "state",
      ["state", "gradient.state", "posterior"],
    ],
    [
      "slots by distance",
      (gradient) => slot({ ...settled, gradient, update: "mean", responsibilities: "distance" }),
      { slots: rng.normal([1, 2, 2], 2), inputs: rng.normal([1, 5, 2], 2) },
      "slots",
      ["slots", "responsibilities"],
    ],
    [
      "block slots",
      (gradient) => blockSlot({ ...settled, gradient }),
      {
        slots: rng.normal([1, 2, 2]),
        inputs: rng.normal([1, 3, 2], 0.5),
        memory: rng.normal([1, 3, 2], 0.5),
      },
      "slots",
      ["slots", "prototypes"],
    ],
    [
      "predictive coding by exact minima",
      (gradient) => modelOf(network, { ...settled, gradient, update: "closed" }),
      inputsOf(network),
      "state.0",
      ["state.0"],
    ],
    [
      "predictive coding down the gradient",
      (gradient) => modelOf(network, { ...settled, gradient, rate: 0.05 }),
      inputsOf(network),
      "state.0",
      ["state.0"],
    ],
  ];

  for (const [name, model, inputs, start, of] of cases)
    test(`is that of the unrolled rounds and of differences of where they end, and 0 by the start: ${name}`, async () => {
      const [implicit, unrolled] = await Promise.all(
        (["implicit", "unrolled"] as const).map((gradient) =>
          prepare(model(gradient), { read: of }),
        ),
      );
      if (implicit === undefined || unrolled === undefined) throw new Error("no model");
      const readings = implicit.sync(inputs);
      expect(Object.values(readings.info.converged ?? {})).toEqual([true]);
      const from = random(799);
      const cotangents = Object.fromEntries(
        of.map((read) => [read, from.normal(the(readings, read).shape)]),
      );
      const exact = implicit.gradientSync(inputs, cotangents);
      const rolled = unrolled.gradientSync(inputs, cotangents);
      const objective = (given: Inputs): number => {
        const got = implicit.sync(given);
        return of.reduce(
          (sum, read) =>
            sum +
            Array.from(the(got, read).data).reduce(
              (s, v, k) => s + v * at(the(cotangents, read).data, k),
              0,
            ),
          0,
        );
      };
      near(the(exact, start), new Array(the(inputs, start).data.length).fill(0), 0);
      for (const [name_, { data, shape: extents }] of Object.entries(inputs)) {
        const got = the(exact, name_);
        expect(got.shape).toEqual(extents);
        const scale = Math.max(1, ...Array.from(got.data, Math.abs));
        near(got, Array.from(the(rolled, name_).data), 1e-6 * scale);
        for (const k of [0, data.length - 1]) {
          const moved = (h: number): number => {
            const next = Float64Array.from(data, (v, e) => v + (e === k ? h : 0));
            return objective({ ...inputs, [name_]: { data: next, shape: extents } });
          };
          const numeric = (8 * (moved(1e-3) - moved(-1e-3)) - (moved(2e-3) - moved(-2e-3))) / 12e-3;
          expect(Math.abs(numeric - entry(Array.from(got.data), k))).toBeLessThan(1e-6 * scale);
        }
      }
    });

  test("is refused where the tolerance was not reached, and of a course of energies", async () => {
    const inputs = { state: rng.normal([1, 1, 3]), patterns: rng.normal([1, 4, 3]) };
    const short = await prepare(
      hopfield({ maxIterations: 2, tolerance: 1e-12, gradient: "implicit" }),
      { read: ["state"] },
    );
    expect(() => short.gradientSync(inputs, { state: inputs.state })).toThrow(
      expect.objectContaining({ code: "not_converged" }),
    );
    const long = await prepare(hopfield({ ...settled, gradient: "implicit" }), {
      read: ["freeEnergy"],
    });
    const { freeEnergy } = long.sync(inputs);
    expect(() => long.gradientSync(inputs, { freeEnergy })).toThrow(
      expect.objectContaining({ code: "bad_option", got: expect.stringContaining("freeEnergy") }),
    );
  });
});
