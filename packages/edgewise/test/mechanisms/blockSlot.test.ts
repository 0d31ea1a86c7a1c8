import { type BlockSlotOptions, blockSlot, type Inputs, slot, tensor } from "edgewise";
import { describe, expect, test } from "vitest";
import { gru, layerNorm, perceptron, weightedMean } from "../enumeration/cells.ts";
import {
  batches,
  blockSlotEnergy,
  blockSlotStep,
  blocksOf,
  by,
  dot,
  entry,
  mixed,
  plus,
  responsibilities,
  rowsOf,
  softmax,
  transposed,
} from "../enumeration/freeEnergy.ts";
import type { Matrix } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

const read = async (options: BlockSlotOptions, inputs: Inputs, names: readonly string[]) =>
  (await prepare(blockSlot(options), { read: names })).sync(inputs);
const answers = ["slots", "responsibilities", "prototypes"];

describe("the energy form", () => {
  for (const [N, M, H, K, C] of [
    [1, 1, 1, 1, 1],
    [3, 4, 2, 3, 2],
    [2, 5, 3, 5, 3],
    [3, 2, 1, 4, 2],
  ] as const)
    test(`is both pulls at once: ${N} slots, ${M} inputs, ${H} blocks of ${C}, ${K} prototypes`, async () => {
      const rng = random(500 + N + M);
      const D = H * C;
      const inputs = {
        slots: rng.normal([2, N, D]),
        inputs: rng.normal([2, M, D]),
        memory: rng.normal([H, K, C]),
      };
      const memory = batches(inputs.memory);
      const got = await read({ maxIterations: 2 }, inputs, [...answers, "freeEnergy"]);
      expect(the(got, "responsibilities").shape).toEqual([2, M, N]);
      expect(the(got, "prototypes").shape).toEqual([2, N, H, K]);
      const energies = rowsOf(the(got, "freeEnergy").data, 3);
      batches(inputs.slots).forEach((start, b) => {
        const data = entry(batches(inputs.inputs), b);
        const first = blockSlotStep(start, data, memory);
        const second = blockSlotStep(first, data, memory);
        near({ data: entry(batches(the(got, "slots")), b).flat() }, second);
        near(
          { data: entry(energies, b) },
          [start, first, second].map((z) => blockSlotEnergy(z, data, memory)),
        );
        // Posteriors are those of the last update, under the slots before it.
        const P = transposed(responsibilities(first, data));
        near({ data: entry(batches(the(got, "responsibilities")), b).flat() }, P);
        const R = first.map((z) =>
          blocksOf(z, H).map((part, h) => softmax(entry(memory, h).map((m) => dot(part, m)))),
        );
        const size = N * H * K;
        near({ data: the(got, "prototypes").data.slice(b * size, (b + 1) * size) }, R);
      });
    });

  test("without prototypes is slots that take sums, its energy without the log of their number", async () => {
    const rng = random(510);
    const [N, M] = [3, 5];
    const inputs = { slots: rng.normal([2, N, 4]), inputs: rng.normal([2, M, 4]) };
    const plain = (
      await prepare(slot({ maxIterations: 3 }), {
        read: ["slots", "responsibilities", "freeEnergy"],
      })
    ).sync(inputs);
    for (const H of [1, 2]) {
      const memory = { data: new Float64Array(0), shape: [H, 0, 4 / H] };
      const got = await read({ maxIterations: 3 }, { ...inputs, memory }, [
        ...answers,
        "freeEnergy",
      ]);
      for (const name of ["slots", "responsibilities"])
        near(the(got, name), Array.from(the(plain, name).data));
      near(
        the(got, "freeEnergy"),
        Array.from(the(plain, "freeEnergy").data, (F) => F - M * Math.log(N)),
      );
      expect(the(got, "prototypes").shape).toEqual([2, N, H, 0]);
    }
  });

  test("without inputs leaves every block what it recalls, which is in the hull of its prototypes", async () => {
    const rng = random(511);
    const [H, K, C] = [2, 4, 3];
    const memory = rng.normal([H, K, C]);
    const inputs = { slots: rng.normal([1, 3, H * C]), inputs: rng.normal([1, 0, H * C]), memory };
    const got = await read({ maxIterations: 1 }, inputs, ["slots"]);
    for (const z of entry(batches(the(got, "slots")), 0))
      blocksOf(z, H).forEach((part, h) => {
        expect(inHull(part, entry(batches(memory), h))).toBe(true);
      });
  });
});

/** Whether a point lies between its points in each of many directions, as a hull's points do. */
function inHull(x: readonly number[], points: Matrix): boolean {
  const rng = random(512);
  return Array.from({ length: 200 }, () => Array.from(rng.normal([x.length]).data)).every((u) => {
    const along = points.map((p) => dot(u, p));
    const at = dot(u, x);
    return at <= Math.max(...along) + 1e-10 && at >= Math.min(...along) - 1e-10;
  });
}

/** The composed form: its tensors, and the same as plain loops. */
function composed(N: number, M: number, H: number, K: number, C: number, W: number, seed: number) {
  const rng = random(seed);
  const [D, X, Y] = [H * C, 4, 3];
  const normed = (name: string, width: number): [string, ReturnType<typeof rng.normal>][] => [
    [`${name}.weight`, rng.between(0.5, 1.5, [width])],
    [`${name}.bias`, rng.normal([width], 0.3)],
  ];
  const inputs: Inputs = {
    inputs: rng.normal([2, M, W]),
    slots: rng.normal([2, N, D]),
    memory: rng.normal([H, K, C]),
    key_weight: rng.normal([D, W]),
    value_weight: rng.normal([D, W]),
    query_weight: rng.normal([D, D]),
    ...Object.fromEntries([
      ...normed("input_norm", W),
      ...normed("slot_norm", D),
      ...normed("mlp_norm", C),
      ...normed("block_norm", C),
    ]),
    "gru.weight_ih": rng.normal([H, 3 * C, C], 0.7),
    "gru.weight_hh": rng.normal([H, 3 * C, C], 0.7),
    "gru.bias_ih": rng.normal([H, 3 * C], 0.3),
    "gru.bias_hh": rng.normal([H, 3 * C], 0.3),
    "mlp.0.weight": rng.normal([H, X, C]),
    "mlp.0.bias": rng.normal([H, X], 0.3),
    "mlp.1.weight": rng.normal([H, C, X]),
    "mlp.1.bias": rng.normal([H, C], 0.3),
    "memory_mlp.0.weight": rng.normal([Y, C]),
    "memory_mlp.0.bias": rng.normal([Y], 0.3),
    "memory_mlp.1.weight": rng.normal([C, Y]),
    "memory_mlp.1.bias": rng.normal([C], 0.3),
  };
  const row = (name: string): number[] => Array.from(the(inputs, name).data);
  const matrix = (name: string): number[][] =>
    rowsOf(row(name), entry([...the(inputs, name).shape].reverse(), 0));
  const block = (name: string, h: number): number[][] => entry(batches(the(inputs, name)), h);
  const norm = (name: string, x: readonly number[]): number[] =>
    layerNorm(x, row(`${name}.weight`), row(`${name}.bias`));
  const recalled = batches(the(inputs, "memory")).map((rows) =>
    rows.map((m) =>
      perceptron(
        {
          first: matrix("memory_mlp.0.weight"),
          firstBias: row("memory_mlp.0.bias"),
          second: matrix("memory_mlp.1.weight"),
          secondBias: row("memory_mlp.1.bias"),
        },
        m,
      ),
    ),
  );
  const round = (slots: Matrix, data: Matrix) => {
    const ready = data.map((x) => norm("input_norm", x));
    const [keys, values] = ["key_weight", "value_weight"].map((name) =>
      ready.map((x) => by(matrix(name), x)),
    ) as [number[][], number[][]];
    const queries = slots.map((z) => by(matrix("query_weight"), norm("slot_norm", z)));
    const P = keys.map((k) => softmax(queries.map((q) => dot(q, k) / Math.sqrt(D))));
    const R: number[][][] = [];
    const next = slots.map((z, i) => {
      const collected = blocksOf(weightedMean(P, values, i, 1e-8), H);
      const chosen: number[][] = [];
      const parts = blocksOf(z, H).map((part, h) => {
        const cell = {
          weight_ih: block("gru.weight_ih", h),
          weight_hh: block("gru.weight_hh", h),
          bias_ih: entry(matrix("gru.bias_ih"), h),
          bias_hh: entry(matrix("gru.bias_hh"), h),
        };
        const gated = gru(cell, entry(collected, h), part);
        const mlp = {
          first: block("mlp.0.weight", h),
          firstBias: entry(matrix("mlp.0.bias"), h),
          second: block("mlp.1.weight", h),
          secondBias: entry(matrix("mlp.1.bias"), h),
        };
        const made = plus(gated, perceptron(mlp, norm("mlp_norm", gated)));
        const query = norm("block_norm", made);
        const weights = softmax(entry(recalled, h).map((m) => dot(query, m) / Math.sqrt(C)));
        chosen.push(weights);
        return mixed(weights, entry(recalled, h), C);
      });
      R.push(chosen);
      return parts.flat();
    });
    return { next, P, R };
  };
  return { inputs, round, recalled };
}

describe("the composed form", () => {
  for (const [N, M, H, K, C, W] of [
    [1, 1, 1, 1, 1, 1],
    [3, 5, 2, 3, 2, 4],
    [2, 3, 3, 5, 3, 2],
  ] as const) {
    const { inputs, round, recalled } = composed(N, M, H, K, C, W, 520 + N);
    const follow = (b: number, rounds: number) => {
      let at = {
        next: entry(batches(the(inputs, "slots")), b) as Matrix,
        P: [] as Matrix,
        R: [] as number[][][],
      };
      for (let t = 0; t < rounds; t++)
        at = round(at.next, entry(batches(the(inputs, "inputs")), b));
      return at;
    };

    test(`is that of plain loops: ${N} slots, ${M} inputs of ${W}, ${H} blocks of ${C}, ${K} prototypes`, async () => {
      const got = await read({ form: "composed", maxIterations: 3 }, inputs, [
        "slots",
        "responsibilities",
      ]);
      for (const b of [0, 1]) {
        const { next, P } = follow(b, 3);
        near({ data: entry(batches(the(got, "slots")), b).flat() }, next);
        near({ data: entry(batches(the(got, "responsibilities")), b).flat() }, P);
      }
    });

    test(`replaces every block by a point in the hull of its projected prototypes; ${H} blocks`, async () => {
      const got = await read({ form: "composed", maxIterations: 2 }, inputs, ["slots"]);
      for (const slots of batches(the(got, "slots")))
        for (const z of slots)
          blocksOf(z, H).forEach((part, h) => {
            expect(inHull(part, entry(recalled, h))).toBe(true);
            if (K > C + 1)
              expect(
                inHull(
                  part.map((v) => v + 100),
                  entry(recalled, h),
                ),
              ).toBe(false);
          });
    });

    test(`reads the prototypes that its last update took; ${H} blocks`, async () => {
      const got = await read({ form: "composed", maxIterations: 2 }, inputs, ["prototypes"]);
      const size = N * H * K;
      for (const b of [0, 1])
        near({ data: the(got, "prototypes").data.slice(b * size, (b + 1) * size) }, follow(b, 2).R);
    });
  }

  test("follows no energy, and offers none", async () => {
    await expect(read({ form: "composed" }, {}, ["freeEnergy"])).rejects.toMatchObject({
      code: "unknown_option",
    });
  });

  test("feels ε in the means", async () => {
    const { inputs } = composed(2, 3, 2, 3, 2, 3, 530);
    const [a, b] = await Promise.all(
      [1e-8, 0.5].map((epsilon) => read({ form: "composed", epsilon }, inputs, ["slots"])),
    );
    expect(Array.from(the(a ?? {}, "slots").data)).not.toEqual(
      Array.from(the(b ?? {}, "slots").data),
    );
  });
});

describe("nothing to do is no error", () => {
  for (const [B, N, M, K] of [
    [0, 2, 3, 2],
    [1, 0, 3, 2],
    [1, 2, 0, 2],
    [1, 2, 3, 0],
    [1, 2, 0, 0],
  ] as const)
    test(`${B} entries, ${N} slots, ${M} inputs, ${K} prototypes`, async () => {
      const rng = random(540);
      const inputs = {
        slots: rng.normal([B, N, 4]),
        inputs: rng.normal([B, M, 4]),
        memory: rng.normal([2, K, 2]),
      };
      for (const maxIterations of [0, 2]) {
        const got = await read({ maxIterations }, inputs, [...answers, "freeEnergy"]);
        expect(the(got, "slots").shape).toEqual([B, N, 4]);
        expect(the(got, "prototypes").shape).toEqual([B, N, 2, K]);
        expect(the(got, "responsibilities").shape).toEqual([B, M, N]);
        expect(the(got, "freeEnergy").shape).toEqual([B, maxIterations + 1]);
        expect([...the(got, "slots").data].every(Number.isFinite)).toBe(true);
        if (M + K === 0 && maxIterations > 0) near(the(got, "slots"), new Array(B * N * 4).fill(0));
      }
    });

  test("composed slots without inputs or prototypes stay finite", async () => {
    for (const [M, K] of [
      [0, 3],
      [3, 0],
      [0, 0],
    ] as const) {
      const { inputs } = composed(2, M, 2, K, 2, 3, 541);
      const got = await read({ form: "composed", maxIterations: 2 }, inputs, ["slots"]);
      expect(the(got, "slots").shape).toEqual([2, 2, 4]);
      expect([...the(got, "slots").data].every(Number.isFinite)).toBe(true);
      // Nothing to recall replaces a block by 0.
      if (K === 0) near(the(got, "slots"), new Array(16).fill(0));
    }
  });

  test("blocks that do not divide the features are refused", async () => {
    const inputs = {
      slots: tensor([[[1, 2, 3]]]),
      inputs: tensor([[[1, 2, 3]]]),
      memory: tensor([[[1]], [[1]]]),
    };
    await expect(read({}, inputs, ["slots"])).rejects.toMatchObject({ code: "shape_mismatch" });
  });
});
