import { hopfield, type Inputs, tensor } from "edgewise";
import { describe, expect, test } from "vitest";
import {
  batches,
  dot,
  entry,
  hopfieldEnergy,
  hopfieldStep,
  minus,
  mixed,
  norm,
  rowsOf,
  softmax,
  total,
} from "../enumeration/freeEnergy.ts";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { near } from "../near.ts";
import { random, the } from "../random.ts";

type Options = NonNullable<Parameters<typeof hopfield>[0]>;
const read = async (options: Options, inputs: Inputs, names: readonly string[]) =>
  (await prepare(hopfield(options), { read: names })).sync(inputs);

const rng = random(401);
const [B, N, M, D] = [2, 3, 5, 4];
const inputs = { state: rng.normal([B, N, D]), patterns: rng.normal([B, M, D]) };
const states = batches(inputs.state);
const patterns = batches(inputs.patterns);

describe("rounds of a Hopfield network", () => {
  for (const precision of [0.2, 1, 5])
    test(`are z⁺ = Σ softmax(β z·x) x, each state by itself, with its energy before each; β ${precision}`, async () => {
      const got = await read({ precision, maxIterations: 4 }, inputs, [
        "state",
        "freeEnergy",
        "posterior",
      ]);
      expect(the(got, "freeEnergy").shape).toEqual([B, N, 5]);
      expect(the(got, "posterior").shape).toEqual([B, N, M]);
      states.forEach((rows, b) => {
        const x = entry(patterns, b);
        rows.forEach((start, i) => {
          const course = [start as readonly number[]];
          for (let t = 0; t < 4; t++) course.push(hopfieldStep(entry(course, t), x, precision));
          const place = b * N + i;
          near({ data: entry(rowsOf(the(got, "state").data, D), place) }, entry(course, 4));
          near(
            { data: entry(rowsOf(the(got, "freeEnergy").data, 5), place) },
            course.map((z) => hopfieldEnergy(z, x, precision)),
          );
          const P = softmax(x.map((r) => precision * dot(entry(course, 3), r)));
          near({ data: entry(rowsOf(the(got, "posterior").data, M), place) }, P);
        });
      });
    });

  test("damped by η go that part of the way", async () => {
    const got = await read({ damping: 0.3, maxIterations: 2 }, inputs, ["state"]);
    states.forEach((rows, b) => {
      const x = entry(patterns, b);
      const part = (z: readonly number[]): number[] =>
        hopfieldStep(z, x, 1).map((v, d) => 0.7 * entry(z, d) + 0.3 * v);
      near(
        { data: entry(batches(the(got, "state")), b).flat() },
        rows.map((z) => part(part(z))),
      );
    });
  });
});

describe("limits of the precision", () => {
  test("β → 0 gives the mean of the patterns", async () => {
    const got = await read({ precision: 1e-9 }, inputs, ["state"]);
    patterns.forEach((x, b) => {
      const mean = mixed(new Array(M).fill(1 / M), x, D);
      near({ data: entry(batches(the(got, "state")), b).flat() }, [mean, mean, mean], 1e-7);
    });
  });

  test("β → ∞ gives the pattern of greatest inner product, which need not be the nearest", async () => {
    const got = await read({ precision: 1e6 }, inputs, ["state"]);
    states.forEach((rows, b) => {
      const x = entry(patterns, b);
      const greatest = rows.map((z) => {
        const scores = x.map((r) => dot(z, r));
        return entry(x, scores.indexOf(Math.max(...scores)));
      });
      near({ data: entry(batches(the(got, "state")), b).flat() }, greatest, 1e-9);
    });
    const far = {
      state: tensor([[[1, 0]]]),
      patterns: tensor([
        [
          [1, 0],
          [9, 9],
        ],
      ]),
    };
    near(the(await read({ precision: 1e6 }, far, ["state"]), "state"), [9, 9]);
  });

  test("a score of ±1e4 leaves everything finite", async () => {
    const large = {
      state: tensor([[[100, -100]]]),
      patterns: tensor([
        [
          [100, 0],
          [0, 100],
          [-50, 50],
        ],
      ]),
    };
    const got = await read({ precision: 1, maxIterations: 2 }, large, [
      "state",
      "freeEnergy",
      "precisionMatrix",
    ]);
    near(the(got, "state"), [100, 0]);
    near(
      the(got, "freeEnergy"),
      [5000 + Math.log(3) + 5000 - 5000 + 0, Math.log(3), Math.log(3)].map((v, t) =>
        t === 0
          ? hopfieldEnergy(
              [100, -100],
              [
                [100, 0],
                [0, 100],
                [-50, 50],
              ],
              1,
            )
          : v,
      ),
      1e-8,
    );
    near(the(got, "precisionMatrix"), [1, 0, 0, 1]);
  });
});

test("patterns given twice change nothing", async () => {
  const twice = tensor(patterns.map((x) => [...x, ...x]));
  const names = ["state", "freeEnergy", "precisionMatrix"];
  const [a, b] = await Promise.all(
    [inputs, { ...inputs, patterns: twice }].map((given) =>
      read({ maxIterations: 3 }, given, names),
    ),
  );
  for (const name of names) near(the(b ?? {}, name), Array.from(the(a ?? {}, name).data));
});

test("one pattern is recalled at once, with energy 0 where it is the state", async () => {
  const given = { state: rng.normal([1, 2, 3]), patterns: rng.normal([1, 1, 3]) };
  const got = await read({ maxIterations: 2, precision: 3 }, given, ["state", "freeEnergy"]);
  const [x = []] = rowsOf(given.patterns.data, 3);
  near(the(got, "state"), [x, x]);
  for (const [before, after, rest] of rowsOf(the(got, "freeEnergy").data, 3) as [
    number,
    number,
    number,
  ][]) {
    expect(before).toBeGreaterThan(0);
    near({ data: [after, rest] }, [0, 0]);
  }
});

describe("Laplace's Gaussian", () => {
  test("at a pattern that stands out is I: its covariance too, and its free energy F − D/2 log 2π", async () => {
    const x = [
      [6, 0, 0],
      [0, 6, 0],
      [0, 0, 6],
    ];
    const given = { state: tensor([[[5, 1, 0]]]), patterns: tensor([x]) };
    const names = [
      "freeEnergy",
      "precisionMatrix",
      "positiveDefinite",
      "covariance",
      "laplaceFreeEnergy",
    ];
    const got = await read({ maxIterations: 5 }, given, names);
    near(the(got, "precisionMatrix"), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-10);
    near(the(got, "covariance"), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-10);
    near(the(got, "positiveDefinite"), [1]);
    const F = the(got, "freeEnergy").data.at(-1) ?? Number.NaN;
    near(the(got, "laplaceFreeEnergy"), [F - 1.5 * Math.log(2 * Math.PI)], 1e-10);
  });

  test("is the inverse of the precision and its log determinant, in two dimensions by hand", async () => {
    const given = { state: rng.normal([1, 4, 2], 0.2), patterns: rng.normal([1, 3, 2], 0.6) };
    const names = [
      "precisionMatrix",
      "covariance",
      "laplaceFreeEnergy",
      "freeEnergy",
      "positiveDefinite",
    ];
    const got = await read({ maxIterations: 30 }, given, names);
    const energies = rowsOf(the(got, "freeEnergy").data, 31);
    near(the(got, "positiveDefinite"), [1, 1, 1, 1]);
    rowsOf(the(got, "precisionMatrix").data, 4).forEach((flat, i) => {
      const [a, b, c, d] = flat as [number, number, number, number];
      const det = a * d - b * c;
      near({ data: entry(rowsOf(the(got, "covariance").data, 4), i) }, [
        d / det,
        -b / det,
        -c / det,
        a / det,
      ]);
      const F = entry(entry(energies, i), 30);
      near({ data: [entry(Array.from(the(got, "laplaceFreeEnergy").data), i)] }, [
        F + Math.log(det) / 2 - Math.log(2 * Math.PI),
      ]);
    });
  });

  test("between two patterns is not definite, which is told and not inverted", async () => {
    const given = {
      state: tensor([[[0, 0]]]),
      patterns: tensor([
        [
          [2, 0],
          [-2, 0],
        ],
      ]),
    };
    const got = await read({}, given, ["precisionMatrix", "positiveDefinite"]);
    near(the(got, "precisionMatrix"), [1 - 4, 0, 0, 1]);
    near(the(got, "positiveDefinite"), [0]);
    await expect(read({}, given, ["covariance"])).rejects.toMatchObject({
      code: "not_positive_definite",
    });
  });
});

describe("a tolerance", () => {
  test("ends the rounds early, all states at once, and tells how many there were", async () => {
    const got = await read({ maxIterations: 500, tolerance: 1e-10 }, inputs, [
      "state",
      "freeEnergy",
    ]);
    const rounds = got.info.iterations["hopfield"] ?? 0;
    expect(rounds).toBeGreaterThan(2);
    expect(rounds).toBeLessThan(500);
    expect(the(got, "freeEnergy").shape).toEqual([B, N, rounds + 1]);
    expect(got.info.converged).toEqual({ hopfield: true });
    batches(the(got, "state")).forEach((rows, b) => {
      for (const z of rows)
        expect(norm(minus(hopfieldStep(z, entry(patterns, b), 1), z))).toBeLessThan(1e-9);
    });
    // The last value of the course is the energy of the answer.
    const last = rowsOf(the(got, "freeEnergy").data, rounds + 1).map((row) => entry(row, rounds));
    const ends = batches(the(got, "state")).flatMap((rows, b) =>
      rows.map((z) => hopfieldEnergy(z, entry(patterns, b), 1)),
    );
    near({ data: last }, ends);
  });

  test("of 0 runs every round", async () => {
    const got = await read({ maxIterations: 300 }, inputs, ["state"]);
    expect(got.info.iterations).toEqual({ hopfield: 300 });
  });
});

describe("nothing to do is no error", () => {
  for (const [b, n, m] of [
    [0, 2, 3],
    [2, 0, 3],
    [2, 2, 0],
    [0, 0, 0],
  ] as const)
    test(`${b} entries of ${n} states and ${m} patterns`, async () => {
      const given = { state: rng.normal([b, n, D]), patterns: rng.normal([b, m, D]) };
      for (const tolerance of [0, 1e-9]) {
        const got = await read({ maxIterations: 2, tolerance }, given, [
          "state",
          "freeEnergy",
          "posterior",
          "precisionMatrix",
        ]);
        expect(the(got, "state").shape).toEqual([b, n, D]);
        expect(the(got, "posterior").shape).toEqual([b, n, m]);
        expect(the(got, "precisionMatrix").shape).toEqual([b, n, D, D]);
        // Without patterns a state recalls nothing: ½ ‖z‖² is all there is, and its minimum is 0.
        if (m === 0) {
          near(the(got, "state"), new Array(b * n * D).fill(0));
          const first = the(got, "freeEnergy").data[0];
          if (b * n > 0)
            expect(first).toBeCloseTo(
              total(Array.from(given.state.data.slice(0, D), (v) => (v * v) / 2)),
              12,
            );
        }
      }
    });

  test("no rounds leave the state", async () => {
    const got = await read({ maxIterations: 0 }, inputs, ["state", "freeEnergy"]);
    near(the(got, "state"), Array.from(inputs.state.data), 0);
    expect(the(got, "freeEnergy").shape).toEqual([B, N, 1]);
  });
});

test("a curvature is positive definite where both of its eigenvalues are, over random states", async () => {
  const count = 400;
  const draws = random(77);
  const state = draws.normal([count, 1, 2], 0.7);
  const given = { state, patterns: draws.normal([count, 2, 2], 1) };
  const answer = await posteriorExpectation(hopfield({ precision: 10, maxIterations: 0 }), given, {
    read: ["precisionMatrix", "positiveDefinite"],
  });
  const found = [...answer.positiveDefinite.data];
  const expected = found.map((_, k) => {
    const [a, b, , d] = [...answer.precisionMatrix.data.slice(4 * k, 4 * k + 4)] as [
      number,
      number,
      number,
      number,
    ];
    return a + d > 0 && a * d - b * b > 0 ? 1 : 0;
  });
  expect(found).toEqual(expected);
  expect(new Set(found)).toEqual(new Set([0, 1]));
});

test("a curvature without an inverse is refused in words of its own, and told by positiveDefinite", async () => {
  const saddle = {
    state: tensor([[[0.5, 0.5]]]),
    patterns: tensor([
      [
        [1, 0],
        [0, 1],
      ],
    ]),
  };
  const model = hopfield({ precision: 10, maxIterations: 0 });
  for (const reading of ["covariance", "laplaceFreeEnergy"]) {
    const refused = posteriorExpectation(model, saddle, { read: [reading] });
    await expect(refused).rejects.toMatchObject({ code: "not_positive_definite" });
    await expect(refused).rejects.toThrow("read positiveDefinite");
  }
});
