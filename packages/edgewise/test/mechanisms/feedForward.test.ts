import {
  binary,
  cross,
  type EdgeModelOptions,
  feedForward,
  given,
  hard,
  type Inputs,
  indicator,
  proportional,
  type Tensor,
  tensor,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { at, random } from "../random.ts";

const units = ["sigmoid", "silu", "relu", "gelu", "softmax"] as const;
type Unit = (typeof units)[number];
const read = ["expectation", "posterior"] as const;
const [B, N, K, D, V] = [2, 3, 5, 4, 2];

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
/** Φ by Simpson's rule from 0, apart from how the library has it. */
function normal(x: number): number {
  const steps = 400;
  const h = x / steps;
  let sum = 0;
  for (let k = 0; k <= steps; k++)
    sum += (k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2) * Math.exp(-((k * h) ** 2) / 2);
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

/** Posterior of each memory, and what it adds for each unit of value. */
function direct(unit: Unit, a: readonly number[], c: readonly number[]): [number[], number[]] {
  const w = a.map((x, k) => x + at(c, k));
  const top = Math.max(...w);
  const mass = w.reduce((sum, x) => sum + Math.exp(x - top), 0);
  const p = {
    sigmoid: () => w.map(sigma),
    silu: () => w.map(sigma),
    relu: () => a.map((x) => Number(x > 0)),
    gelu: () => a.map(normal),
    softmax: () => w.map((x) => Math.exp(x - top) / mass),
  }[unit]();
  const isScored = unit === "silu" || unit === "relu" || unit === "gelu";
  return [p, p.map((x, k) => (isScored ? x * at(a, k) : x))];
}

function nodes(): { query: Tensor; key: Tensor; value: Tensor } {
  const rng = random(11);
  return { query: rng.normal([B, N, D]), key: rng.normal([K, D]), value: rng.normal([K, V]) };
}

/** Posterior and expectation of every receiver, in order. */
function formulas(
  unit: Unit,
  { query, key, value }: ReturnType<typeof nodes>,
  c: readonly number[],
) {
  const posterior: number[] = [];
  const expectation: number[] = [];
  for (let i = 0; i < B * N; i++) {
    const a = Array.from({ length: K }, (_, k) =>
      Array.from(
        { length: D },
        (_, d) => at(query.data, i * D + d) * at(key.data, k * D + d),
      ).reduce((x, y) => x + y, 0),
    );
    const [p, worth] = direct(unit, a, c);
    posterior.push(...p);
    for (let v = 0; v < V; v++)
      expectation.push(worth.reduce((sum, x, k) => sum + x * at(value.data, k * V + v), 0));
  }
  return { posterior, expectation };
}

describe.each(units)("%s", (unit) => {
  test("is its formula", async () => {
    const inputs = nodes();
    const expected = formulas(unit, inputs, new Array(K).fill(0));
    const answer = await posteriorExpectation(feedForward({ unit }), inputs, { read });
    expect(answer.expectation.shape).toEqual([B, N, V]);
    expect(answer.posterior.shape).toEqual([B, N, K]);
    near(answer.posterior, expected.posterior);
    near(answer.expectation, expected.expectation);
  });

  test("of no memories is 0, and no queries or batches have no answer", async () => {
    for (const [b, n, k] of [
      [2, 3, 0],
      [2, 0, 4],
      [0, 3, 4],
    ] as const) {
      const filled = (...shape: number[]): Tensor => ({
        data: new Float32Array(shape.reduce((x, y) => x * y, 1)).fill(1),
        shape,
      });
      const inputs = { query: filled(b, n, 2), key: filled(k, 2), value: filled(k, 3) };
      const answer = await posteriorExpectation(feedForward({ unit }), inputs, { read });
      expect([answer.expectation.shape, answer.posterior.shape]).toEqual([
        [b, n, 3],
        [b, n, k],
      ]);
      if (k === 0) expect(answer.expectation.data.every((y) => y === 0)).toBe(true);
    }
  });

  test("is finite for scores of ±10⁴, and so are its readings", async () => {
    const inputs = {
      query: tensor([[[100], [-100]]]),
      key: tensor([[100], [-100], [0]]),
      value: tensor([[1], [1], [1]]),
    };
    const readings = ["relu", "gelu"].includes(unit)
      ? read
      : ([...read, "logEvidence", "entropy"] as const);
    const answer = await posteriorExpectation(feedForward({ unit }), inputs, { read: readings });
    for (const name of readings) expect(answer[name]?.data.every(Number.isFinite), name).toBe(true);
    const scored = unit === "silu" || unit === "relu" || unit === "gelu";
    const half = unit === "sigmoid" ? 1.5 : 1;
    near(answer.expectation, scored ? [1e4, 1e4] : [half, half]);
  });
});

describe("prior log odds", () => {
  test.each(["sigmoid", "silu", "softmax"] as const)(
    "%s has them, and −∞ removes a memory",
    async (unit) => {
      const inputs = nodes();
      const odds = [0.5, -1, Number.NEGATIVE_INFINITY, 2, 0];
      const log_odds = { data: Float64Array.from(odds), shape: [K] };
      const model = feedForward({ unit, prior: given("log_odds", ["M"]) });
      const expected = formulas(unit, inputs, odds);
      const answer = await posteriorExpectation(model, { ...inputs, log_odds }, { read });
      near(answer.posterior, expected.posterior);
      near(answer.expectation, expected.expectation);
      for (let i = 0; i < B * N; i++) expect(answer.posterior.data[i * K + 2]).toBe(0);
    },
  );

  test("softmax with every memory removed answers 0", async () => {
    const none = { data: new Float64Array(K).fill(Number.NEGATIVE_INFINITY), shape: [K] };
    const model = feedForward({ unit: "softmax", prior: given("log_odds", ["M"]) });
    const answer = await posteriorExpectation(model, { ...nodes(), log_odds: none }, { read });
    expect(answer.expectation.data.every((y) => y === 0)).toBe(true);
  });
});

describe("limits", () => {
  test("silu goes to relu as the temperature goes to 0, and to half the linear layer as it grows", async () => {
    const inputs = nodes();
    const relu = await posteriorExpectation(feedForward(), inputs, { read });
    let last = Number.POSITIVE_INFINITY;
    for (const temperature of [1, 0.1, 0.01, 1e-6]) {
      const silu = await posteriorExpectation(feedForward({ unit: "silu", temperature }), inputs, {
        read,
      });
      const error = Math.max(
        ...silu.expectation.data.map((y, k) => Math.abs(y - at(relu.expectation.data, k))),
      );
      expect(error).toBeLessThan(last);
      last = error;
    }
    expect(last).toBeLessThan(1e-9);
    const hot = feedForward({ unit: "silu", temperature: 1e12 });
    const { expectation } = await posteriorExpectation(hot, inputs, { read });
    const negated = {
      ...inputs,
      query: { ...inputs.query, data: inputs.query.data.map((x) => -x) },
    };
    const below = await posteriorExpectation(feedForward(), negated, { read });
    near(
      expectation,
      [...relu.expectation.data].map((y, k) => (y - at(below.expectation.data, k)) / 2),
      1e-10,
    );
  });

  test("with probit noise the temperature is its standard deviation", async () => {
    const inputs = nodes();
    const half = { ...inputs, key: { ...inputs.key, data: inputs.key.data.map((x) => x / 2) } };
    const wide = await posteriorExpectation(feedForward({ unit: "gelu", temperature: 2 }), inputs, {
      read,
    });
    const narrow = await posteriorExpectation(feedForward({ unit: "gelu" }), half, { read });
    near(wide.posterior, [...narrow.posterior.data]);
  });
});

test("a proportional value under a softmax is the mean of score times value", async () => {
  const inputs = { query: single([[1]]), key: single([[1], [2]]), value: single([[3], [5]]) };
  const { expectation } = await posteriorExpectation(cross({ value: proportional() }), inputs);
  const p = sigma(1);
  near(expectation, [(1 - p) * 1 * 3 + p * 2 * 5]);
});

describe("what binary edges do not have is refused", () => {
  test("evidence and entropy without logistic noise", async () => {
    for (const unit of ["relu", "gelu"] as const)
      for (const name of ["logEvidence", "entropy"])
        await expect(
          posteriorExpectation(feedForward({ unit }), nodes(), { read: [name] }),
        ).rejects.toThrow("readings among expectation, posterior, scatter, mass");
  });

  test("a mode and samples", async () => {
    const model = feedForward({ unit: "sigmoid" });
    await expect(posteriorExpectation(model, nodes(), { read: ["mode"] })).rejects.toThrow("mode");
  });

  test.each<[string, EdgeModelOptions, string]>([
    ["log odds with a step", { choice: binary({ noise: "none" }), prior: given() }, "noise none"],
    [
      "log odds with probit noise",
      { choice: binary({ noise: "probit" }), prior: given() },
      "noise probit",
    ],
    ["senders that choose", { choice: binary(), chooser: "sender" }, "read scatter"],
    ["a refusal of empty rows", { choice: binary(), whenEmpty: "throw" }, 'whenEmpty: "throw"'],
    ["the edge as its value", { choice: binary(), value: indicator() }, "value indicator"],
    ["draws", { choice: binary(), inference: hard().inference }, "inference draw of binary edges"],
    [
      "a regression",
      { choice: binary(), inference: { kind: "ridge", ridge: 1, exponentiated: true } },
      "inference ridge",
    ],
    [
      "a noise of no name",
      { choice: { kind: "binary", noise: "gumbel" as never } },
      "noise gumbel",
    ],
    ["a choice of no name", { choice: { kind: "binry" } as never }, "write binary"],
  ])("%s", (_, options, text) => {
    expect(() => cross(options)).toThrow(text);
  });

  test("a unit of no name, with the nearest", () => {
    expect(() => feedForward({ unit: "sigmoids" as never })).toThrow("write sigmoid");
  });
});

test("a receiver's edges are counted", async () => {
  const { info } = await posteriorExpectation(feedForward(), nodes() as Inputs, { read });
  expect(info.edges).toBe(B * N * K);
});
