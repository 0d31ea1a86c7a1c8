import {
  type EdgeModelOptions,
  type ExpandingOptions,
  expanding,
  type Inputs,
  rotated,
  scaledDot,
  softcap,
  type Tensor,
} from "edgewise";
import { reference } from "edgewise/engines/reference";
import { describe, expect, test } from "vitest";
import { type Expanding, expandingOf, type Looked, type Past } from "../enumeration/expanding.ts";
import { expanding as goldenExpanding } from "../golden/expanding.ts";
import { posteriorExpectation } from "../inDouble.ts";
import { near } from "../near.ts";
import { at, random, the } from "../random.ts";

interface Lengths {
  readonly B?: number;
  readonly H?: number;
  readonly G?: number;
  readonly N?: number;
  readonly D?: number;
  readonly V?: number;
}

function nodes({ B = 2, H = 2, G = H, N = 9, D = 3, V = 2 }: Lengths = {}, seed = 5): Inputs {
  const rng = random(seed);
  return {
    query: rng.normal([B, H, N, D], 1.5),
    key: rng.normal([B, G, N, D], 1.5),
    value: rng.normal([B, G, N, V]),
  };
}

const defaults: Expanding = {
  scheme: "plugin-reset",
  growth: "prior",
  alpha: 1,
  beta: 4,
  tail: 0.01,
  tolerance: 1e-3,
  maxIterations: 12,
};

interface Scoring {
  readonly scale?: number;
  readonly cap?: number;
  readonly temperature?: number;
  readonly selfEdges?: boolean;
  readonly share?: "query" | "group";
}

/** What every query should answer, in the order of the outputs. */
function expected(inputs: Inputs, options: Partial<Expanding>, scoring: Scoring = {}): Looked[] {
  const { query, key } = inputs as Record<"query" | "key", Tensor>;
  const [B, H, N, D] = query.shape as [number, number, number, number];
  const G = at(key.shape, 1);
  const { scale = 1 / Math.sqrt(D), cap, temperature = 1, selfEdges = true, share } = scoring;
  const vector = ({ data }: Tensor, row: number): number[] =>
    Array.from({ length: D }, (_, d) => at(data, row * D + d));
  const norm = (v: readonly number[]): number => Math.hypot(...v);
  const all = { ...defaults, ...options };
  const answers: Looked[] = [];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++) {
      const own = (i: number): number[] => vector(query, (b * H + h) * N + i);
      const other = (j: number): number[] => vector(key, (b * G + Math.floor((h * G) / H)) * N + j);
      const pasts = Array.from({ length: N }, (_, i): Past => {
        const keys = Array.from({ length: selfEdges ? i + 1 : i }, (_, k) =>
          other((selfEdges ? i : i - 1) - k),
        );
        const dots = keys.map((k) => scale * k.reduce((s, x, d) => s + x * at(own(i), d), 0));
        const bound = Math.abs(scale) * norm(own(i)) * Math.max(...keys.map(norm), 0);
        return {
          score: dots.map((s) => (cap === undefined ? s : cap * Math.tanh(s / cap)) / temperature),
          bound: Math.min(bound, cap ?? bound) / temperature,
        };
      });
      const groups = share === "group" ? [pasts] : pasts.map((past) => [past]);
      answers.push(...groups.flatMap((group) => expandingOf(group, all)));
    }
  return answers;
}

const read = [
  ...["expectation", "continuation", "window", "iterations", "operations", "posterior"],
  ...["logEvidence", "entropy"],
];

async function agrees(
  inputs: Inputs,
  options: Partial<Expanding>,
  scoring: Scoring = {},
): Promise<void> {
  const { scale, cap, temperature, selfEdges, share } = scoring;
  const dot = scaledDot(scale === undefined ? {} : { scale });
  const model = expanding({
    ...options,
    selfEdges,
    share,
    potential: cap === undefined ? dot : softcap({ cap, of: dot }),
    ...(temperature === undefined ? {} : { temperature }),
  });
  const got = await posteriorExpectation(model, inputs, { read });
  const wanted = expected(inputs, options, scoring);
  const [, H, N] = the(inputs, "query").shape as [number, number, number];
  const [G, , V] = the(inputs, "value").shape.slice(1) as [number, number, number];
  const [D] = the(inputs, "query").shape.slice(3) as [number];
  near(
    got["window"],
    wanted.map(({ window }) => window),
  );
  near(
    got["iterations"],
    wanted.map(({ iterations }) => iterations),
  );
  near(
    got["continuation"],
    wanted.map(({ continuation }) => continuation),
    1e-9,
  );
  const rows = wanted.map(({ posterior }, row) =>
    Array.from({ length: N }, (_, j) => {
      const distance = (row % N) - (selfEdges === false ? 1 : 0) - j;
      return distance < 0 ? 0 : (posterior[distance] ?? 0);
    }),
  );
  near(got["posterior"], rows, 1e-9);
  const { data } = the(inputs, "value");
  const means = rows.map((row, k) => {
    const [b, h] = [Math.floor(k / (H * N)), Math.floor(k / N) % H];
    const from = (b * G + Math.floor((h * G) / H)) * N;
    return Array.from({ length: V }, (_, v) =>
      row.reduce((s, p, j) => s + p * at(data, (from + j) * V + v), 0),
    );
  });
  near(got["expectation"], means, 1e-8);
  const entropies = wanted.map(({ posterior }) =>
    posterior.reduce((s, p) => s - (p > 0 ? p * Math.log(p) : 0), 0),
  );
  near(got["entropy"], entropies, 1e-8);
  const perKey = D + V + 2;
  const passes = wanted.flatMap((one) => one.passes).reduce((a, b) => a + b, 0);
  const keys = wanted.reduce((s, { window }) => s + window, 0);
  const available = wanted.reduce((s, _, k) => s + (k % N) + (selfEdges === false ? 0 : 1), 0);
  expect([...(got["operations"] as Tensor).data]).toEqual([
    keys * perKey + 3 * passes,
    available * perKey,
  ]);
}

const schemes = ["plugin-reset", "plugin-accumulate", "vb", "exact"] as const;
const growths = ["prior", "posterior", "optimistic"] as const;

describe("the routine does what the equations say", () => {
  for (const scheme of schemes)
    for (const growth of growths)
      test(`${scheme} under the rule ${growth}`, async () => {
        for (const tail of [0.3, 0.01, 0])
          await agrees(nodes({ N: 23 }), { scheme, growth, tail, alpha: 2, beta: 3 });
      });

  for (const scheme of schemes.slice(0, 3))
    for (const growth of growths)
      test(`${scheme} under the rule ${growth} with one q for each head`, async () => {
        for (const tail of [0.2, 0.01])
          await agrees(nodes({ N: 23 }), { scheme, growth, tail }, { share: "group" });
      });

  test("without self-edges, where the first node has nothing to look at", async () => {
    for (const share of ["query", "group"] as const)
      for (const growth of growths) {
        await agrees(nodes(), { growth }, { selfEdges: false, share });
        await agrees(nodes({ N: 1 }), { growth }, { selfEdges: false, share });
      }
    await agrees(nodes(), { scheme: "exact" }, { selfEdges: false });
  });

  test("with scale, temperature and a cap, whose bound is the lesser one", async () => {
    for (const growth of growths)
      for (const scoring of [
        { scale: -0.7, temperature: 0.5 },
        { cap: 0.8, temperature: 2 },
        { cap: 100, scale: 2 },
      ])
        await agrees(nodes({ N: 17 }), { growth, tail: 0.1 }, scoring);
  });

  test("in heads that read fewer groups", async () => {
    await agrees(nodes({ H: 4, G: 2 }), { growth: "posterior" });
    await agrees(nodes({ H: 3, G: 1 }), {}, { share: "group" });
  });

  test("without any update", async () => {
    await agrees(nodes(), { maxIterations: 0 });
    await agrees(nodes(), { maxIterations: 0, scheme: "vb" }, { share: "group" });
  });

  test("for groups that are too long to keep all their scores", async () => {
    // One feature and 300 nodes leave room for 218 scores of each query; the windows are wider.
    const inputs = nodes({ B: 1, H: 2, G: 1, N: 300, D: 1, V: 1 });
    const wide = { alpha: 1, beta: 60, tail: 0.01, tolerance: 1e-9, maxIterations: 2 };
    await agrees(inputs, wide, { share: "group" });
    await agrees(inputs, { ...wide, growth: "optimistic" }, { share: "group" });
  });
});

test("single-precision inputs are read as they are", async () => {
  const inputs = nodes();
  const single = Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => [
      name,
      { data: Float32Array.from(data), shape },
    ]),
  );
  const double = Object.fromEntries(
    Object.entries(single).map(([name, { data, shape }]) => [
      name,
      { data: Float64Array.from(data), shape },
    ]),
  );
  const [a, b] = await Promise.all(
    [single, double].map((given) => posteriorExpectation(expanding(), given, { read })),
  );
  for (const name of read) expect(a?.[name]).toEqual(b?.[name]);
});

test("the golden program, a fixed point of folds, agrees with the routine", async () => {
  const inputs = nodes({ N: 40, D: 4 });
  const settings = { alpha: 1, beta: 4, tail: 0.01, tolerance: 1e-3, maxIterations: 12 };
  const engine = reference();
  const folds = engine.runSync(engine.lower(goldenExpanding(settings)), inputs).outputs;
  const names = ["expectation", "continuation", "window", "iterations"];
  const routine = await posteriorExpectation(expanding(settings), inputs, { read: names });
  for (const name of names) near(routine[name], [...the(folds, name).data], 1e-12);
});

test("the closing fold visits exactly the edges of the windows", async () => {
  for (const growth of growths) {
    const { window, info } = await posteriorExpectation(expanding({ growth }), nodes({ N: 40 }), {
      read: ["expectation", "window"],
    });
    expect(info.edges).toBe(Array.from(window.data).reduce((a, b) => a + b, 0));
  }
});

test("log evidence is that of the prior without end, (1 − ρ) ρʰ or the law with q summed out", async () => {
  const inputs = nodes();
  const given = { alpha: 2, beta: 3, tail: 0, temperature: 0.5 };
  for (const scheme of ["plugin-reset", "exact"] as const) {
    const { logEvidence } = await posteriorExpectation(expanding({ ...given, scheme }), inputs);
    const N = at(the(inputs, "query").shape, 2);
    const looked = expected(inputs, { ...given, scheme }, { temperature: 0.5 });
    // The posterior's own weights: log P = log π + s/T − ℓ/T at the nearest key.
    const { query, key } = inputs as Record<"query" | "key", Tensor>;
    looked.forEach(({ posterior, ratio }, row) => {
      const nearest = Array.from(
        { length: 3 },
        (_, d) => at(query.data, row * 3 + d) * at(key.data, row * 3 + d),
      );
      const score = nearest.reduce((a, b) => a + b, 0) / Math.sqrt(3);
      const logPrior = Math.log(scheme === "exact" ? 2 / 5 : 1 - ratio);
      const evidence = 0.5 * (logPrior - Math.log(at(posterior, 0))) + score;
      expect(Math.abs(at(logEvidence.data, row) - evidence), `row ${row % N}`).toBeLessThan(1e-8);
    });
  }
});

test("queries that rotate are scored as they rotate", async () => {
  const inputs = nodes({ D: 4, N: 12 });
  const names = ["query", "key", "value"] as const;
  const shape = {
    query: ["B", "H", "N", "D"],
    key: ["B", "G", "M", "D"],
    value: ["B", "G", "M", "V"],
  };
  const turned = Object.fromEntries(
    names.map((name) => [
      name,
      { tensor: name, shape: shape[name], ...(name === "value" ? {} : { moved: [rotated()] }) },
    ]),
  ) as unknown as NonNullable<EdgeModelOptions["nodes"]>;
  const options: ExpandingOptions = { growth: "optimistic", tail: 0.1, nodes: turned };
  const names2 = ["expectation", "window", "continuation"];
  const got = await posteriorExpectation(expanding(options), inputs, { read: names2 });
  const [query, key] = ["query", "key"].map((name) => turnedBy(the(inputs, name)));
  const plain = { ...inputs, query, key } as Inputs;
  const { nodes: _, ...rest } = options;
  const by = await posteriorExpectation(expanding(rest), plain, { read: names2 });
  for (const name of names2) near(got[name], [...(by[name] as Tensor).data], 1e-10);
});

/** Pairs (d, d + 2) of four features turned by position · 10000^(−d/2). */
function turnedBy({ data, shape }: Tensor): Tensor {
  const N = at(shape, 2);
  const out = Float64Array.from(data, (x, k) => {
    const [d, i] = [k % 4, Math.floor(k / 4) % N];
    const angle = i * 10000 ** (-(d % 2) / 2);
    const partner = at(data, d < 2 ? k + 2 : k - 2);
    return x * Math.cos(angle) + (d < 2 ? -1 : 1) * partner * Math.sin(angle);
  });
  return { data: out, shape };
}

describe("hostile lengths and scores", () => {
  test("nothing to look at gives empty answers", async () => {
    for (const lengths of [{ N: 0 }, { B: 0 }, { H: 0, G: 0 }, { V: 0 }, { N: 1, D: 1 }])
      for (const share of ["query", "group"] as const) {
        const inputs = nodes(lengths);
        const got = await posteriorExpectation(expanding({ share }), inputs, { read });
        const rows = the(inputs, "query").shape.slice(0, 3);
        expect(got["window"]?.shape).toEqual(rows);
        expect(got["operations"]?.shape).toEqual([2]);
        expect(got["continuation"]?.data.every(Number.isFinite)).toBe(true);
      }
  });

  test("no N = 0 table for the exact scheme either", async () => {
    const got = await posteriorExpectation(expanding({ scheme: "exact" }), nodes({ N: 0 }), {
      read,
    });
    expect(got["expectation"]?.shape).toEqual([2, 2, 0, 2]);
  });

  test("scores up to 1e4, either way, overflow nothing", async () => {
    const inputs = nodes({ N: 30 });
    for (const scale of [1e3, -1e3, 3e3])
      for (const scheme of schemes)
        for (const growth of growths) {
          const model = expanding({ scheme, growth, potential: scaledDot({ scale }) });
          const got = await posteriorExpectation(model, inputs, { read });
          for (const name of read)
            expect(got[name]?.data.every(Number.isFinite), `${name} of ${scheme}`).toBe(true);
        }
  });

  test("an empty row is refused where the model says so, and holds its belief elsewhere", async () => {
    const throwing = expanding({ selfEdges: false, whenEmpty: "throw" });
    await expect(posteriorExpectation(throwing, nodes())).rejects.toThrow("empty_neighbourhood");
    const answers = ["continuation", "window", "expectation", "logEvidence"];
    const calm = expanding({ selfEdges: false });
    const got = await posteriorExpectation(calm, nodes({ B: 1, H: 1 }), { read: answers });
    expect(at(got["continuation"]?.data ?? [], 0)).toBeCloseTo(0.8, 14);
    expect(at(got["window"]?.data ?? [], 0)).toBe(0);
    expect(at(got["expectation"]?.data ?? [], 0)).toBe(0);
    expect(at(got["logEvidence"]?.data ?? [], 0)).toBe(Number.NEGATIVE_INFINITY);
  });

  test("queries and keys of different numbers are refused", async () => {
    const inputs = { ...nodes(), ...{ key: nodes({ N: 8 })["key"] as Tensor } };
    await expect(posteriorExpectation(expanding(), inputs)).rejects.toThrow("shape_mismatch");
  });
});
