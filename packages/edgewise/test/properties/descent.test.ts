/**
 * I15, I16 and I20 of the mathematics: the concave–convex step lowers F by ½ ‖z⁺ − z‖²_Λ or more, it
 * rests exactly where the gradient vanishes, and weighted means lower the energy of a mixture.
 */
import {
  alternate,
  bilinear,
  blockSlot,
  cccp,
  edgeModel,
  factor,
  hopfield,
  type Inputs,
  type LatentModel,
  latent,
  latentModel,
  parameter,
  predictiveCoding,
  type Readings,
  slot,
} from "edgewise";
import { describe, expect, test } from "vitest";
import {
  batches,
  blockSlotEnergy,
  blockSlotStep,
  by,
  dot,
  entry,
  fell,
  hopfieldEnergy,
  hopfieldStep,
  logSumExp,
  minus,
  mixtureEnergy,
  networkEnergy,
  norm,
  plus,
  rowsOf,
  slotEnergy,
  slotMean,
  slotSum,
  slotsOverInputs,
  softmax,
  squared,
  times,
  total,
  transposed,
} from "../enumeration/freeEnergy.ts";
import type { Matrix } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

type Read = Readings<string>;
const run = async (model: LatentModel, inputs: Inputs, read: readonly string[]): Promise<Read> =>
  (await prepare(model, { read })).sync(inputs);

/** One draw of a model with one latent: its states before and after one round, and both energies. */
interface Step {
  readonly before: Matrix;
  readonly after: Matrix;
  readonly energy: readonly [number, number];
}
async function steps(model: LatentModel, state: string, inputs: Inputs): Promise<Step[]> {
  const got = await run(model, inputs, [state, "freeEnergy"]);
  const [before, after] = [batches(the(inputs, state)), batches(the(got, state))];
  const width = entry(before, 0).length;
  const energy = rowsOf(the(got, "freeEnergy").data, 2);
  return before.map((matrix, b) => {
    // Models whose nodes are apart keep an energy for each.
    const per = energy.length === before.length ? [entry(energy, b)] : energy.slice(b * width);
    const both = [0, 1].map((t) =>
      total(per.slice(0, energy.length / before.length).map((row) => entry(row, t))),
    );
    return { before: matrix, after: entry(after, b), energy: [entry(both, 0), entry(both, 1)] };
  });
}
const moved = ({ before, after }: Pick<Step, "before" | "after">): number =>
  total(before.map((z, i) => squared(minus(entry(after, i), z))));

/** How one mechanism's draws are made, and what the mathematics says of each. */
interface Case {
  readonly model: (damping?: number) => LatentModel;
  readonly state: string;
  /** Inputs, and the data of each draw. */
  readonly draw: (seed: number) => { inputs: Inputs; data: Matrix[] };
  readonly energy: (z: Matrix, data: Matrix) => number;
  readonly step: (z: Matrix, data: Matrix) => Matrix;
}
const shapes = [
  { N: 1, M: 1, D: 1 },
  { N: 1, M: 3, D: 2 },
  { N: 2, M: 5, D: 3 },
  { N: 3, M: 8, D: 2 },
  { N: 4, M: 4, D: 4 },
] as const;
const damped = (model: LatentModel, damping: number): LatentModel =>
  latentModel({ ...model, inference: cccp({ damping }) });

const cases: Record<string, Case[]> = {
  "Hopfield, 3000 draws": [0.1, 0.5, 1, 2, 8].flatMap((beta) =>
    shapes.slice(1, 4).map(({ M, D }) => ({
      model: (damping = 1) => hopfield({ precision: beta, damping }),
      state: "state",
      draw: (seed) => {
        const rng = random(seed);
        const inputs = {
          state: rng.normal([200, 1, D], 2),
          patterns: rng.normal([200, M, D], 1.5),
        };
        return { inputs, data: batches(inputs.patterns) };
      },
      energy: ([z = []], data) => hopfieldEnergy(z, data, beta),
      step: ([z = []], data) => [hopfieldStep(z, data, beta)],
    })),
  ),
  "slots that take sums, 500 draws": shapes.map(({ N, M, D }) => ({
    model: (damping = 1) => damped(slot({ maxIterations: 1 }), damping),
    state: "slots",
    draw: (seed) => {
      const rng = random(seed);
      const inputs = { slots: rng.normal([100, N, D], 1.5), inputs: rng.normal([100, M, D]) };
      return { inputs, data: batches(inputs.inputs) };
    },
    energy: slotEnergy,
    step: (z, data) => slotSum(z, data),
  })),
  "block slots, 300 draws": [1, 2, 3].map((blocks) => {
    const [N, M, K, C] = [blocks + 1, 5, 4, 2];
    const memory = random(31 + blocks).normal([blocks, K, C], 1.5);
    const prototypes = batches(memory);
    return {
      model: (damping = 1) => damped(blockSlot({ maxIterations: 1 }), damping),
      state: "slots",
      draw: (seed) => {
        const rng = random(seed);
        const D = blocks * C;
        const inputs = {
          slots: rng.normal([100, N, D], 1.5),
          inputs: rng.normal([100, M, D]),
          memory,
        };
        return { inputs, data: batches(inputs.inputs) };
      },
      energy: (z, data) => blockSlotEnergy(z, data, prototypes),
      step: (z, data) => blockSlotStep(z, data, prototypes),
    };
  }),
};

for (const [name, of] of Object.entries(cases))
  describe(`one round of ${name}`, () => {
    test("lowers the energy by half the squared length of the step", async () => {
      for (const [k, { model, state, draw, energy, step }] of of.entries()) {
        const { inputs, data } = draw(100 + k);
        const taken = await steps(model(), state, inputs);
        expect(taken.length).toBe(data.length);
        for (const [b, s] of taken.entries()) {
          const [from, to] = [energy(s.before, entry(data, b)), energy(s.after, entry(data, b))];
          near({ data: s.energy }, [from, to], 1e-11 * (10 + Math.abs(from) + Math.abs(to)));
          near({ data: s.after.flat() }, step(s.before, entry(data, b)));
          expect(fell(from, to, moved(s) / 2), `draw ${b}: ${from} to ${to}`).toBe(true);
        }
      }
    });

    for (const damping of [0.1, 0.7, 1.3, 1.9])
      test(`damped by ${damping}, lowers it by η (1 − η/2) of that of the whole step`, async () => {
        for (const [k, { model, state, draw, energy, step }] of of.slice(0, 5).entries()) {
          const { inputs, data } = draw(200 + k);
          for (const [b, s] of (await steps(model(damping), state, inputs)).entries()) {
            const whole = step(s.before, entry(data, b));
            const expected = s.before.map((z, i) =>
              plus(z, times(damping, minus(entry(whole, i), z))),
            );
            near({ data: s.after.flat() }, expected);
            const enough = damping * (1 - damping / 2) * moved({ before: s.before, after: whole });
            const [from, to] = [energy(s.before, entry(data, b)), energy(s.after, entry(data, b))];
            expect(fell(from, to, enough), `draw ${b}: ${from} to ${to}`).toBe(true);
          }
        }
      });

    test("is the state less the gradient", async () => {
      for (const [k, { model, state, draw }] of of.entries()) {
        const { inputs } = draw(300 + k);
        const start = latentModel({ ...model(), inference: cccp({ maxIterations: 0 }) });
        const slope = the(await run(start, inputs, [`gradient.${state}`]), `gradient.${state}`);
        const next = the(await run(model(), inputs, [state]), state);
        const from = the(inputs, state).data;
        near(
          slope,
          Array.from(from, (z, e) => z - entry(Array.from(next.data), e)),
        );
      }
    });
  });

describe("a point where the gradient vanishes", () => {
  test("is where further rounds rest, and elsewhere they move", async () => {
    const rng = random(7);
    const inputs = { slots: rng.normal([20, 3, 2], 1.5), inputs: rng.normal([20, 5, 2]) };
    const settled = await run(slot({ maxIterations: 3000 }), inputs, ["slots", "gradient.slots"]);
    near(the(settled, "gradient.slots"), new Array(120).fill(0), 1e-9);
    const again = await run(
      slot({ maxIterations: 1 }),
      { ...inputs, slots: the(settled, "slots") },
      ["slots"],
    );
    near(the(again, "slots"), Array.from(the(settled, "slots").data), 1e-9);
    const first = await run(slot({ maxIterations: 0 }), inputs, ["slots", "gradient.slots"]);
    for (const slope of rowsOf(the(first, "gradient.slots").data, 6))
      expect(norm(slope)).toBeGreaterThan(1e-3);
  });

  test("is as far from a state as its precision says: ∇F = Λ (z − z⁺), with beliefs about the state", async () => {
    const rng = random(8);
    const shape = ["B", "N", "D"];
    const edges = edgeModel({
      nodes: {
        query: { tensor: "z", shape },
        key: { tensor: "x", shape: ["B", "M", "C"] },
      },
      potential: bilinear(),
    });
    const [precision, mean] = [parameter("precision", ["D"]), parameter("mean", ["N", "D"])];
    const model = latentModel({
      name: "recall",
      latents: [latent("z", shape, { precision, mean })],
      factors: [factor("recalled", edges)],
      inference: cccp(),
    });
    const inputs = {
      z: rng.normal([40, 2, 3]),
      x: rng.normal([40, 4, 2]),
      weight: rng.normal([3, 2]),
      precision: rng.between(0.2, 3, [3]),
      mean: rng.normal([2, 3]),
    };
    const start = latentModel({ ...model, inference: cccp({ maxIterations: 0 }) });
    const slope = the(await run(start, inputs, ["gradient.z"]), "gradient.z");
    const taken = await steps(model, "z", inputs);
    const means = rowsOf(inputs.mean.data, 3);
    const W = rowsOf(inputs.weight.data, 2);
    const lambda = Array.from(inputs.precision.data);
    const energy = (z: Matrix, x: Matrix): number =>
      total(
        z.map((row, i) => {
          const gap = minus(row, entry(means, i));
          const belief = total(gap.map((g, d) => (entry(lambda, d) * g * g) / 2));
          return belief - logSumExp(x.map((r) => dot(row, by(W, r)))) + Math.log(x.length);
        }),
      );
    for (const [b, { before, after, energy: both }] of taken.entries()) {
      const x = entry(batches(inputs.x), b);
      for (const [i, z] of before.entries()) {
        const P = softmax(x.map((r) => dot(z, by(W, r))));
        const pull = x.reduce<number[]>(
          (sum, r, j) => plus(sum, times(entry(P, j), by(W, r))),
          [0, 0, 0],
        );
        const next = pull.map((g, d) => entry(entry(means, i), d) + g / entry(lambda, d));
        near({ data: entry(after, i) }, next);
        const expected = z.map((v, d) => entry(lambda, d) * (v - entry(next, d)));
        near({ data: slope.data.slice((b * 2 + i) * 3, (b * 2 + i) * 3 + 3) }, expected);
      }
      const gap = before.flatMap((z, i) =>
        minus(entry(after, i), z).map((g, d) => entry(lambda, d) * g * g),
      );
      const [from, to] = [energy(before, x), energy(after, x)];
      near({ data: both }, [from, to]);
      expect(fell(from, to, total(gap) / 2)).toBe(true);
    }
  });
});

test("any weight between latents and data, positive or not: 0 of 2000 draws rise", async () => {
  const shape = ["B", "N", "D"];
  const edges = edgeModel({
    chooser: "sender",
    nodes: { query: { tensor: "z", shape }, key: { tensor: "x", shape: ["B", "M", "C"] } },
    potential: bilinear(),
  });
  const model = latentModel({
    name: "free weights",
    latents: [latent("z", shape)],
    factors: [factor("chosen", edges, { normalised: false })],
    inference: cccp(),
  });
  const attend = await prepare(model, { read: ["z", "freeEnergy"] });
  let draws = 0;
  for (let w = 0; w < 40; w++) {
    const rng = random(500 + w);
    const inputs = {
      z: rng.normal([50, 3, 3]),
      x: rng.normal([50, 4, 2]),
      weight: rng.normal([3, 2], 1.5),
    };
    const after = batches(the(attend.sync(inputs), "z"));
    const W = rowsOf(inputs.weight.data, 2);
    const data = batches(inputs.x);
    for (const [b, before] of batches(inputs.z).entries()) {
      const keys = entry(data, b).map((x) => by(W, x));
      const now = entry(after, b);
      near({ data: now.flat() }, slotSum(before, keys));
      const enough = moved({ before, after: now }) / 2;
      expect(fell(slotEnergy(before, keys), slotEnergy(now, keys), enough)).toBe(true);
      draws++;
    }
  }
  expect(draws).toBe(2000);
});

describe("slots that normalise over the inputs instead", () => {
  const rng = random(11);
  const draws = 2000;
  const [starts, data] = [rng.normal([draws, 3, 2], 1.5), rng.normal([draws, 5, 2], 1)];
  const given = batches(data);
  const both = batches(starts).map((slots, b) => ({ slots, inputs: entry(given, b) }));

  test("raise the energy in some of many starts, which the right axis never does", () => {
    const rises = (step: (slots: Matrix, inputs: Matrix) => Matrix): number =>
      both.filter(
        ({ slots, inputs }) =>
          !fell(slotEnergy(slots, inputs), slotEnergy(step(slots, inputs), inputs), 0),
      ).length;
    expect(rises(slotSum)).toBe(0);
    expect(rises(slotsOverInputs) / draws).toBeGreaterThan(0.01);
  });

  test("do not conserve what the inputs carry, which the library does in every draw", async () => {
    const got = await run(slot({ maxIterations: 1 }), { slots: starts, inputs: data }, ["slots"]);
    const gap = (slots: Matrix, inputs: Matrix): number =>
      norm(minus(transposed(slots).map(total), transposed(inputs).map(total)));
    const after = batches(the(got, "slots"));
    both.forEach(({ slots, inputs }, b) => {
      expect(gap(entry(after, b), inputs)).toBeLessThan(1e-12);
      expect(gap(slotsOverInputs(slots, inputs), inputs)).toBeGreaterThan(1e-3);
    });
  });
});

describe("slots that take means", () => {
  test("by distance, lower the energy of the mixture in 500 draws", async () => {
    for (const [k, { N, M, D }] of shapes.entries()) {
      const rng = random(600 + k);
      const inputs = { slots: rng.normal([100, N, D], 2), inputs: rng.normal([100, M, D], 2) };
      const model = slot({ update: "mean", responsibilities: "distance", maxIterations: 1 });
      const all = batches(inputs.inputs);
      for (const [b, s] of (await steps(model, "slots", inputs)).entries()) {
        const data = entry(all, b);
        const [from, to] = [mixtureEnergy(s.before, data), mixtureEnergy(s.after, data)];
        near({ data: s.energy }, [from, to], 1e-11 * (1 + Math.abs(from)));
        near({ data: s.after.flat() }, slotMean(s.before, data), 1e-9);
        expect(fell(from, to, 0), `${from} to ${to}`).toBe(true);
      }
    }
  });

  test("by product, follow no energy: the plain one rises in some of many starts", () => {
    const rng = random(13);
    const [starts, data] = [batches(rng.normal([3000, 3, 2])), batches(rng.normal([3000, 5, 2]))];
    const rises = starts.filter((slots, b) => {
      const inputs = entry(data, b);
      const after = slotMean(slots, inputs, dot);
      return !fell(slotEnergy(slots, inputs), slotEnergy(after, inputs), 0);
    });
    expect(rises.length).toBeGreaterThan(0);
  });
});

describe("exact minima of predictive coding, 1000 rounds", () => {
  for (const variant of ["structural", "edgewise"] as const)
    test(`never raise the energy of a ${variant} network`, async () => {
      const sizes = [2, 3, 4];
      const model = predictiveCoding({ layers: 2, variant, update: "closed", maxIterations: 10 });
      const attend = await prepare(model, {
        read: ["state.0", "state.1", "freeEnergy", "gradient.state.0"],
      });
      let rounds = 0;
      for (let w = 0; w < 10; w++) {
        const rng = random(700 + w);
        const inputs = {
          "state.0": rng.normal([10, 2]),
          "state.1": rng.normal([10, 3]),
          "state.2": rng.normal([10, 4], 2),
          "weight.0": rng.normal([3, 2]),
          "weight.1": rng.normal([4, 3]),
          "precision.0": rng.between(0.3, 4, [3]),
          "precision.1": rng.between(0.3, 4, [4]),
        };
        const got = attend.sync(inputs);
        const network = {
          variant,
          link: "identity" as const,
          weight: [0, 1].map((l) =>
            rowsOf(the(inputs, `weight.${l}`).data, entry(sizes, l)).map((row) =>
              row.map((v) => [[v]]),
            ),
          ),
          precision: [0, 1].map((l) => Array.from(the(inputs, `precision.${l}`).data)),
          topPrecision: [0, 0],
          topMean: [0, 0],
        };
        const layer = (of: { data: ArrayLike<number> }, l: number, b: number): number[][] =>
          entry(rowsOf(of.data, entry(sizes, l)), b).map((v) => [v]);
        for (const [b, course] of rowsOf(the(got, "freeEnergy").data, 11).entries()) {
          const start = sizes.map((_, l) => layer(the(inputs, `state.${l}`), l, b));
          const end = sizes.map((_, l) =>
            layer(l === 2 ? inputs["state.2"] : the(got, `state.${l}`), l, b),
          );
          near({ data: [entry(course, 0), entry(course, 10)] }, [
            networkEnergy(start, network),
            networkEnergy(end, network),
          ]);
          for (let t = 0; t < 10; t++, rounds++)
            expect(fell(entry(course, t), entry(course, t + 1), 0)).toBe(true);
          expect(entry(course, 0) - entry(course, 10)).toBeGreaterThan(0.01);
        }
      }
      expect(rounds).toBe(1000);
    });
});

describe("retrieval by a Hopfield network, 3000 draws", () => {
  const [M, D] = [5, 4];
  const draws = 3000;
  const rng = random(17);
  const patterns = rng.normal([draws, M, D], 1.5);
  const memories = batches(patterns);
  const greatest = memories.map((rows) => Math.max(...rows.map(norm)));
  // States of random length up to that of the longest pattern.
  const states = batches(rng.normal([draws, 1, D])).map(([z = []], b) =>
    times((entry(greatest, b) * rng.next()) / norm(z), z),
  );
  const state = { data: Float64Array.from(states.flat()), shape: [draws, 1, D] };

  for (const precision of [0.3, 1, 4])
    test(`stays between 0 and 2 M², in the hull, and within 2M (N − 1) exp(−βδ) of each pattern; β ${precision}`, async () => {
      const got = await run(hopfield({ precision }), { state, patterns }, ["state", "freeEnergy"]);
      const energies = rowsOf(the(got, "freeEnergy").data, 2);
      let near1 = 0;
      batches(the(got, "state")).forEach(([after = []], b) => {
        const rows = entry(memories, b);
        const length = entry(greatest, b);
        for (const energy of entry(energies, b)) {
          expect(energy).toBeGreaterThanOrEqual(-1e-12);
          expect(energy).toBeLessThanOrEqual(2 * length ** 2 + 1e-12);
        }
        transposed(rows).forEach((column, d) => {
          expect(entry(after, d)).toBeGreaterThanOrEqual(Math.min(...column) - 1e-12);
          expect(entry(after, d)).toBeLessThanOrEqual(Math.max(...column) + 1e-12);
        });
        rows.forEach((x, i) => {
          const others = rows.filter((_, j) => j !== i);
          const gap = Math.min(...others.map((o) => dot(entry(states, b), minus(x, o))));
          const bound = 2 * length * (M - 1) * Math.exp(-precision * gap);
          const distance = norm(minus(after, x));
          expect(distance).toBeLessThanOrEqual(bound + 1e-12);
          if (bound < length / 2) near1++;
        });
      });
      // The bound says something in many of the draws.
      expect(near1).toBeGreaterThan(precision < 1 ? 0 : 300);
    });
});

test("beliefs of precision 0 leave mixtures where their data are", async () => {
  const rng = random(19);
  const inputs = { slots: rng.normal([3, 2, 2], 3), inputs: rng.normal([3, 6, 2], 3) };
  const collected = slot({ update: "mean", responsibilities: "distance", maxIterations: 200 });
  const minimised = { ...collected, inference: alternate({ maxIterations: 200 }) };
  for (const model of [collected, minimised]) {
    const got = await run(model, inputs, ["slots", "gradient.slots"]);
    near(the(got, "gradient.slots"), new Array(12).fill(0), 1e-6);
  }
});
