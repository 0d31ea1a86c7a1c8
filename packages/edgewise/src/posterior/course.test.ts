import { describe, expect, test } from "vitest";
import { prepare } from "../../test/inDouble.ts";
import {
  alternate,
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
  tensor,
} from "../index.ts";
import { type Course, checkCourse } from "./course.ts";

const shape = ["B", "N", "D"];
const nodes = { query: { tensor: "z", shape }, key: { tensor: "x", shape: ["B", "M", "D"] } };
const recall = (inference: LatentInference, potential: Potential) =>
  latentModel({
    name: "recall",
    latents: [latent("z", shape)],
    factors: [factor("recalled", edgeModel({ nodes, potential }))],
    inference,
  });
const inputs: Inputs = { z: tensor([[[1]]]), x: tensor([[[3]]]) };
const run = async (
  inference: LatentInference,
  potential: Potential,
  read = ["z", "freeEnergy"],
  given = inputs,
) => (await prepare(recall(inference, potential), { read })).sync(given);

describe("an energy that rose", () => {
  test("under a concave–convex step is refused: squared errors are concave in the latent", async () => {
    // z⁺ = −5 (z − 3) from 1: F goes from ½ + 10 to 50 + 122.5.
    const [from, to] = [0.5 + 10, 50 + 2.5 * 49];
    await expect(run(cccp(), gaussian({ precision: 5, normalised: false }))).rejects.toMatchObject({
      code: "not_monotone",
      where: "recall",
      got: `a free energy that rose by ${(to - from).toExponential(1)} in iteration 1`,
      expected: expect.stringContaining("never rises"),
      fix: expect.stringMatching(/descend.*affine \(cccp\) or quadratic \(alternate\)/),
    });
  });

  test("names the iteration in which it first rose", async () => {
    await expect(run(cccp({ maxIterations: 3 }), gaussian({ precision: 5 }))).rejects.toMatchObject(
      {
        got: expect.stringContaining("in iteration 1"),
      },
    );
  });

  test("is not looked at where it is not read, and the same data are fine for exact minima", async () => {
    const potential = gaussian({ precision: 5 });
    expect((await run(cccp(), potential, ["z"])).z?.data).toEqual(Float64Array.of(10));
    const got = await run(alternate({ maxIterations: 3 }), potential);
    expect(got.z?.data[0]).toBeCloseTo(2.5, 12);
    expect(got.info.freeEnergy).toEqual({ largestRise: 0, atIteration: 0 });
  });

  test("under a concave–convex step with a text that bends is refused", async () => {
    const bent = scored("0 - 3 * score * score", scaledDot({ scale: 1 }));
    await expect(run(cccp(), bent)).rejects.toMatchObject({ code: "not_monotone" });
  });

  test("under descent is told: by how much and when", async () => {
    // F = ½ z² + 5/2 (z − 3)², slope 6 z − 15; a rate of 1 overshoots fivefold.
    const got = await run(
      descend({ rate: 1, maxIterations: 2 }),
      gaussian({ precision: 5, normalised: false }),
    );
    const energy = (z: number): number => (z * z) / 2 + 2.5 * (z - 3) ** 2;
    const course = [1, 10, -35].map(energy);
    expect([...(got.freeEnergy?.data ?? [])]).toEqual(course);
    const rises = [1, 2].map((t) => (course[t] ?? 0) - (course[t - 1] ?? 0));
    expect(got.info.freeEnergy).toEqual({ largestRise: Math.max(...rises), atIteration: 2 });
  });

  test("in one of many batch entries is told for that one", async () => {
    const given = { z: tensor([[[2.5]], [[1]], [[2.5]]]), x: tensor([[[3]], [[3]], [[3]]]) };
    const potential = gaussian({ precision: 5, normalised: false });
    const got = await run(descend({ rate: 1, maxIterations: 1 }), potential, ["freeEnergy"], given);
    expect(got.info.freeEnergy?.atIteration).toBe(1);
    expect(got.info.freeEnergy?.largestRise).toBeCloseTo(50 + 122.5 - 10.5, 10);
  });
});

describe("an energy that left the numbers", () => {
  test("names the quantity, its first rise and the iteration, and what to do", async () => {
    const divergent = descend({ rate: 10, maxIterations: 400 });
    await expect(run(divergent, gaussian({ precision: 5 }))).rejects.toMatchObject({
      code: "not_finite",
      where: "recall",
      got: expect.stringMatching(
        /a free energy that rose by 2\.3e\+4 in iteration 1, .* in iteration \d+$/,
      ),
      fix: expect.stringContaining("smaller steps"),
    });
  });

  test("is refused when only the state is read, too", async () => {
    const divergent = descend({ rate: 10, maxIterations: 400 });
    await expect(run(divergent, gaussian({ precision: 5 }), ["z"])).rejects.toMatchObject({
      code: "not_finite",
    });
  });

  test("at the start says so", async () => {
    const given = { z: tensor([[[1e200]]]), x: tensor([[[0]]]) };
    await expect(run(cccp(), scaledDot({ scale: 1 }), ["freeEnergy"], given)).rejects.toMatchObject(
      {
        code: "not_finite",
        got: expect.stringContaining("Infinity"),
      },
    );
  });
});

/** A course of energies [entries, rounds], each with terms of a size. */
function courseOf(
  energy: readonly (readonly number[])[],
  size: number,
  model: LatentModel = hopfield(),
): Course | undefined {
  const freeEnergy = tensor(energy);
  const magnitude = { data: freeEnergy.data.map(() => size), shape: freeEnergy.shape };
  return checkCourse(model, { freeEnergy, magnitude });
}

describe("the course of an energy", () => {
  test("does not count rises that rounding of its terms explains", () => {
    expect(courseOf([[1, 1 + 1e-10]], 1)).toEqual({ largestRise: 0, atIteration: 0 });
    expect(() => courseOf([[1, 1 + 1e-8]], 1)).toThrow("not_monotone");
    // A small difference of large terms is only rounding.
    expect(courseOf([[1, 1 + 1e-4]], 1e6)).toEqual({ largestRise: 0, atIteration: 0 });
    expect(() => courseOf([[1, 1 + 1e-2]], 1e6)).toThrow("not_monotone");
  });

  test("is followed to fewer digits where the energies are in single precision", () => {
    const single = (...energy: number[]) => {
      const freeEnergy = { data: Float32Array.from(energy), shape: [1, energy.length] };
      const magnitude = { data: freeEnergy.data.map(() => 1), shape: freeEnergy.shape };
      return checkCourse(hopfield(), { freeEnergy, magnitude });
    };
    expect(single(1, 1 + 2e-5)).toEqual({ largestRise: 0, atIteration: 0 });
    expect(() => single(1, 1 + 2e-4)).toThrow("not_monotone");
  });

  test("is that of each entry by itself: the next one may start higher", () => {
    expect(
      courseOf(
        [
          [1, 0],
          [5, 4],
        ],
        1,
      ),
    ).toEqual({ largestRise: 0, atIteration: 0 });
    expect(() =>
      courseOf(
        [
          [1, 0],
          [5, 6],
        ],
        1,
      ),
    ).toThrow("1.0e+0 in iteration 1");
    expect(() =>
      courseOf(
        [
          [5, 4, 6],
          [1, 2, 0],
        ],
        1,
      ),
    ).toThrow("1.0e+0 in iteration 1");
  });

  test("compares terms before and after: large ones on either side make a rise rounding", () => {
    const freeEnergy = tensor([[1, 1 + 1e-7]]);
    for (const data of [Float64Array.of(1e6, 1), Float64Array.of(1, 1e6)])
      expect(checkCourse(hopfield(), { freeEnergy, magnitude: { data, shape: [1, 2] } })).toEqual({
        largestRise: 0,
        atIteration: 0,
      });
  });

  test("is refused where it is not finite, with what came before", () => {
    const { NaN: none, POSITIVE_INFINITY: endless } = Number;
    expect(() => courseOf([[none, 1]], 1)).toThrow("a free energy of NaN at the start");
    expect(() => courseOf([[1, endless]], 1)).toThrow(
      "a free energy of Infinity after iteration 1",
    );
    expect(() => courseOf([[1, 3, none]], 1, recall(descend(), gaussian()))).toThrow(
      "rose by 2.0e+0 in iteration 1 and was NaN after iteration 2",
    );
    // What another entry did is not what came before.
    expect(() =>
      courseOf(
        [
          [1, 3],
          [1, none],
        ],
        1,
        recall(descend(), gaussian()),
      ),
    ).toThrow("a free energy of NaN after iteration 1");
  });

  test("is silent where no energy was read, and where nothing is latent", () => {
    expect(checkCourse(hopfield(), {})).toBeUndefined();
    expect(
      checkCourse(edgeModel(), { freeEnergy: tensor([0]), magnitude: tensor([0]) }),
    ).toBeUndefined();
  });

  test("of one value, before any round, has not risen", async () => {
    const given = { slots: tensor([[[1, 2]]]), inputs: tensor([[[3, 4]]]) };
    const got = (await prepare(slot({ maxIterations: 0 }), { read: ["freeEnergy"] })).sync(given);
    expect(got.info.freeEnergy).toEqual({ largestRise: 0, atIteration: 0 });
  });
});
