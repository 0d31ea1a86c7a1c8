import {
  conditionalMean,
  cross,
  type EdgeModelOptions,
  expression,
  type Inputs,
  normals,
  parameter,
  scaledDot,
  type Tensor,
  tensor,
  uniforms,
} from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { runs } from "../properties/cases.ts";
import { at, random } from "../random.ts";

type Rows = readonly (readonly number[])[];
const rows = (n: number, width: number, rng: ReturnType<typeof random>, spread = 1): number[][] =>
  Array.from({ length: n }, () => [...rng.normal([width], spread).data]);
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, d) => sum + x * at(b, d), 0);
const read = ["expectation"] as const;

/** Rows of an answer with one batch entry and head. */
const matrixOf = ({ data, shape }: Tensor): number[][] =>
  Array.from({ length: shape[2] as number }, (_, i) =>
    Array.from({ length: shape[3] as number }, (_, v) => at(data, i * (shape[3] as number) + v)),
  );

/** Solution of a small system by Gauss–Jordan elimination, apart from what the library does. */
function eliminated(matrix: Rows, source: readonly number[]): number[] {
  const work = matrix.map((row, k) => [...row, at(source, k)]);
  for (let k = 0; k < work.length; k++) {
    const best = work
      .slice(k)
      .reduce(
        (b, row, r) => (Math.abs(at(row, k)) > Math.abs(at(work[b] as number[], k)) ? k + r : b),
        k,
      );
    [work[k], work[best]] = [work[best] as number[], work[k] as number[]];
    const pivot = work[k] as number[];
    work.forEach((row, r) => {
      if (r === k) return;
      const factor = at(row, k) / at(pivot, k);
      row.forEach((x, c) => {
        row[c] = x - factor * at(pivot, c);
      });
    });
  }
  return work.map((row, k) => at(row, work.length) / at(row, k));
}

describe("I31: the linear kernel is Bayesian linear regression", () => {
  /** Posterior of w ~ N(0, τ² I) given v = ⟨w, k⟩ + N(0, σ²), in the space of features. */
  function predictive(
    key: Rows,
    value: readonly number[],
    query: Rows,
    noise: number,
    spread: number,
  ) {
    const width = query[0]?.length ?? 0;
    const precision = Array.from({ length: width }, (_, a) =>
      Array.from(
        { length: width },
        (_, b) =>
          key.reduce((sum, k) => sum + at(k, a) * at(k, b), 0) / noise ** 2 +
          (a === b ? 1 / spread ** 2 : 0),
      ),
    );
    const pull = Array.from(
      { length: width },
      (_, a) => key.reduce((sum, k, l) => sum + at(k, a) * at(value, l), 0) / noise ** 2,
    );
    const mean = eliminated(precision, pull);
    return query.map((q) => dot(q, mean));
  }

  test("its prediction is the posterior predictive mean with ridge σ²/τ², for any length", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: 0.3, max: 2, noNaN: true }),
        fc.double({ min: 0.3, max: 2, noNaN: true }),
        fc.integer(),
        async (length, width, noise, spread, seed) => {
          const rng = random(seed);
          const [key, query] = [rows(length, width, rng), rows(3, width, rng)];
          const value = [...rng.normal([length]).data];
          const model = conditionalMean({ kernel: "linear", ridge: (noise / spread) ** 2 });
          const inputs = {
            query: single(query),
            key: single(key),
            value: single(value.map((v) => [v])),
          };
          const { expectation } = await posteriorExpectation(model, inputs, { read });
          const expected = predictive(key, value, query, noise, spread);
          const scale = Math.max(1, ...expected.map(Math.abs));
          near(expectation, expected, 1e-9 * scale);
        },
      ),
      runs,
    );
  });
});

describe("I31: the weights solve (𝒦 + λI) w = κ", () => {
  const kernels = {
    linear: (a: Rows[0], b: Rows[0]) => 0.7 * dot(a, b),
    exponential: (a: Rows[0], b: Rows[0]) => Math.exp(0.7 * dot(a, b)),
    gaussian: (a: Rows[0], b: Rows[0]) =>
      Math.exp(-a.reduce((sum, x, d) => sum + (x - at(b, d)) ** 2, 0) / (2 * 1.3 ** 2)),
  } as const;

  test.each(Object.keys(kernels) as (keyof typeof kernels)[])(
    "with the %s kernel",
    async (kernel) => {
      for (const length of [1, 3, 7]) {
        const rng = random(length);
        const [key, query] = [rows(length, 3, rng), rows(4, 3, rng)];
        // Values that are the unit vectors read the weights themselves.
        const units = key.map((_, l) => key.map((_, m) => Number(l === m)));
        const model = conditionalMean({ kernel, scale: 0.7, bandwidth: 1.3, ridge: 0.2 });
        const inputs = { query: single(query), key: single(key), value: single(units) };
        const { expectation } = await posteriorExpectation(model, inputs, { read });
        const kappa = kernels[kernel];
        const products = matrixOf(expectation).map((w) =>
          key.map(
            (k, l) =>
              dot(
                key.map((other) => kappa(k, other)),
                w,
              ) +
              0.2 * at(w, l),
          ),
        );
        near(
          { data: products.flat() },
          query.map((q) => key.map((k) => kappa(k, q))),
          1e-10,
        );
      }
    },
  );

  test("they need not be positive nor sum to 1: no log evidence, no entropy", async () => {
    const key = single([
      [1, 0],
      [0.9, 0.1],
    ]);
    const inputs = {
      query: single([[0, 1]]),
      key,
      value: single([
        [1, 0],
        [0, 1],
      ]),
    };
    const model = conditionalMean({ kernel: "linear", ridge: 0.01 });
    const { expectation } = await posteriorExpectation(model, inputs);
    expect(Math.min(...expectation.data)).toBeLessThan(0);
    expect(Array.from(expectation.data).reduce((a, b) => a + b, 0)).not.toBeCloseTo(1, 2);
    for (const name of ["logEvidence", "entropy", "posterior"])
      await expect(posteriorExpectation(model, inputs, { read: [name] })).rejects.toThrow(
        "readings among expectation",
      );
  });
});

test("heads read the group ⌊hG/H⌋, each of which has a system of its own", async () => {
  const rng = random(3);
  const [query, key, value] = [
    rng.normal([2, 4, 3, 2]),
    rng.normal([2, 2, 5, 2]),
    rng.normal([2, 2, 5, 3]),
  ];
  const slice = ({ data, shape }: Tensor, b: number, g: number): Tensor => {
    const [, groups, n, d] = shape as [number, number, number, number];
    const start = (b * groups + g) * n * d;
    return { data: data.slice(start, start + n * d), shape: [1, 1, n, d] };
  };
  const { expectation } = await posteriorExpectation(
    conditionalMean(),
    { query, key, value },
    { read },
  );
  for (const b of [0, 1])
    for (const h of [0, 1, 2, 3]) {
      const g = Math.floor(h / 2);
      const own = { query: slice(query, b, h), key: slice(key, b, g), value: slice(value, b, g) };
      const alone = await posteriorExpectation(conditionalMean(), own, { read });
      near(slice(expectation, b, h), [...alone.expectation.data]);
    }
});

describe("lengths and sizes", () => {
  test.each([
    [1, 1, 2, 0],
    [1, 1, 0, 3],
    [0, 1, 2, 3],
    [1, 0, 2, 3],
  ])(
    "batch %d, heads %d, %d queries and %d keys answer 0 where there is an answer",
    async (B, H, N, M) => {
      const zeros = (...shape: number[]): Tensor => ({
        data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1),
        shape,
      });
      for (const kernel of ["linear", "exponential", "gaussian"] as const) {
        const inputs = {
          query: zeros(B, H, N, 2),
          key: zeros(B, H, M, 2),
          value: zeros(B, H, M, 2),
        };
        const { expectation } = await posteriorExpectation(conditionalMean({ kernel }), inputs, {
          read,
        });
        expect(expectation.shape).toEqual([B, H, N, 2]);
        if (M === 0) expect(expectation.data.every((y) => y === 0)).toBe(true);
      }
    },
  );

  test("a key that is the query answers its value, for scores of 10⁴", async () => {
    const inputs = {
      query: single([[100, 0]]),
      key: single([
        [100, 0],
        [0, 100],
      ]),
      value: single([[2], [3]]),
    };
    for (const kernel of ["exponential", "gaussian", "linear"] as const) {
      const { expectation } = await posteriorExpectation(conditionalMean({ kernel }), inputs, {
        read,
      });
      // e^10⁴ and 10⁴ outweigh the ridge of 10⁻³; a gaussian is 1 at its key.
      near(expectation, [kernel === "gaussian" ? 2 / 1.001 : 2], 1e-6);
    }
  });

  test("a prediction that overflows is infinite, and that of nothing is 0", async () => {
    const inputs = { query: single([[100]]), key: single([[10]]), value: single([[2, 0]]) };
    const { expectation } = await posteriorExpectation(conditionalMean(), inputs, { read });
    expect([...expectation.data]).toEqual([Number.POSITIVE_INFINITY, 0]);
  });
});

describe("a ridge that is too small", () => {
  const twice = tensor([
    [
      [
        [1, 2],
        [0, 1],
      ],
      [
        [1, 2],
        [1, 2],
      ],
    ],
  ]);
  const inputs = { query: tensor([[[[1, 0]], [[1, 0]]]]), key: twice, value: twice };

  test("is refused with not_positive_definite, naming batch and group", async () => {
    const solved = posteriorExpectation(conditionalMean({ ridge: 0 }), inputs, { read });
    await expect(solved).rejects.toThrow(
      "not_positive_definite in linearSolve, system B = 0, G = 1",
    );
    await expect(solved).rejects.toThrow("raise what is added to the diagonal (a ridge)");
  });

  test("may be 0 where no key repeats another: then the data are interpolated", async () => {
    const rng = random(8);
    const [key, value] = [single(rows(5, 2, rng, 2)), single(rows(5, 3, rng))];
    const model = conditionalMean({ kernel: "gaussian", ridge: 0 });
    const { expectation } = await posteriorExpectation(model, { query: key, key, value }, { read });
    near(expectation, [...value.data], 1e-9);
  });
});

describe("what a regression does not read is refused", () => {
  test.each<[string, EdgeModelOptions, string]>([
    ["a graph", { graph: { kind: "causal" } }, "graph causal"],
    ["a prior", { prior: expression("i - j") }, "prior expression"],
    ["a temperature", { temperature: 2 }, "temperature"],
    ["tempering", { tempering: "joint" }, "joint tempering"],
    ["whenEmpty", { whenEmpty: "throw" }, "whenEmpty throw"],
    ["an offset", { offset: 1 }, "offset 1"],
    ["another potential", { potential: { kind: "bilinear", weight: "w" } }, "bilinear"],
    ["senders that choose", { chooser: "sender" }, "senders that choose"],
    [
      "a scale for each head",
      { potential: scaledDot({ scale: parameter("s", ["H"]) }) },
      "shape []",
    ],
    [
      "moved keys",
      {
        nodes: {
          key: {
            tensor: "key",
            shape: ["B", "G", "M", "D"],
            moved: [{ kind: "shifted", by: "p" }],
          },
        },
      },
      "key moved",
    ],
    [
      "keys and values in other groups",
      { nodes: { value: { tensor: "value", shape: ["B", "M", "V"] } } },
      "in the same groups",
    ],
  ])("%s", (_, options, text) => {
    expect(() => conditionalMean(options)).toThrow(text);
  });

  test("a negative ridge, and a gaussian that is a kernel without its exponential", () => {
    expect(() => conditionalMean({ ridge: -1 })).toThrow("ridge -1");
    expect(() =>
      conditionalMean({
        kernel: "gaussian",
        inference: { kind: "ridge", ridge: 1, exponentiated: false },
      }),
    ).toThrow("gaussian as a kernel itself");
  });
});

describe("attention of growing length (section 10.3)", () => {
  const truth = (angle: number): number => Math.sin(2 * angle) + Math.cos(angle) / 2;
  const onCircle = (angle: number): number[] => [Math.cos(angle), Math.sin(angle)];
  const grid = Array.from({ length: 64 }, (_, k) => (2 * Math.PI * k) / 64);
  const query = single(grid.map(onCircle));

  function observed(length: number, seed: number): Inputs {
    const [next, noise] = [uniforms(seed), normals(seed + 1000)];
    const angles = Array.from({ length }, () => 2 * Math.PI * next());
    return {
      query,
      key: single(angles.map(onCircle)),
      value: single(angles.map((angle) => [truth(angle) + 0.3 * noise()])),
    };
  }

  /** Root of the mean squared error over the circle and over seeds. */
  async function rmse(model: (length: number) => ReturnType<typeof cross>, length: number) {
    const squares: number[] = [];
    for (let seed = 1; seed <= 6; seed++) {
      const { expectation } = await posteriorExpectation(model(length), observed(length, seed), {
        read,
      });
      grid.forEach((angle, k) => {
        squares.push((at(expectation.data, k) - truth(angle)) ** 2);
      });
    }
    return Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
  }

  // The kernel exp(8 (⟨k, q⟩ − 1)) with ridge λ is exp(8 ⟨k, q⟩) with ridge λ e⁸.
  const regression = (length: number) =>
    conditionalMean({ scale: 8, ridge: 0.1 * Math.sqrt(length) * Math.exp(8) });

  test("the error of the conditional mean falls with the length, as 0.191, 0.105, 0.048", async () => {
    const errors = [
      await rmse(regression, 32),
      await rmse(regression, 128),
      await rmse(regression, 512),
    ];
    [0.191, 0.105, 0.048].forEach((expected, k) => {
      expect(at(errors, k)).toBeGreaterThan(0.6 * expected);
      expect(at(errors, k)).toBeLessThan(1.6 * expected);
    });
    expect(at(errors, 1)).toBeLessThan(0.8 * at(errors, 0));
    expect(at(errors, 2)).toBeLessThan(0.8 * at(errors, 1));
  });

  test("that of softmax attention at a fixed temperature stays at its bias of 0.167", async () => {
    const smoother = () => cross({ potential: scaledDot({ scale: 8 }) });
    for (const length of [512, 2048]) {
      const error = await rmse(smoother, length);
      expect(error).toBeGreaterThan(0.155);
      expect(error).toBeLessThan(0.195);
    }
  });

  test("a large ridge makes the conditional mean proportional to softmax attention", async () => {
    const far: number[] = [];
    for (const length of [32, 512]) {
      const inputs = observed(length, 5);
      const model = conditionalMean({ scale: 8, ridge: 200 * length * Math.exp(8) });
      const a = await posteriorExpectation(model, inputs, { read });
      const b = await posteriorExpectation(cross({ potential: scaledDot({ scale: 8 }) }), inputs, {
        read,
      });
      const [x, y] = [[...a.expectation.data], [...b.expectation.data]];
      far.push(1 - dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y)));
    }
    expect(at(far, 0)).toBeLessThan(0.1);
    expect(at(far, 1)).toBeLessThan(at(far, 0) / 4);
  });
});

describe("the posterior of finitely many concepts is softmax attention (section 10.2)", () => {
  const sigma = 0.8;
  const concepts = [
    [1, 0.5],
    [-1, 1],
    [0.3, -1.2],
  ];
  const weights = [0.5, 0.3, 0.2];

  /** Bayes' rule token by token. */
  function bayes(tokens: Rows): number[] {
    const logs = concepts.map((m, c) =>
      tokens.reduce(
        (sum, x) =>
          sum - ((at(x, 0) - at(m, 0)) ** 2 + (at(x, 1) - at(m, 1)) ** 2) / (2 * sigma ** 2),
        Math.log(at(weights, c)),
      ),
    );
    const top = Math.max(...logs);
    const mass = logs.reduce((sum, l) => sum + Math.exp(l - top), 0);
    return logs.map((l) => Math.exp(l - top) / mass);
  }

  const tokensOf = (length: number): number[][] => {
    const next = normals(21);
    return Array.from({ length }, () => [1 + sigma * next(), 0.5 + sigma * next()]);
  };

  async function attention(tokens: Rows): Promise<ArrayLike<number>> {
    const total = [0, 1].map((d) => tokens.reduce((sum, x) => sum + at(x, d), 0) / sigma ** 2);
    const belief = concepts.map(
      (m, c) => Math.log(at(weights, c)) - (tokens.length * dot(m, m)) / (2 * sigma ** 2),
    );
    const table = { data: Float64Array.from(belief), shape: [3] };
    const model = cross({ potential: scaledDot({ scale: 1 }), prior: expression("belief[j]") });
    const inputs = {
      query: single([total]),
      key: single(concepts),
      value: single(concepts),
      belief: table,
    };
    const { posterior } = await posteriorExpectation(model, inputs, { read: ["posterior"] });
    return posterior.data;
  }

  test.each([0, 1, 3, 9])("of %d tokens, to rounding", async (length) => {
    const tokens = tokensOf(length);
    near({ data: await attention(tokens) }, bayes(tokens), 1e-14);
  });

  test("of a long sequence, to 10⁻²⁰", async () => {
    const tokens = tokensOf(60);
    near({ data: await attention(tokens) }, bayes(tokens), 1e-20);
  });
});
