import {
  absolute,
  bilinear,
  blocks,
  causal,
  classifier,
  complete,
  cross,
  distanceDecay,
  type EdgeModel,
  edgeModel,
  edges,
  gaussian,
  geometric,
  given,
  graph,
  intersection,
  parameter,
  type Readings,
  relative,
  scaledDot,
  scored,
  self,
  softcap,
  tensor,
  union,
  window,
  withoutSelf,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { type Case, dot, gather, infer } from "../enumeration/oracle.ts";
import { posteriorExpectation } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { random } from "../random.ts";

const [N, M, D] = [4, 5, 3];
const rng = random(61);
const matrix = (n: number, width: number): number[][] =>
  Array.from({ length: n }, () => [...rng.normal([width]).data]);
const [query, key, value] = [matrix(N, D), matrix(M, D), matrix(M, 2)];
const nodes = matrix(N, D);
const inputs = { query: single(query), key: single(key), value: single(value) };
const own = { query: single(nodes), key: single(nodes), value: single(nodes) };
const q = (i: number): number[] => query[i] ?? [];
const k = (j: number): number[] => key[j] ?? [];
const plain: Case = {
  receivers: N,
  senders: M,
  admissible: () => true,
  logPrior: () => 0,
  score: (i, j) => dot(q(i), k(j)) / Math.sqrt(D),
};

async function agrees(model: EdgeModel, given: object, truth: Case): Promise<Readings> {
  const read = ["expectation", "posterior", "logEvidence", "entropy"] as const;
  const got = await posteriorExpectation(model, { ...inputs, ...given }, { read });
  const expected = infer(truth);
  near(got.posterior, expected.posterior);
  near(got.logEvidence, expected.logEvidence);
  near(got.entropy, expected.entropy);
  near(got.expectation, gather(expected.posterior, value));
  return got;
}

describe("each row of the table is its formula", () => {
  const table = matrix(1, N + M - 1)[0] ?? [];
  const positions = matrix(N, D);
  const weight = matrix(D, D);
  const rows: [claim: string, model: EdgeModel, given: object, truth: Partial<Case>][] = [
    ["cross attention: softmax of scaled dot products", cross(), {}, {}],
    [
      "causal attention looks at j ≤ i",
      self({ graph: causal() }),
      {},
      { admissible: (i, j) => j <= i },
    ],
    [
      "an offset moves the receivers",
      self({ graph: causal(), offset: 1 }),
      {},
      { admissible: (i, j) => j <= i + 1 },
    ],
    [
      "the last receivers align with the last senders",
      self({ graph: causal(), offset: "last" }),
      {},
      { admissible: (i, j) => j <= i + M - N },
    ],
    [
      "a window includes both its ends",
      graph(window({ back: 2, ahead: 1 })),
      {},
      { admissible: (i, j) => i - 2 <= j && j <= i + 1 },
    ],
    [
      "a window open ahead",
      graph(window({ back: 0 }), { offset: 2 }),
      {},
      { admissible: (i, j) => j >= i + 2 },
    ],
    [
      "blocks see blocks, and receivers beyond the pattern see nobody",
      graph(blocks({ size: 2, pattern: [[0, 1, 1]] })),
      {},
      { admissible: (i, j) => i < 2 && j >= 2 },
    ],
    [
      "a union is either, an intersection both",
      graph(
        union(
          edges([
            [0, 4],
            [3, 0],
          ]),
          intersection(causal(), withoutSelf()),
        ),
      ),
      {},
      { admissible: (i, j) => j < i || (i === 0 && j === 4) },
    ],
    [
      "relative positions: a prior by offset",
      relative(),
      { relative_prior: tensor([table]) },
      { logPrior: (i, j) => table[j - i + N - 1] ?? Number.NaN },
    ],
    [
      "a slope: a linear distance penalty",
      relative({ prior: distanceDecay({ slope: parameter("slope", ["H"]) }), offset: 1 }),
      { slope: tensor([0.7]) },
      { logPrior: (i, j) => -0.7 * Math.abs(i + 1 - j) },
    ],
    [
      "a geometric prior with stopping probability 0.3",
      self({ prior: geometric({ stop: 0.3 }), graph: causal() }),
      {},
      { admissible: (i, j) => j <= i, logPrior: (i, j) => (i - j) * Math.log(0.7) },
    ],
    [
      "a softcap bounds the potential",
      cross({ potential: softcap({ cap: 0.5 }) }),
      {},
      { score: (i, j) => 0.5 * Math.tanh(plain.score(i, j) / 0.5) },
    ],
    [
      "a text changes the potential",
      cross({
        potential: scored("2 * tanh(score / 2) - abs(i - j) / 10", scaledDot({ scale: 1 })),
      }),
      {},
      { score: (i, j) => 2 * Math.tanh(dot(q(i), k(j)) / 2) - Math.abs(i - j) / 10 },
    ],
    [
      "a bilinear potential",
      cross({ potential: bilinear() }),
      { weight: tensor(weight) },
      { score: (i, j) => weight.reduce((s, row, d) => s + (q(i)[d] ?? 0) * dot(row, k(j)), 0) },
    ],
    [
      "a Gaussian potential with its normaliser",
      cross({ potential: gaussian({ precision: 0.7 }) }),
      {},
      {
        score: (i, j) =>
          (D / 2) * Math.log(0.7) -
          0.35 * q(i).reduce((s, x, d) => s + (x - (k(j)[d] ?? 0)) ** 2, 0),
      },
    ],
  ];
  for (const [claim, model, extra, truth] of rows)
    test(claim, async () => {
      await agrees(model, extra, { ...plain, ...truth });
    });

  test("absolute positions are added to the nodes and not to the values", async () => {
    const shifted = nodes.map((x, i) => x.map((a, d) => a + (positions[i]?.[d] ?? 0)));
    const got = await posteriorExpectation(absolute(), { ...own, position: tensor(positions) });
    const { posterior } = infer({
      ...plain,
      senders: N,
      score: (i, j) => dot(shifted[i] ?? [], shifted[j] ?? []) / Math.sqrt(D),
    });
    near(got.expectation, gather(posterior, nodes));
  });

  test("heads read the key and value of group ⌊hG/H⌋, batch entries their own", async () => {
    const [B, H, G] = [2, 4, 2];
    const many = {
      query: rng.normal([B, H, N, D]),
      key: rng.normal([B, G, M, D]),
      value: rng.normal([B, G, M, 2]),
    };
    const rowsOf = (t: { data: ArrayLike<number> }, block: number, n: number, width: number) =>
      Array.from({ length: n }, (_, i) =>
        Array.from({ length: width }, (_, c) => t.data[(block * n + i) * width + c] ?? Number.NaN),
      );
    const expected = Array.from({ length: B * H }, (_, block) => {
      const group = Math.floor(block / H) * G + Math.floor(((block % H) * G) / H);
      const [a, b] = [rowsOf(many.query, block, N, D), rowsOf(many.key, group, M, D)];
      const score = (i: number, j: number): number => dot(a[i] ?? [], b[j] ?? []) / Math.sqrt(D);
      return gather(infer({ ...plain, score }).posterior, rowsOf(many.value, group, M, 2));
    });
    near((await posteriorExpectation(cross(), many)).expectation, expected);
  });
});

describe("limits", () => {
  const expectationOf = async (model: EdgeModel, given: object): Promise<number[][]> => {
    const { data } = (await posteriorExpectation(model, { ...own, ...given })).expectation ?? {};
    return [[...(data ?? [])]];
  };
  const near2 = (a: number[][], b: number[][]): void => near({ data: a.flat() }, b);

  test("self attention is cross attention of a sequence with itself", async () => {
    near2(await expectationOf(self(), {}), await expectationOf(cross(), {}));
  });
  test("graph attention on a complete neighbourhood is cross attention", async () => {
    near2(await expectationOf(graph(complete()), {}), await expectationOf(cross(), {}));
    const all = blocks({ size: N, pattern: [[1]] });
    near2(await expectationOf(graph(all), {}), await expectationOf(cross(), {}));
  });
  test("a constant table of relative positions is self attention", async () => {
    const table = { data: new Float64Array(2 * N - 1).fill(3), shape: [1, 2 * N - 1] };
    near2(
      await expectationOf(relative(), { relative_prior: table }),
      await expectationOf(self(), {}),
    );
  });
  test("positions of 0 make absolute positions self attention", async () => {
    const position = { data: new Float64Array(N * D), shape: [N, D] };
    near2(await expectationOf(absolute(), { position }), await expectationOf(self(), {}));
  });
  test("a linear penalty is a geometric prior with continuation e^(−slope)", async () => {
    const slope = 0.4;
    const stop = 1 - Math.exp(-slope);
    near2(
      await expectationOf(relative({ prior: distanceDecay({ slope }) }), {}),
      await expectationOf(relative({ prior: geometric({ stop }) }), {}),
    );
  });
  test("a cap far above the scores changes nothing", async () => {
    const capped = cross({ potential: softcap({ cap: 1e9 }) });
    near2(await expectationOf(capped, {}), await expectationOf(cross(), {}));
  });
  test("an identity weight with scale 1/√D is the scaled dot product", async () => {
    const weight = tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const model = edgeModel({ potential: bilinear({ scale: 1 / Math.sqrt(D) }) });
    near2(await expectationOf(model, { weight }), await expectationOf(cross(), {}));
  });
  test("an evidence under a normalised prior is below that of a mask by ln n − ln |N(i)|", async () => {
    const cut = await posteriorExpectation(
      graph(
        edges([
          [0, 1],
          [0, 2],
        ]),
      ),
      inputs,
    );
    const masked =
      Math.log(Math.exp(plain.score(0, 1)) + Math.exp(plain.score(0, 2))) - Math.log(M);
    expect((cut.logEvidence?.data[0] ?? 0) - masked).toBeCloseTo(Math.log(M) - Math.log(2), 12);
  });
});

describe("the classification layer", () => {
  const features = matrix(3, D);
  const classes = matrix(4, D);
  const layer = { features: tensor(features), classes: tensor(classes) };

  test("is softmax regression, and its cross-entropy is ℓ − s_c − ln π_c", async () => {
    const logFrequency = [0.1, 0.2, 0.3, 0.4].map(Math.log);
    const truth = infer({
      receivers: 3,
      senders: 4,
      admissible: () => true,
      logPrior: (_, c) => logFrequency[c] ?? Number.NaN,
      score: (b, c) => dot(features[b] ?? [], classes[c] ?? []),
    });
    const model = classifier({ prior: given("log_prior", ["M"]) });
    const read = ["posterior", "logEvidence"] as const;
    const got = await posteriorExpectation(
      model,
      { ...layer, log_prior: tensor(logFrequency.map((x) => x + 5)) },
      { read },
    );
    near(got.posterior, truth.posterior);
    near(got.logEvidence, truth.logEvidence);
    const crossEntropy = -Math.log(truth.posterior[1]?.[2] ?? 0);
    const s = dot(features[1] ?? [], classes[2] ?? []);
    expect((truth.logEvidence[1] ?? 0) - s - (logFrequency[2] ?? 0)).toBeCloseTo(crossEntropy, 12);
  });

  test("divides scores by a temperature", async () => {
    const score = (b: number, c: number): number => dot(features[b] ?? [], classes[c] ?? []);
    const truth = infer({ ...plain, receivers: 3, senders: 4, score, temperature: 2.5 });
    const read = ["posterior", "logEvidence"] as const;
    const got = await posteriorExpectation(classifier({ temperature: 2.5 }), layer, { read });
    near(got.posterior, truth.posterior);
    near(got.logEvidence, truth.logEvidence);
  });
});
