/** Nodes all of whose edges weigh too little for single precision are refused, not left without edges. */
import {
  cross,
  edges,
  expression,
  gaussian,
  given,
  hard,
  type Inputs,
  type Model,
  prepare,
  probabilistic,
  type Reading,
  scaledDot,
  scored,
  slot,
  type Tensor,
  window,
} from "edgewise";
import { reference } from "edgewise/engines/reference";
import {
  add,
  axis,
  type Expr,
  index,
  load,
  log,
  multiply,
  normalise,
  type Program,
  type Support,
  subtract,
  unary,
} from "edgewise/ir";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusal } from "./agreement.ts";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

const none = Number.NEGATIVE_INFINITY;
const filled = (value: number, ...shape: number[]): Tensor => ({
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  shape,
});

const [i, j] = [axis("i", "N"), axis("j", "M")];
const evidenceOf = (logWeight: Expr, support: Support): Program => ({
  name: "evidence",
  inputs: [
    { name: "x", shape: ["N"] },
    { name: "y", shape: ["M"] },
  ],
  steps: [normalise({ over: [i], edges: support, logWeight, logEvidence: "evidence" })],
  outputs: { evidence: "evidence" },
});
const [x, y] = [load("x", [index(i)]), load("y", [index(j)])];

/** Log weights of both ends, of the receiver alone, and of the distance: each is a kernel of its own. */
const weights: readonly [what: string, logWeight: Expr][] = [
  ["both ends", multiply(x, y)],
  ["the receiver", multiply(x, load("y", [0]))],
  [
    "the distance",
    multiply(
      multiply(load("x", [0]), load("y", [0])),
      add(1, unary("abs", subtract(index(i), index(j)))),
    ),
  ],
];
const supports: readonly [where: string, support: Support][] = [
  ["every sender", { axis: j }],
  ["the past", { axis: j, to: add(index(i), 1) }],
];

describe("a log weight below single precision on every edge of a node is refused", () => {
  for (const [what, logWeight] of weights)
    for (const [where, support] of supports)
      test.each([
        [3, 4],
        [50, 170],
      ])(`by ${what} to ${where}, %d × %d`, (n, m) => {
        const program = evidenceOf(logWeight, support);
        for (const { name, engine } of tried) {
          const run = (): unknown =>
            engine.runSync(engine.lower(program), { x: filled(1e20, n), y: filled(-1e20, m) });
          const refused = refusal(run);
          expect(refused?.code, name).toBe("not_finite");
          expect(refused?.got).toMatch(/^-Infinity on every edge of a node, from .*x\[/);
          expect(refused?.fix).toContain("3.4e38 in single precision");
        }
      });

  const dot = scaledDot({ scale: 1 });
  const listed = edges(Array.from({ length: 9 }, (_, k) => [k, (5 * k) % 9] as const));
  const models: readonly [what: string, model: Model, read: Reading][] = [
    ["a window", cross({ graph: window({ back: 3, ahead: 1 }), potential: dot }), "expectation"],
    ["a list of edges", cross({ graph: listed, potential: dot }), "expectation"],
    ["the most probable edge", hard({ potential: dot }), "choice"],
    ["normalised Gaussians", cross({ potential: gaussian() }), "expectation"],
    ["a mixture", probabilistic(), "expectation"],
    [
      "a text that falls too fast",
      cross({ potential: scored("-exp(10 + abs(score))") }),
      "expectation",
    ],
    [
      "edges beside forbidden ones",
      cross({ prior: expression("where(j < 3, forbidden, 0)"), potential: dot }),
      "expectation",
    ],
    ["slots", slot({ update: "mean", maxIterations: 1 }), "slots"],
    ["one round of slots by gradient", slot({ update: "sum", maxIterations: 1 }), "slots"],
  ];
  test.each(models)("of %s", async (_, model, read) => {
    for (const { name, engine } of tried) {
      const attend = await prepare(model, { engine, read: [read] });
      const inputs = Object.fromEntries(
        attend.program.inputs.flatMap(({ name: tensor, shape }): [string, Tensor][] => {
          if (tensor.includes(" ")) return [];
          const value = /query|slots/.test(tensor) ? 1e20 : -1e20;
          return [[tensor, filled(value, ...shape.map((size) => lengths[size] ?? 1))]];
        }),
      );
      const refused = refusal(() => attend.sync(inputs));
      expect([refused?.code, refused?.got.slice(0, 9)], name).toEqual(["not_finite", "-Infinity"]);
    }
  });
});

const lengths: Readonly<Record<string, number>> = {
  B: 1,
  H: 1,
  G: 1,
  N: 9,
  M: 9,
  K: 3,
  D: 4,
  V: 2,
};

describe("a log weight of −∞ that was said leaves a node without edges", () => {
  const said: readonly [how: string, logWeight: Expr, y: Inputs[string]][] = [
    ["by −∞ in a tensor", add(x, y), filled(none, 170)],
    ["by the logarithm of 0", add(x, log(y)), filled(0, 170)],
    ["by a constant", add(x, none), filled(1, 170)],
  ];
  test.each(said)("%s", (_, logWeight, given) => {
    const program = evidenceOf(logWeight, { axis: j });
    const inputs = { x: filled(1, 50), y: given };
    for (const { name, engine } of tried) {
      const { outputs, counters } = engine.runSync(engine.lower(program), inputs);
      expect(outputs["evidence"], name).toEqual(filled(none, 50));
      expect(counters.folds["evidence"]?.emptyRows).toBe(50);
    }
  });
});

test("edges that weigh too little beside one that does not are 0", async () => {
  const model = cross({ prior: given(), potential: scaledDot({ scale: 1 }) });
  const far = filled(-1e20, 1, 1, 9, 4);
  far.data.fill(1e-20, 32);
  const inputs = {
    query: filled(1e20, 1, 1, 9, 4),
    key: far,
    value: { data: Float32Array.from({ length: 9 }, (_, k) => k), shape: [1, 1, 9, 1] },
    log_prior: filled(0, 1, 1, 9, 9),
  };
  for (const { name, engine } of tried) {
    const got = (await prepare(model, { engine })).sync(inputs);
    expect([...got.expectation.data], name).toEqual(Array(9).fill(8));
    expect([...got.logEvidence.data]).toEqual(Array(9).fill(Math.fround(4 - Math.log(9))));
  }
});

test("a number in double precision that single precision does not have is refused by its place", async () => {
  const x = filled(1, 1, 1, 2, 4);
  const value = { data: Float64Array.of(1, 1e300), shape: [1, 1, 2, 1] };
  for (const { name, engine } of tried) {
    const attend = await prepare(cross(), { engine });
    const refused = refusal(() => attend.sync({ query: x, key: x, value }));
    expect([refused?.code, refused?.where], name).toEqual(["not_finite", "value"]);
    expect(refused?.got).toBe("1e+300 at element 1, which is infinite in single precision");
  }
});

test("the reference draws the line where double precision ends", () => {
  const engine = reference();
  const artifact = engine.lower(evidenceOf(multiply(x, y), { axis: j }));
  const run = (value: number): unknown =>
    engine.runSync(artifact, {
      x: { data: Float64Array.of(value), shape: [1] },
      y: { data: Float64Array.of(-value), shape: [1] },
    });
  expect(refusal(() => run(1e20))).toBeUndefined();
  expect(refusal(() => run(1e160))?.got).toMatch(/^-Infinity on every edge of a node/);
});
