import { type Inputs, parameter, predictiveCoding, tensor } from "edgewise";
import { describe, expect, test } from "vitest";
import { entry, type Layers, networkEnergy, rowsOf, slopeOf } from "../enumeration/freeEnergy.ts";
import {
  inputsOf,
  layersOf,
  modelOf,
  type NetworkCase,
  networkOf,
} from "../enumeration/networks.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

type Options = Parameters<typeof modelOf>[1];
const read = async (
  of: NetworkCase,
  inputs: Inputs,
  names: readonly string[],
  options: Options = {},
) => (await prepare(modelOf(of, options), { read: names })).sync(inputs);

const variants = ["structural", "edgewise", "standard"] as const;
const links = ["identity", "tanh"] as const;

/** One step down the gradient of every free layer at once, by differences of the energy. */
function stepped(
  layers: Layers,
  network: Parameters<typeof networkEnergy>[1],
  rate: number,
): Layers {
  return layers.map((units, l) => {
    if (l + 1 === layers.length) return units;
    const width = entry(units, 0).length;
    const slope = slopeOf(
      (z) =>
        networkEnergy(
          layers.map((own, k) => (k === l ? rowsOf(z, width) : own)),
          network,
        ),
      units.flat(),
    );
    return rowsOf(
      units.flat().map((v, k) => v - rate * entry(slope, k)),
      width,
    );
  });
}

describe("steps down the gradient", () => {
  for (const variant of variants)
    for (const link of links)
      test(`move every free layer at once and leave the observed one; ${variant}, ${link}`, async () => {
        const cases: NetworkCase[] = [
          { variant, link, units: [1, 1], seed: 601 },
          { variant, link, units: [3, 2, 4], top: true, batch: 2, seed: 602 },
          { variant, link, units: [2, 3, 3, 2], batch: 2, seed: 603 },
          { variant, link, units: [2, 3, 2], width: 2, top: true, seed: 604 },
        ];
        for (const of of cases) {
          const inputs = inputsOf(of);
          const network = networkOf(of, inputs);
          const names = of.units.map((_, l) => `state.${l}`);
          const got = await read(of, inputs, [...names, "freeEnergy"], {
            rate: 0.05,
            maxIterations: 3,
          });
          const energies = rowsOf(the(got, "freeEnergy").data, 4);
          for (let b = 0; b < (of.batch ?? 1); b++) {
            const course = [layersOf(of, inputs, b)];
            for (let t = 0; t < 3; t++) course.push(stepped(entry(course, t), network, 0.05));
            near(
              { data: entry(energies, b) },
              course.map((at) => networkEnergy(at, network)),
              1e-9,
            );
            near({ data: layersOf(of, got, b).flat(2) }, entry(course, 3).flat(2), 1e-9);
          }
        }
      });

  test("below the bound of the curvature never raise the energy of a linear network", async () => {
    for (const variant of ["structural", "edgewise"] as const) {
      const of: NetworkCase = { variant, link: "identity", units: [3, 4], batch: 40, seed: 610 };
      const inputs = inputsOf(of);
      const network = networkOf(of, inputs);
      // L of unit a: its own precision, 0 at the top, and what its children add.
      const bounds = [0, 1, 2].map((a) =>
        entry(network.precision, 0).reduce((sum, k, c) => {
          const [[w = 0] = []] = entry(entry(entry(network.weight, 0), c), a);
          return sum + k * w * w;
        }, 0),
      );
      const bound = Math.max(...bounds);
      const got = await read(of, inputs, ["freeEnergy"], { rate: 0.99 / bound, maxIterations: 50 });
      expect(got.info.freeEnergy).toEqual({ largestRise: 0, atIteration: 0 });
      const wild = await read(of, inputs, ["freeEnergy"], { rate: 8 / bound, maxIterations: 3 });
      expect(wild.info.freeEnergy?.largestRise).toBeGreaterThan(0);
      expect(wild.info.freeEnergy?.atIteration).toBeGreaterThan(0);
    }
  });
});

describe("beliefs about the top layer", () => {
  const of: NetworkCase = { variant: "structural", link: "identity", units: [2, 3], seed: 620 };

  test("are numbers for all units, or parameters one a unit, with the same answer where they agree", async () => {
    const inputs = inputsOf(of);
    const names = ["state.0", "freeEnergy", "gradient.state.0"];
    const fixed = await read(of, inputs, names, {
      topPrecision: 2,
      topMean: 0.5,
      maxIterations: 3,
    });
    const given = { ...inputs, top_precision: tensor([2, 2]), top_mean: tensor([0.5, 0.5]) };
    const learned = await read({ ...of, top: true }, given, names, { maxIterations: 3 });
    for (const name of names) near(the(learned, name), Array.from(the(fixed, name).data));
  });

  test("hold units that nothing below pulls at their mean", async () => {
    const inputs = {
      ...inputsOf(of),
      "weight.0": tensor([
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
    };
    const got = await read(of, inputs, ["state.0"], {
      topPrecision: 3,
      topMean: -0.7,
      update: "closed",
      maxIterations: 1,
    });
    near(the(got, "state.0"), [-0.7, -0.7]);
  });

  test("left out leave such units where they are", async () => {
    for (const width of [undefined, 2]) {
      const alone = { ...of, ...(width === undefined ? {} : { width }) };
      const inputs = inputsOf(alone);
      const weight = the(inputs, "weight.0");
      const none = { data: new Float64Array(weight.data.length), shape: weight.shape };
      const got = await read(alone, { ...inputs, "weight.0": none }, ["state.0"], {
        update: "closed",
      });
      near(the(got, "state.0"), Array.from(the(inputs, "state.0").data));
    }
  });
});

describe("exact minima", () => {
  test("settle where the gradient is 0, and a tolerance tells when", async () => {
    for (const width of [undefined, 2])
      for (const variant of ["structural", "edgewise"] as const) {
        const of: NetworkCase = {
          variant,
          link: "identity",
          units: [2, 3, 4],
          top: true,
          ...(width === undefined ? {} : { width }),
          seed: 630,
        };
        const names = ["gradient.state.0", "gradient.state.1", "freeEnergy"];
        const got = await read(of, inputsOf(of), names, {
          update: "closed",
          maxIterations: 5000,
          tolerance: 1e-11,
        });
        expect(got.info.converged).toEqual({ "predictive-coding": true });
        const rounds = got.info.iterations["predictive-coding"] ?? 0;
        expect(rounds).toBeLessThan(5000);
        expect(the(got, "freeEnergy").shape).toEqual([1, rounds + 1]);
        for (const name of names.slice(0, 2))
          near(the(got, name), new Array(the(got, name).data.length).fill(0), 1e-7);
      }
  });

  test("have an energy of all layers before each round, those that the first block does not touch too", async () => {
    for (const variant of ["structural", "edgewise"] as const) {
      const of: NetworkCase = {
        variant,
        link: "identity",
        units: [2, 3, 2, 3],
        batch: 2,
        top: true,
        seed: 631,
      };
      const inputs = inputsOf(of);
      const network = networkOf(of, inputs);
      for (const maxIterations of [0, 1, 2]) {
        const names = ["state.0", "state.1", "state.2", "state.3", "freeEnergy"];
        const got = await read(of, inputs, names, { update: "closed", maxIterations });
        const full = await read(of, inputs, ["freeEnergy"], { update: "closed", maxIterations: 3 });
        for (const b of [0, 1]) {
          const expected = networkEnergy(layersOf(of, got, b), network);
          near({ data: [the(full, "freeEnergy").data[b * 4 + maxIterations] ?? Number.NaN] }, [
            expected,
          ]);
        }
      }
    }
  });

  test("of a tanh link, and of the standard network, are refused", () => {
    for (const options of [{ link: "tanh" }, { variant: "standard" }] as const)
      expect(() => predictiveCoding({ ...options, update: "closed" })).toThrow(
        expect.objectContaining({ code: "bad_model" }),
      );
  });
});

describe("free layers are updated odd ones first", () => {
  test("so that the even ones see them where they are", () => {
    const model = predictiveCoding({ layers: 5, topPrecision: parameter("k", ["n0"]) });
    expect(model.latents.map(({ tensor: name }) => name)).toEqual(
      [1, 3, 0, 2, 4].map((l) => `state.${l}`),
    );
    expect(model.latents.find(({ tensor: name }) => name === "state.0")?.precision).toEqual(
      parameter("k", ["n0"]),
    );
    expect(model.latents.filter(({ precision }) => precision === 0).length).toBe(4);
  });
});

describe("nothing to do is no error", () => {
  const rng = random(640);
  for (const [B, top, low] of [
    [0, 2, 3],
    [1, 0, 3],
    [1, 2, 0],
    [1, 0, 0],
  ] as const)
    for (const update of ["gradient", "closed"] as const)
      for (const variant of update === "closed" ? (["structural", "edgewise"] as const) : variants)
        for (const features of [[], [2]])
          test(`${B} entries of ${top} units over ${low}, ${variant} by ${update}${features.length ? ", vectors" : ""}`, async () => {
            const inputs = {
              "state.0": rng.normal([B, top, ...features]),
              "state.1": rng.normal([B, low, ...features]),
              "weight.0": rng.normal([low, top, ...features, ...features]),
              "precision.0": rng.between(1, 2, [low]),
            };
            for (const tolerance of [0, 1e-9]) {
              const vectors = features.length > 0;
              const model = predictiveCoding({
                variant,
                update,
                vectors,
                maxIterations: 2,
                tolerance,
              });
              const names = ["state.0", "gradient.state.0", "freeEnergy"];
              const got = (await prepare(model, { read: names })).sync(inputs);
              expect(the(got, "state.0").shape).toEqual([B, top, ...features]);
              expect([...the(got, "freeEnergy").data].every(Number.isFinite)).toBe(true);
              if (low === 0) near(the(got, "state.0"), Array.from(inputs["state.0"].data));
            }
          });

  test("no rounds leave the states, with the gradient where they are", async () => {
    const of: NetworkCase = { variant: "structural", link: "tanh", units: [2, 3], seed: 641 };
    const inputs = inputsOf(of);
    const got = await read(of, inputs, ["state.0", "freeEnergy"], { maxIterations: 0 });
    near(the(got, "state.0"), Array.from(the(inputs, "state.0").data), 0);
    expect(the(got, "freeEnergy").shape).toEqual([1, 1]);
  });
});
