import { type Inputs, type SlotOptions, slot, tensor } from "edgewise";
import { describe, expect, test } from "vitest";
import { gru, layerNorm, perceptron, weightedMean } from "../enumeration/cells.ts";
import {
  batches,
  by,
  byDistance,
  dot,
  entry,
  mixtureEnergy,
  one,
  plus,
  responsibilities,
  rowsOf,
  slotEnergy,
  slotMean,
  slotSum,
  softmax,
  total,
  transposed,
} from "../enumeration/freeEnergy.ts";
import type { Matrix } from "../enumeration/oracle.ts";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

async function read(options: SlotOptions, inputs: Inputs, names: readonly string[]) {
  return (await prepare(slot(options), { read: names })).sync(inputs);
}
const rng = random(301);
const [B, N, M, D] = [3, 4, 6, 3];
const inputs = { slots: rng.normal([B, N, D]), inputs: rng.normal([B, M, D]) };
const both = ["slots", "responsibilities"];

type Step = (slots: Matrix, data: Matrix) => Matrix;
const pairs: [SlotOptions["update"] & string, SlotOptions["responsibilities"] & string, Step][] = [
  ["sum", "dot", (z, x) => slotSum(z, x)],
  ["sum", "distance", (z, x) => slotSum(z, x, byDistance)],
  ["mean", "dot", (z, x) => slotMean(z, x, dot)],
  ["mean", "distance", (z, x) => slotMean(z, x)],
];

describe("three rounds of slots", () => {
  for (const [update, by, step] of pairs)
    test(`that take the ${update} by ${by} are those of plain loops, and so are the last responsibilities`, async () => {
      const options = { update, responsibilities: by, maxIterations: 3 } as const;
      const got = await read(options, inputs, both);
      const chosen = batches(the(got, "responsibilities"));
      batches(inputs.slots).forEach((start, b) => {
        const data = entry(batches(inputs.inputs), b);
        const second = step(step(start, data), data);
        near({ data: entry(batches(the(got, "slots")), b).flat() }, step(second, data));
        const score = by === "dot" ? dot : byDistance;
        near({ data: entry(chosen, b).flat() }, transposed(responsibilities(second, data, score)));
      });
      expect(the(got, "responsibilities").shape).toEqual([B, M, N]);
    });

  test("follow an energy for the sum by product and the mean by distance only", async () => {
    const energies = await Promise.all(
      pairs.map(async ([update, by]) => {
        const model = slot({ update, responsibilities: by });
        const names = Object.keys(await posteriorExpectation(model, inputs));
        return names.includes("freeEnergy");
      }),
    );
    expect(energies).toEqual([true, false, false, true]);
    const data = batches(inputs.inputs);
    for (const [update, by, energy] of [
      ["sum", "dot", slotEnergy],
      ["mean", "distance", mixtureEnergy],
    ] as const) {
      const got = await read({ update, responsibilities: by, maxIterations: 4 }, inputs, [
        "freeEnergy",
      ]);
      expect(the(got, "freeEnergy").shape).toEqual([B, 5]);
      rowsOf(the(got, "freeEnergy").data, 5).forEach((row, b) => {
        expect(entry(row, 0)).toBeCloseTo(
          energy(entry(batches(inputs.slots), b), entry(data, b)),
          11,
        );
      });
    }
  });

  test("of inputs that a matrix projects are those of projected inputs", async () => {
    const wide = rng.normal([B, M, D + 2]);
    const key_weight = rng.normal([D, D + 2]);
    const W = rowsOf(key_weight.data, D + 2);
    const keys = batches(wide).map((x) => x.map((row) => by(W, row)));
    for (const [update, responsible] of pairs) {
      const options = { update, responsibilities: responsible, maxIterations: 2 } as const;
      const given = { slots: inputs.slots, inputs: wide, key_weight };
      const got = await read({ ...options, projects: true }, given, both);
      const plain = await read(options, { slots: inputs.slots, inputs: tensor(keys) }, both);
      for (const name of both) near(the(got, name), Array.from(the(plain, name).data));
    }
  });
});

describe("one slot", () => {
  const alone = { slots: rng.normal([B, 1, D]), inputs: inputs.inputs };
  for (const [update, responsible] of pairs)
    test(`collects the ${update} of all inputs by ${responsible}, wherever it was`, async () => {
      const options = { update, responsibilities: responsible } as const;
      const got = await read(options, alone, both);
      const expected = batches(inputs.inputs).map((x) =>
        transposed(x).map((column) => total(column) / (update === "sum" ? 1 : M)),
      );
      near(the(got, "slots"), expected);
      near(the(got, "responsibilities"), new Array(B * M).fill(1));
    });
});

/** Learned tensors of a small model, and the same in nested arrays. */
function learned(W: number, X: number, seed: number) {
  const from = random(seed);
  const tensors: Inputs = {
    key_weight: from.normal([D, W]),
    value_weight: from.normal([D, W]),
    query_weight: from.normal([D, D]),
    ...Object.fromEntries(
      [
        ["input_norm", W],
        ["slot_norm", D],
        ["mlp_norm", D],
      ].flatMap(([name, width]) => [
        [`${name}.weight`, from.between(0.5, 1.5, [width as number])],
        [`${name}.bias`, from.normal([width as number], 0.3)],
      ]),
    ),
    "gru.weight_ih": from.normal([3 * D, D], 0.7),
    "gru.weight_hh": from.normal([3 * D, D], 0.7),
    "gru.bias_ih": from.normal([3 * D], 0.3),
    "gru.bias_hh": from.normal([3 * D], 0.3),
    "mlp.0.weight": from.normal([X, D]),
    "mlp.0.bias": from.normal([X], 0.3),
    "mlp.1.weight": from.normal([D, X]),
    "mlp.1.bias": from.normal([D], 0.3),
  };
  const row = (name: string): number[] => Array.from(the(tensors, name).data);
  const matrix = (name: string): number[][] =>
    rowsOf(row(name), entry(the(tensors, name).shape, 1));
  const normed = (name: string, x: readonly number[]): number[] =>
    layerNorm(x, row(`${name}.weight`), row(`${name}.bias`));
  const round = (slots: Matrix, data: Matrix, epsilon: number) => {
    const ready = data.map((x) => normed("input_norm", x));
    const [keys, values] = ["key_weight", "value_weight"].map((name) =>
      ready.map((x) => by(matrix(name), x)),
    ) as [number[][], number[][]];
    const queries = slots.map((z) => by(matrix("query_weight"), normed("slot_norm", z)));
    const P = keys.map((k) => softmax(queries.map((q) => dot(q, k) / Math.sqrt(D))));
    const next = slots.map((z, i) => {
      const cell = {
        weight_ih: matrix("gru.weight_ih"),
        weight_hh: matrix("gru.weight_hh"),
        bias_ih: row("gru.bias_ih"),
        bias_hh: row("gru.bias_hh"),
      };
      const gated = gru(cell, weightedMean(P, values, i, epsilon), z);
      const mlp = {
        first: matrix("mlp.0.weight"),
        firstBias: row("mlp.0.bias"),
        second: matrix("mlp.1.weight"),
        secondBias: row("mlp.1.bias"),
      };
      return plus(gated, perceptron(mlp, normed("mlp_norm", gated)));
    });
    return { next, P };
  };
  return { tensors, round };
}

describe("slots with learned cells", () => {
  for (const [W, X] of [
    [1, 1],
    [3, 5],
    [5, 2],
  ] as const)
    for (const epsilon of [1e-8, 0.1, 0])
      test(`are those of plain loops: inputs of ${W}, ${X} hidden units, ε = ${epsilon}`, async () => {
        const { tensors, round } = learned(W, X, 310 + W);
        const given = {
          slots: inputs.slots,
          inputs: random(320 + W).normal([B, M, W]),
          ...tensors,
        };
        const got = await read(
          { update: "learned", maxIterations: 3, ...(epsilon === 1e-8 ? {} : { epsilon }) },
          given,
          both,
        );
        batches(inputs.slots).forEach((start, b) => {
          const data = entry(batches(given.inputs), b);
          let state: Matrix = start;
          let P: Matrix = [];
          for (let t = 0; t < 3; t++) ({ next: state, P } = round(state, data, epsilon));
          near({ data: entry(batches(the(got, "slots")), b).flat() }, state);
          near({ data: entry(batches(the(got, "responsibilities")), b).flat() }, P);
        });
      });

  test("feel ε: another one is another answer", async () => {
    const { tensors } = learned(3, 4, 330);
    const given = { slots: inputs.slots, inputs: inputs.inputs, ...tensors };
    const [a, b] = await Promise.all(
      [1e-8, 0.1].map((epsilon) => read({ update: "learned", epsilon }, given, ["slots"])),
    );
    const gap = Array.from(the(a ?? {}, "slots").data, (x, k) =>
      Math.abs(x - entry(Array.from(the(b ?? {}, "slots").data), k)),
    );
    expect(Math.max(...gap)).toBeGreaterThan(1e-3);
  });

  test("give an answer for features of no variance, which 1e-5 keeps finite", async () => {
    const { tensors } = learned(3, 4, 331);
    const given = {
      slots: tensor([
        [
          [2, 2, 2],
          [2, 2, 2],
        ],
      ]),
      inputs: tensor([[[1, 1, 1]]]),
      ...tensors,
    };
    const got = await read({ update: "learned", maxIterations: 2 }, given, ["slots"]);
    expect([...the(got, "slots").data].every(Number.isFinite)).toBe(true);
  });
});

describe("a tolerance", () => {
  test("ends the iteration once no number moves by it, and the rounds are told", async () => {
    const got = await read({ maxIterations: 10000, tolerance: 1e-9 }, inputs, [
      "slots",
      "freeEnergy",
    ]);
    const rounds = entry([got.info.iterations["slot"]], 0) as number;
    expect(rounds).toBeGreaterThan(3);
    expect(rounds).toBeLessThan(10000);
    expect(the(got, "freeEnergy").shape).toEqual([B, rounds + 1]);
    expect(got.info.converged).toEqual({ slot: true });
    const exact = await read({ maxIterations: rounds }, inputs, ["slots"]);
    near(the(got, "slots"), Array.from(the(exact, "slots").data), 0);
    // In the last round nothing moved by the tolerance, in the one before something did.
    const [before, last, end] = await Promise.all(
      [rounds - 2, rounds - 1, rounds].map(async (maxIterations) =>
        Array.from(the(await read({ maxIterations }, inputs, ["slots"]), "slots").data),
      ),
    );
    const moved = (a: readonly number[] = [], c: readonly number[] = []): number =>
      Math.max(...a.map((x, k) => Math.abs(x - entry(c, k))));
    expect(moved(before, last)).toBeGreaterThanOrEqual(1e-9);
    expect(moved(last, end)).toBeLessThan(1e-9);
  });

  test("that is not reached says so", async () => {
    const got = await read({ maxIterations: 2, tolerance: 1e-12 }, inputs, ["slots", "freeEnergy"]);
    expect(got.info.converged).toEqual({ slot: false });
    expect(got.info.iterations).toEqual({ slot: 2 });
    expect(the(got, "freeEnergy").shape).toEqual([B, 3]);
  });
});

describe("nothing to do is no error", () => {
  for (const [b, n, m] of [
    [0, 2, 2],
    [2, 0, 3],
    [2, 3, 0],
    [1, 0, 0],
  ] as const)
    for (const [update, responsible] of [
      ...pairs.map(([u, r]) => [u, r] as const),
      ["learned", "dot"] as const,
    ])
      test(`${b} entries of ${n} slots and ${m} inputs, ${update} by ${responsible}`, async () => {
        const extra = update === "learned" ? learned(D, 2, 340).tensors : {};
        const slots = rng.normal([b, n, D]);
        const given = { slots, inputs: rng.normal([b, m, D]), ...extra };
        for (const tolerance of [0, 1e-6]) {
          const options = { update, responsibilities: responsible, maxIterations: 2, tolerance };
          const got = await read(options, given, both);
          expect(the(got, "slots").shape).toEqual([b, n, D]);
          expect(the(got, "responsibilities").shape).toEqual([b, m, n]);
          expect([...the(got, "slots").data].every(Number.isFinite)).toBe(true);
          // Slots without inputs collect nothing: their sum is 0, and a mean without data stays.
          if (update === "sum") near(the(got, "slots"), new Array(b * n * D).fill(0));
          if (update === "mean" && responsible === "distance")
            near(the(got, "slots"), Array.from(slots.data));
        }
      });

  test("no rounds leave the slots, and the energy is that of the start", async () => {
    const got = await read({ maxIterations: 0 }, inputs, [...both, "freeEnergy"]);
    near(the(got, "slots"), Array.from(inputs.slots.data), 0);
    expect(the(got, "freeEnergy").shape).toEqual([B, 1]);
    const chosen = transposed(
      responsibilities(entry(batches(inputs.slots), 0), entry(batches(inputs.inputs), 0)),
    );
    near({ data: entry(batches(the(got, "responsibilities")), 0).flat() }, chosen);
  });
});

test("one batch entry knows nothing of another", async () => {
  const whole = await read({ maxIterations: 3 }, inputs, ["slots", "freeEnergy"]);
  const single = await read(
    { maxIterations: 3 },
    {
      slots: one(entry(batches(inputs.slots), 1)),
      inputs: one(entry(batches(inputs.inputs), 1)),
    },
    ["slots", "freeEnergy"],
  );
  expect(the(single, "slots").data).toEqual(the(whole, "slots").data.slice(N * D, 2 * N * D));
  expect(the(single, "freeEnergy").data).toEqual(the(whole, "freeEnergy").data.slice(4, 8));
});

test("a slot whose mass is too small for a number still goes to the mean of its inputs", async () => {
  // Score differences of 800 nats and more: exp(−800) is 0 in double precision.
  const mean = await posteriorExpectation(
    slot({ update: "mean" }),
    { inputs: tensor([[[20]]]), slots: tensor([[[20], [-20]]]) },
    { read: ["slots"] },
  );
  expect([...mean.slots.data]).toEqual([20, 20]);
  const mixture = await posteriorExpectation(
    slot({ update: "mean", responsibilities: "distance" }),
    {
      inputs: tensor([[[0]]]),
      slots: tensor([[[0], [40]]]),
    },
  );
  expect([...mixture.slots.data]).toEqual([0, 0]);
  expect(mixture.freeEnergy.data[0]).toBeCloseTo(Math.LN2, 12);
  expect(mixture.freeEnergy.data[1]).toBe(0);
});

test.each(["dot", "distance"] as const)(
  "without inputs a mean stays where it is; %s",
  async (responsibilities) => {
    const slots = tensor([
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    const inputs = { inputs: { data: new Float64Array(0), shape: [1, 0, 2] }, slots };
    const model = slot({ update: "mean", responsibilities });
    const answer = await posteriorExpectation(model, inputs, { read: ["slots"] });
    expect([...answer.slots.data]).toEqual([1, 2, 3, 4]);
  },
);

test("learned slots compete by the normed inputs themselves where nothing projects them", async () => {
  const model = slot({ update: "learned", projects: false });
  expect(model.factors[0]?.edges.nodes.key.moved).toEqual([{ kind: "normed", by: "input_norm" }]);
});
