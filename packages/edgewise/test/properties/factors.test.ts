/** Free energies of models whose factors differ in ends, graphs, heads and owners, in plain loops. */
import {
  alternate,
  bilinear,
  cccp,
  descend,
  type EdgeModelOptions,
  edgeModel,
  edges,
  edgesFrom,
  factor,
  gaussian,
  given,
  type Inputs,
  type LatentInference,
  latent,
  latentModel,
  meanField,
  prediction,
  projected,
  scaledDot,
  withoutSelf,
} from "edgewise";
import { describe, expect, test } from "vitest";
import {
  batches,
  by,
  dot,
  entry,
  fell,
  hopfieldEnergy,
  logSumExp,
  minus,
  rowsOf,
  slopeOf,
  slotEnergy,
  squared,
  total,
} from "../enumeration/freeEnergy.ts";
import type { Matrix, Row } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

type Pairs = readonly (readonly [number, number])[];
const shape = ["B", "N", "D"];
const ends = (receiver: string, sender: string): Partial<EdgeModelOptions> => ({
  nodes: {
    query: { tensor: receiver, shape },
    key: { tensor: sender, shape: ["B", "M", "D"] },
  },
  potential: scaledDot({ scale: 1 }),
});

/** Asserts energies, slopes and descent of a model whose energy is a function of the state's numbers. */
async function follows(
  model: ReturnType<typeof latentModel>,
  state: string,
  inputs: Inputs,
  energy: (z: Row) => number,
): Promise<void> {
  const read = [state, "freeEnergy", `gradient.${state}`];
  const attend = await prepare(model, { read });
  const got = attend.sync(inputs);
  const course = rowsOf(
    the(got, "freeEnergy").data,
    entry([...the(got, "freeEnergy").shape].reverse(), 0),
  );
  const sums = entry(course, 0).map((_, t) => total(course.map((row) => entry(row, t))));
  const [start, end] = [the(inputs, state), the(got, state)].map(({ data }) =>
    Array.from(data),
  ) as [number[], number[]];
  near(
    { data: [entry(sums, 0), entry(sums, sums.length - 1)] },
    [energy(start), energy(end)],
    1e-10,
  );
  const slope = Array.from(the(got, `gradient.${state}`).data);
  near({ data: slope }, slopeOf(energy, end), 1e-9);
  for (let t = 0; t + 1 < sums.length; t++)
    expect(fell(entry(sums, t), entry(sums, t + 1), 0)).toBe(true);
}
const rng = random(901);
const listed = (z: Matrix, x: Matrix, pairs: Pairs): number =>
  total(
    z.map((row, i) => {
      const scores = pairs.filter(([a]) => a === i).map(([, j]) => dot(row, entry(x, j)));
      return scores.length === 0 ? 0 : logSumExp(scores) - Math.log(scores.length);
    }),
  );

describe("two factors with lists of edges of their own", () => {
  const first: Pairs = [
    [0, 1],
    [0, 0],
    [2, 1],
  ];
  const second: Pairs = [
    [1, 2],
    [1, 0],
    [0, 2],
  ];
  test("each follow their list, and a node that is in neither rests at its belief", async () => {
    const inputs = { z: rng.normal([1, 4, 2]), x: rng.normal([1, 2, 2]), y: rng.normal([1, 3, 2]) };
    const [x = []] = batches(inputs.x);
    const [y = []] = batches(inputs.y);
    const pairs = { data: Int32Array.from(second.flat()), shape: [second.length, 2] };
    const model = latentModel({
      name: "lists",
      latents: [latent("z", shape)],
      factors: [
        factor("from x", edgeModel({ ...ends("z", "x"), graph: edges(first) })),
        factor("from y", edgeModel({ ...ends("z", "y"), graph: edgesFrom("pairs") }), {
          lengths: { M: "L" },
        }),
      ],
      inference: cccp({ maxIterations: 3 }),
    });
    const all = { ...inputs, pairs };
    await follows(model, "z", all, (z) => {
      const rows = rowsOf(z, 2);
      return total(rows.map(squared)) / 2 - listed(rows, x, first) - listed(rows, y, second);
    });
    const got = (await prepare(model, { read: ["z", "from x", "from y"] })).sync(all);
    near(
      {
        data: entry(batches(the(got, "z")), 0)
          .slice(3)
          .flat(),
      },
      [0, 0],
    );
    // A node without edges has no posterior, and an edge that is not listed no probability.
    expect(entry(batches(the(got, "from x")), 0).map((row) => total(row))).toEqual(
      [1, 0, 1, 0].map((v) => expect.closeTo(v, 12)),
    );
    expect(entry(entry(batches(the(got, "from y")), 0), 1)[1]).toBe(0);
  });
});

describe("latents as senders", () => {
  test("that receivers choose are slots under other names", async () => {
    const inputs = { x: rng.normal([2, 5, 2]), z: rng.normal([2, 3, 2]) };
    const model = latentModel({
      name: "chosen senders",
      latents: [latent("z", ["B", "M", "D"])],
      factors: [factor("chosen", edgeModel(ends("x", "z")))],
      inference: cccp({ maxIterations: 3 }),
    });
    const data = batches(inputs.x);
    await follows(model, "z", inputs, (z) =>
      total(data.map((x, b) => slotEnergy(rowsOf(z.slice(b * 6, b * 6 + 6), 2), x))),
    );
  });

  test("that choose receivers recall like a Hopfield network", async () => {
    const inputs = { x: rng.normal([2, 5, 2]), z: rng.normal([2, 3, 2]) };
    const model = latentModel({
      name: "choosing senders",
      latents: [latent("z", ["B", "M", "D"])],
      factors: [factor("chosen", edgeModel({ ...ends("x", "z"), chooser: "sender" }))],
      inference: cccp({ maxIterations: 3 }),
    });
    const data = batches(inputs.x);
    const greatest = data.map((x) => Math.max(...x.map(squared)) / 2);
    await follows(model, "z", inputs, (z) =>
      total(
        rowsOf(z, 2).map((row, k) => {
          const b = Math.floor(k / 3);
          return hopfieldEnergy(row, entry(data, b), 1) - entry(greatest, b);
        }),
      ),
    );
  });
});

test("heads recall apart, each with an energy of its own", async () => {
  const inputs = { z: rng.normal([2, 4, 3, 2]), x: rng.normal([2, 2, 5, 2]) };
  const nodes = {
    query: { tensor: "z", shape: ["B", "H", "N", "D"] },
    key: { tensor: "x", shape: ["B", "G", "M", "D"] },
  };
  const model = latentModel({
    name: "heads",
    latents: [latent("z", nodes.query.shape)],
    factors: [factor("recalled", edgeModel({ nodes, potential: scaledDot({ scale: 1 }) }))],
    inference: cccp({ maxIterations: 2 }),
  });
  const got = (await prepare(model, { read: ["freeEnergy"] })).sync(inputs);
  expect(the(got, "freeEnergy").shape).toEqual([2, 4, 3, 3]);
  // Two heads share a group of keys.
  const groups = rowsOf(inputs.x.data, 2 * 5).map((flat) => rowsOf(flat, 2));
  await follows(model, "z", inputs, (z) =>
    total(
      rowsOf(z, 2).map((row, k) => {
        const [b, head] = [Math.floor(k / 12), Math.floor(k / 3) % 4];
        const x = rowsOf(entry(groups, b * 2 + Math.floor(head / 2)).flat(), 2);
        return hopfieldEnergy(row, x, 1) - Math.max(...x.map(squared)) / 2;
      }),
    ),
  );
});

test("a prior of the edges weighs their evidence, and −∞ in it forbids one", async () => {
  const none = Number.NEGATIVE_INFINITY;
  const prior = { data: Float64Array.of(0.5, -1, none, 2, 0, 1), shape: [2, 3] };
  const inputs = { z: rng.normal([1, 2, 2]), x: rng.normal([1, 3, 2]), log_prior: prior };
  const believed = edgeModel({
    ...ends("z", "x"),
    prior: given("log_prior", ["N", "M"]),
    temperature: 0.6,
  });
  const [x = []] = batches(inputs.x);
  const beliefs = rowsOf(prior.data, 3);
  for (const normalised of [true, false]) {
    const model = latentModel({
      name: "believed",
      latents: [latent("z", shape)],
      factors: [factor("recalled", believed, { normalised })],
      inference: cccp({ maxIterations: 3 }),
    });
    await follows(model, "z", inputs, (z) =>
      total(
        rowsOf(z, 2).map((row, i) => {
          const own = entry(beliefs, i);
          const all = logSumExp(x.map((r, j) => entry(own, j) + dot(row, r) / 0.6));
          return squared(row) / 2 - 0.6 * (all - (normalised ? logSumExp(own) : 0));
        }),
      ),
    );
  }
});

describe("two latents", () => {
  const inputs = { a: rng.normal([3, 2, 2]), b: rng.normal([3, 3, 2]), x: rng.normal([3, 4, 2]) };
  const joinedBy = (options: Partial<EdgeModelOptions>, inference: LatentInference) =>
    latentModel({
      name: "two",
      latents: [
        latent("a", shape, { precision: 1.5 }),
        latent("b", ["B", "M", "D"], { precision: 2 }),
      ],
      factors: [
        factor("a to b", edgeModel({ ...ends("a", "b"), ...options })),
        factor("a to x", edgeModel(ends("a", "x")), { lengths: { M: "L" } }),
      ],
      inference,
    });
  const energy =
    (score: (p: Row, q: Row) => number) =>
    (a: Matrix, b: Matrix, x: Matrix): number =>
      0.75 * total(a.map(squared)) +
      total(b.map(squared)) -
      total(
        a.map(
          (p) =>
            logSumExp(b.map((q) => score(p, q))) +
            logSumExp(x.map((q) => dot(p, q))) -
            Math.log(b.length * x.length),
        ),
      );

  for (const [name, inference] of [
    ["cccp", cccp({ maxIterations: 4 })],
    ["descent", descend({ maxIterations: 4, rate: 0.05 })],
  ] as const)
    test(`joined by a factor have one energy and a gradient each, block by block under ${name}`, async () => {
      const attend = await prepare(joinedBy({}, inference), {
        read: ["a", "b", "freeEnergy", "gradient.a", "gradient.b"],
      });
      const got = attend.sync(inputs);
      const F = energy(dot);
      rowsOf(the(got, "freeEnergy").data, 5).forEach((course, k) => {
        const [a, b, x] = [the(got, "a"), the(got, "b"), inputs.x].map((of) =>
          entry(batches(of), k),
        ) as [number[][], number[][], number[][]];
        const [a0, b0] = [inputs.a, inputs.b].map((of) => entry(batches(of), k)) as [
          number[][],
          number[][],
        ];
        near({ data: [entry(course, 0), entry(course, 4)] }, [F(a0, b0, x), F(a, b, x)]);
        for (let t = 0; t < 4; t++)
          expect(fell(entry(course, t), entry(course, t + 1), 0)).toBe(true);
        const slopes = [
          slopeOf((z) => F(rowsOf(z, 2), b, x), a.flat()),
          slopeOf((z) => F(a, rowsOf(z, 2), x), b.flat()),
        ];
        for (const [l, tensorName] of ["a", "b"].entries())
          near(
            { data: entry(batches(the(got, `gradient.${tensorName}`)), k).flat() },
            entry(slopes, l),
            1e-8,
          );
      });
    });

  test("settle together: a tolerance waits for the earlier block too", async () => {
    // b is pulled by a alone, and a by x: whichever moved last, none may still move.
    const attend = await prepare(joinedBy({}, cccp({ maxIterations: 5000, tolerance: 1e-10 })), {
      read: ["a", "b", "gradient.a", "gradient.b"],
    });
    const got = attend.sync(inputs);
    expect(got.info.converged).toEqual({ two: true });
    for (const name of ["gradient.a", "gradient.b"])
      near(the(got, name), new Array(the(got, name).data.length).fill(0), 1e-8);
  });
});

test("a tolerance sees what an earlier block moved, where the last one rests", async () => {
  // b is joined to a by a weight of 0, so it rests at 0; a still moves to the data that it recalls.
  const model = latentModel({
    name: "resting",
    latents: [latent("a", shape), latent("b", ["B", "M", "D"])],
    factors: [
      factor("a to b", edgeModel({ ...ends("a", "b"), potential: bilinear() })),
      factor("a to x", edgeModel(ends("a", "x")), { lengths: { M: "L" } }),
    ],
    inference: cccp({ maxIterations: 1000, tolerance: 1e-9 }),
  });
  const none = (count: readonly number[]) => ({
    data: new Float64Array(count[0] ?? 0),
    shape: count.slice(1),
  });
  const inputs = {
    a: rng.normal([1, 2, 2]),
    b: none([2, 1, 1, 2]),
    x: rng.normal([1, 4, 2]),
    weight: none([4, 2, 2]),
  };
  const got = (await prepare(model, { read: ["a", "gradient.a"] })).sync(inputs);
  expect(got.info.iterations["resting"]).toBeGreaterThan(5);
  near(the(got, "gradient.a"), [0, 0, 0, 0], 1e-8);
});

test("mean fields leave a number that nothing pulls as it was, its variance too", async () => {
  const model = latentModel({
    name: "free",
    latents: [latent("z", ["B", "M"], { precision: 0 })],
    factors: [
      factor(
        "seen",
        edgeModel({
          nodes: {
            query: { tensor: "x", shape: ["B", "N"] },
            key: { tensor: "z", shape: ["B", "M"] },
          },
          potential: prediction({ weight: "w" }),
        }),
        { active: "all" },
      ),
    ],
    inference: meanField({ maxIterations: 2 }),
  });
  const inputs = {
    z: rng.normal([1, 2]),
    x: rng.normal([1, 3]),
    w: { data: Float64Array.of(2, 0, -1, 0, 1, 0), shape: [3, 2] },
  };
  const got = (await prepare(model, { read: ["z", "variance of z"] })).sync(inputs);
  const [x0 = 0, x1 = 0, x2 = 0] = inputs.x.data;
  near(the(got, "z"), [(2 * x0 - x1 + x2) / 6, inputs.z.data[1] ?? Number.NaN]);
  near(the(got, "variance of z"), [1 / 6, 1]);
});

test("mean fields feel variances at a temperature as the score does", async () => {
  const T = 0.5;
  const model = latentModel({
    name: "tempered",
    latents: [latent("z", shape, { precision: 0.7 })],
    factors: [
      factor(
        "chosen",
        edgeModel({
          ...ends("z", "x"),
          chooser: "sender",
          temperature: T,
          potential: gaussian({ precision: 1.3, normalised: false }),
        }),
      ),
    ],
    inference: meanField({ maxIterations: 3 }),
  });
  const inputs = { z: rng.normal([1, 2, 1]), x: rng.normal([1, 4, 1]) };
  const got = (await prepare(model, { read: ["z", "variance of z", "freeEnergy"] })).sync(inputs);
  const x = Array.from(inputs.x.data);
  let mean = Array.from(inputs.z.data);
  let variance = [1, 1];
  const scores = (): number[][] =>
    x.map((v) => mean.map((m, i) => -0.65 * ((v - m) ** 2 + entry(variance, i))));
  const energy = (): number =>
    0.35 * (squared(mean) + total(variance)) -
    T * total(scores().map((s) => logSumExp(s.map((v) => v / T)) - Math.log(2))) -
    total(variance.map((v) => Math.log(2 * Math.PI * Math.E * v) / 2));
  const course = [energy()];
  for (let t = 0; t < 3; t++) {
    const P = scores().map((s) => s.map((v) => Math.exp(v / T - logSumExp(s.map((u) => u / T)))));
    const mass = mean.map((_, i) => total(P.map((row) => entry(row, i))));
    mean = mass.map(
      (p, i) => (1.3 * total(P.map((row, j) => entry(row, i) * entry(x, j)))) / (0.7 + 1.3 * p),
    );
    variance = mass.map((p) => 1 / (0.7 + 1.3 * p));
    course.push(energy());
  }
  near(the(got, "z"), mean);
  near(the(got, "variance of z"), variance);
  near(the(got, "freeEnergy"), course);
});

describe("a block of latents that no factor joins with each other", () => {
  const pairs = (name: string) =>
    edgeModel({
      nodes: { query: { tensor: name, shape }, key: { tensor: name, shape: ["B", "M", "D"] } },
      graph: withoutSelf(),
      square: true,
      potential: gaussian({ precision: 0.8, normalised: false }),
    });
  /** Nodes one by one, each to its minimum under the posterior of the moment. */
  function swept(z: readonly number[], precision: number): number[] {
    let now = [...z];
    for (let n = 0; n < z.length; n++) {
      const at = now;
      const P = at.map((v, i) => {
        const scores = at.map((u, j) => (j === i ? Number.NEGATIVE_INFINITY : -0.4 * (v - u) ** 2));
        return scores.map((s) => Math.exp(s - logSumExp(scores)));
      });
      const weights = at.map((_, j) =>
        j === n ? 0 : 0.8 * (entry(entry(P, n), j) + entry(entry(P, j), n)),
      );
      const pull = total(at.map((u, j) => entry(weights, j) * u));
      now = at.map((v, i) => (i === n ? pull / (precision + total(weights)) : v));
    }
    return now;
  }

  test("moves each of them once a round, however many turns the nodes of another take", async () => {
    const model = latentModel({
      name: "apart",
      latents: [
        latent("a", shape, { precision: 0.5 }),
        latent("c", ["B", "L", "D"], { precision: 0.7 }),
        latent("d", ["B", "K", "D"], { precision: 0.9 }),
      ],
      factors: [
        factor("within a", pairs("a")),
        factor(
          "c sees x",
          edgeModel({
            nodes: { query: { tensor: "c", shape }, key: { tensor: "x", shape: ["B", "M", "D"] } },
            potential: gaussian({ precision: 2, normalised: false }),
          }),
          { lengths: { N: "L", M: "J" } },
        ),
        factor("within d", pairs("d"), { lengths: { N: "K", M: "K" } }),
      ],
      inference: alternate({ maxIterations: 1 }),
    });
    const inputs = {
      a: rng.normal([1, 2, 1]),
      c: rng.normal([1, 3, 1]),
      d: rng.normal([1, 4, 1]),
      x: rng.normal([1, 5, 1]),
    };
    const got = (await prepare(model, { read: ["a", "c", "d"] })).sync(inputs);
    near(the(got, "a"), swept(Array.from(inputs.a.data), 0.5));
    const x = Array.from(inputs.x.data);
    const once = Array.from(inputs.c.data, (v) => {
      const scores = x.map((u) => -((v - u) ** 2));
      const mean = total(x.map((u, j) => u * Math.exp(entry(scores, j) - logSumExp(scores))));
      return (2 * mean) / 2.7;
    });
    near(the(got, "c"), once);
    near(the(got, "d"), swept(Array.from(inputs.d.data), 0.9));
  });
});

test("exact minima of projected latents solve for all their features at once", async () => {
  const model = latentModel({
    name: "projected",
    latents: [latent("z", shape, { precision: 0.6 })],
    factors: [
      factor(
        "seen",
        edgeModel({
          nodes: {
            query: { tensor: "z", shape, moved: [projected("w", "C")] },
            key: { tensor: "x", shape: ["B", "M", "C"] },
          },
          potential: gaussian({ precision: 1.4, normalised: false }),
        }),
      ),
    ],
    inference: alternate({ maxIterations: 1 }),
  });
  const inputs = { z: rng.normal([1, 1, 2]), x: rng.normal([1, 1, 3]), w: rng.normal([3, 2]) };
  const got = (await prepare(model, { read: ["gradient.z", "z"] })).sync(inputs);
  // One edge leaves no choice: the energy is a quadratic, and one step reaches its minimum.
  near(the(got, "gradient.z"), [0, 0], 1e-10);
  expect(Array.from(the(got, "z").data)).not.toEqual([0, 0]);
});

test("vector nodes that predict each other move in turns, each to the minimum of all its features", async () => {
  const model = latentModel({
    name: "mutual",
    latents: [latent("z", shape, { precision: 0.4 })],
    factors: [
      factor(
        "predicted",
        edgeModel({
          nodes: { query: { tensor: "z", shape }, key: { tensor: "z", shape: ["B", "M", "D"] } },
          graph: withoutSelf(),
          square: true,
          potential: prediction({ weight: "w", precision: 1.6 }),
        }),
      ),
    ],
    inference: alternate({ maxIterations: 1 }),
  });
  const inputs = { z: rng.normal([1, 2, 2]), w: rng.normal([2, 2, 2, 2]) };
  const weights = rowsOf(inputs.w.data, 4).map((flat) => rowsOf(flat, 2));
  // Two nodes: each has one edge, so nothing is chosen and every turn ends where its slope is 0.
  const energy = ([a = [], b = []]: Matrix): number =>
    0.2 * (squared(a) + squared(b)) +
    0.8 * squared(minus(a, by(entry(weights, 1), b))) +
    0.8 * squared(minus(b, by(entry(weights, 2), a)));
  await follows(model, "z", inputs, (z) => energy(rowsOf(z, 2)));
  const got = (await prepare(model, { read: ["z"] })).sync(inputs);
  const [a = [], b = []] = entry(batches(the(got, "z")), 0);
  const [, start = []] = entry(batches(inputs.z), 0);
  near({ data: slopeOf((z) => energy([z, start]), a) }, [0, 0], 1e-9);
  near({ data: slopeOf((z) => energy([a, z]), b) }, [0, 0], 1e-9);
});
