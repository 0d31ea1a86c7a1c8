import {
  absolute,
  bilinear,
  blocks,
  causal,
  classifier,
  cross,
  distanceDecay,
  type EdgeModel,
  edgeModel,
  edges,
  edgesFrom,
  expression,
  gaussian,
  geometric,
  given,
  graph,
  type Inputs,
  intersection,
  parameter,
  perOffset,
  product,
  type Reading,
  relative,
  rotary,
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
import { random } from "../random.ts";
import { checkGradient, everything } from "./checkGradient.ts";

interface Lengths {
  readonly B?: number;
  readonly H?: number;
  readonly G?: number;
  readonly N?: number;
  readonly M?: number;
  readonly D?: number;
  readonly V?: number;
}

/** Query, key, value and values of the choosers. */
function nodes({ B = 2, H = 2, G = H, N = 3, M = 4, D = 2, V = 2 }: Lengths = {}): Inputs {
  const rng = random(17);
  return {
    query: rng.normal([B, H, N, D]),
    key: rng.normal([B, G, M, D]),
    value: rng.normal([B, G, M, V]),
    chooser_value: rng.normal([B, H, N, V]),
  };
}
const rng = random(99);

const list: [number, number][] = [
  [0, 3],
  [0, 1],
  [2, 0],
  [2, 2],
  [2, 3],
];
const square = { N: 4, M: 4 };
const cases: [claim: string, model: EdgeModel, inputs: Inputs][] = [
  ["cross attention", cross(), nodes()],
  ["grouped heads: four read two groups", cross(), nodes({ H: 4, G: 2, N: 2 })],
  ["heads that all read one group", cross(), nodes({ H: 3, G: 1, N: 2 })],
  ["causal self attention", self({ graph: causal() }), nodes(square)],
  ["causal with the last receivers aligned", self({ graph: causal(), offset: "last" }), nodes()],
  ["causal with empty first rows", self({ graph: causal(), offset: -2 }), nodes()],
  ["a window", self({ graph: window({ back: 1, ahead: 1 }) }), nodes(square)],
  ["no self-edges", self({ graph: withoutSelf() }), nodes(square)],
  [
    "an intersection of rules",
    self({ graph: intersection(causal(), withoutSelf()) }),
    nodes(square),
  ],
  [
    "a union of rules",
    self({ graph: union(window({ back: 0, ahead: 0 }), window({ back: 3, ahead: -2 })) }),
    nodes(square),
  ],
  ["a list of edges with an empty row", graph(edges(list)), nodes()],
  [
    "a pattern of blocks",
    graph(
      blocks({
        size: 2,
        pattern: [
          [1, 0],
          [1, 1],
        ],
      }),
    ),
    nodes(square),
  ],
  ["a union of a list and a rule", graph(union(edges(list), causal())), nodes({ N: 3, M: 4 })],
  [
    "edges from a tensor, in grouped heads",
    graph(edgesFrom()),
    {
      ...nodes({ H: 4, G: 2 }),
      edges: { data: Int32Array.from(list.flat()), shape: [list.length, 2] },
    },
  ],
  [
    "relative positions",
    relative(),
    { ...nodes({ N: 3, M: 4 }), relative_prior: rng.normal([2, 6]) },
  ],
  [
    "a learned slope per head",
    relative({ prior: distanceDecay({ slope: parameter("slope", ["H"]) }) }),
    { ...nodes(), slope: rng.between(0.1, 1, [2]) },
  ],
  [
    "a learned stopping probability per head, with an offset",
    self({ prior: geometric({ stop: parameter("stop", ["H"]) }), graph: causal(), offset: 1 }),
    { ...nodes(square), stop: rng.between(0.2, 0.7, [2]) },
  ],
  [
    "a learned stopping probability, one for all",
    self({ prior: geometric({ stop: parameter("stop") }) }),
    { ...nodes(square), stop: rng.between(0.2, 0.7) },
  ],
  ["absolute positions", absolute(), { ...nodes(square), position: rng.normal([4, 2]) }],
  ["rotary positions by halves", rotary({ base: 20, offset: 2 }), nodes({ ...square, D: 4 })],
  [
    "rotary positions, interleaved",
    rotary({ base: 20, pairing: "interleaved", offset: "last" }),
    nodes({ D: 4 }),
  ],
  [
    "a learned scale",
    cross({ potential: scaledDot({ scale: parameter("scale", ["H"]) }) }),
    { ...nodes(), scale: rng.between(0.3, 1, [2]) },
  ],
  [
    "a learned temperature under a prior",
    relative({ temperature: parameter("temperature", ["B", "H"]) }),
    { ...nodes(), relative_prior: rng.normal([2, 6]), temperature: rng.between(0.5, 2, [2, 2]) },
  ],
  [
    "a learned temperature of prior and potential",
    relative({ temperature: parameter("temperature"), tempering: "joint" }),
    { ...nodes(), relative_prior: rng.normal([2, 6]), temperature: rng.between(0.5, 2) },
  ],
  [
    "a learned softcap",
    cross({ potential: softcap({ cap: parameter("cap", ["H"]) }) }),
    { ...nodes(), cap: rng.between(1, 3, [2]) },
  ],
  [
    "a learned bilinear weight between unlike widths",
    edgeModel({
      nodes: { query: { tensor: "query", shape: ["B", "H", "N", "C"] } },
      potential: bilinear({ scale: parameter("scale") }),
    }),
    {
      ...nodes(),
      query: rng.normal([2, 2, 3, 3]),
      weight: rng.normal([3, 2]),
      scale: rng.between(0.5, 1),
    },
  ],
  [
    "a learned precision for each sender",
    cross({ potential: gaussian({ precision: parameter("precision", ["B", "H", "M"]) }) }),
    { ...nodes(), precision: rng.between(0.3, 2, [2, 2, 4]) },
  ],
  [
    "a learned precision without normaliser",
    cross({ potential: gaussian({ precision: parameter("precision"), normalised: false }) }),
    { ...nodes(), precision: rng.between(0.3, 2) },
  ],
  [
    "tensors in a prior's text",
    cross({
      prior: expression("where(j <= i, -slope[head] * abs(i - j) + table[i, j], forbidden)"),
    }),
    { ...nodes(), slope: rng.normal([2]), table: rng.normal([3, 4]) },
  ],
  [
    "tensors in a potential's text",
    cross({ potential: scored("gain[head, j] * tanh(score / max(cap[batch], 0.1)) + shift[i]") }),
    {
      ...nodes(),
      gain: rng.normal([2, 4]),
      cap: rng.between(0.5, 2, [2]),
      shift: rng.normal([3]),
    },
  ],
  [
    "every function of a text",
    cross({
      potential: scored(
        "exp(0.1 * score) + log(2 + abs(a[j])) * sqrt(b[j]) + min(score, 9) + max(a[j], b[i]) + mod(a[j], b[j]) - floor(b[j]) / b[j]",
      ),
    }),
    // Away from the kinks of max and abs, and the steps of mod.
    { ...nodes(), a: tensor([-1.3, 0.2, 1.1, 2]), b: tensor([0.5, 0.6, 0.4, 1.7]) },
  ],
  [
    "a product of priors",
    relative({
      prior: product(perOffset(), given(), distanceDecay({ slope: parameter("slope", ["H"]) })),
      graph: window({ back: 2, ahead: 1 }),
    }),
    {
      ...nodes(),
      relative_prior: rng.normal([2, 6]),
      log_prior: rng.normal([1, 2, 3, 4]),
      slope: rng.normal([2]),
    },
  ],
];

describe("gradients are what differences say", () => {
  for (const [claim, model, inputs] of cases)
    test(claim, async () => {
      await checkGradient(model, inputs, { of: everything });
    });
});

describe("each reading has a gradient of its own", () => {
  const model = relative({
    prior: product(perOffset(), given()),
    graph: edges(list),
    temperature: parameter("temperature"),
    potential: gaussian({ precision: parameter("precision", ["H"]) }),
  });
  const inputs = {
    ...nodes(),
    relative_prior: rng.normal([2, 6]),
    log_prior: rng.normal([2, 1, 3, 4]),
    temperature: rng.between(0.7, 1.5),
    precision: rng.between(0.5, 1.5, [2]),
  };
  for (const reading of everything)
    test(reading, async () => {
      await checkGradient(model, inputs, { of: [reading], elements: 12 });
    });
});

describe("a given log prior", () => {
  const shapes = [
    [1, 1, 3, 4],
    [2, 1, 3, 4],
    [1, 2, 3, 4],
    [2, 2, 3, 4],
  ];
  for (const shape of shapes)
    test(`has a gradient in its own shape [${shape.join(", ")}], 0 where it forbids`, async () => {
      const log_prior = random(5).normal(shape);
      // The last row is empty in every batch entry and head, the first lacks one edge.
      log_prior.data.forEach((_, k) => {
        if (k % 12 >= 8 || k % 12 === 1) log_prior.data[k] = Number.NEGATIVE_INFINITY;
      });
      const inputs = { ...nodes(), log_prior };
      const { query } = await checkGradient(cross({ prior: given() }), inputs, { of: everything });
      query?.data.forEach((g, k) => {
        if (Math.floor(k / 2) % 3 === 2) expect(g).toBe(0);
      });
    });

  test("has a gradient of 0 where the graph leaves an edge out", async () => {
    const inputs = { ...nodes(), log_prior: random(5).normal([1, 1, 3, 4]) };
    const model = cross({ prior: given(), graph: edges(list) });
    const { log_prior } = await checkGradient(model, inputs, { of: everything });
    log_prior?.data.forEach((g, k) => {
      const inside = list.some(([i, j]) => 4 * i + j === k);
      if (!inside) expect(g).toBe(0);
      else expect(g).not.toBe(0);
    });
  });
});

describe("senders that choose", () => {
  const of: Reading[] = ["expectation", "mass", "logEvidence", "entropy", "posterior"];
  // A sender's value is what it sends: one row of value for each owner.
  const graphs = [
    ["everybody", undefined],
    ["a causal graph", causal()],
    ["a window", window({ back: 1, ahead: 0 })],
    [
      "a list of edges with senders that have none",
      edges([
        [0, 0],
        [1, 0],
        [2, 3],
        [0, 3],
      ]),
    ],
  ] as const;
  for (const [claim, allowed] of graphs)
    test(`scatter over ${claim}`, async () => {
      const { chooser_value: _, ...inputs }: Inputs = { ...nodes(), slope: rng.normal([2]) };
      const model = cross({
        chooser: "sender",
        prior: expression("-slope[head] * abs(i - j)"),
        ...(allowed === undefined ? {} : { graph: allowed }),
      });
      await checkGradient(model, inputs, { of });
    });
});

describe("the classification layer", () => {
  test("has gradients by features, classes and the log prior", async () => {
    const inputs = {
      features: rng.normal([3, 2]),
      classes: rng.normal([4, 2]),
      log_prior: rng.normal([4]),
    };
    const model = classifier({
      prior: given("log_prior", ["M"]),
      temperature: parameter("temperature", ["B"]),
    });
    const of: Reading[] = ["posterior", "logEvidence", "entropy"];
    await checkGradient(model, { ...inputs, temperature: rng.between(0.5, 2, [3]) }, { of });
  });
});

describe("long rows", () => {
  for (const length of [1, 3, 37, 129])
    test(`gradients hold at length ${length}`, async () => {
      const lengths = { B: 1, H: 2, G: 1, N: length, M: length, D: 4, V: 3 };
      const inputs = {
        ...nodes(lengths),
        relative_prior: random(3).normal([2, 2 * length - 1]),
        slope: random(4).between(0, 0.2, [2]),
      };
      const prior = product(perOffset(), distanceDecay({ slope: parameter("slope", ["H"]) }));
      const options = { of: everything, elements: 2, directions: 1 };
      await checkGradient(relative({ prior, graph: causal() }), inputs, options);
      const pairs = Array.from({ length }, (_, i): [number, number] => [i, (7 * i) % length]);
      const ring = pairs.map(([i]): [number, number] => [i, (i + 1) % length]);
      await checkGradient(relative({ prior, graph: edges([...pairs, ...ring]) }), inputs, options);
    });
});

describe("no edges at all", () => {
  for (const [N, M] of [
    [0, 3],
    [3, 0],
    [0, 0],
  ] as const)
    test(`${N} receivers and ${M} senders have gradients of 0 in the inputs' shapes`, async () => {
      const inputs = nodes({ N, M });
      const gradient = await checkGradient(cross(), inputs, { of: everything });
      for (const { data } of Object.values(gradient)) expect(data.every((g) => g === 0)).toBe(true);
    });

  test("an empty row gets a gradient of exactly 0, and nothing is NaN", async () => {
    const gradient = await checkGradient(graph(edges([[1, 2]])), nodes(), { of: everything });
    for (const [name, { data }] of Object.entries(gradient)) {
      expect(data.some(Number.isNaN)).toBe(false);
      const width = name === "query" || name === "chooser_value" ? 3 : 4;
      const alive = width === 3 ? 1 : 2;
      data.forEach((g, k) => {
        if (Math.floor(k / 2) % width !== alive) expect(g, `${name}[${k}]`).toBe(0);
      });
    }
  });
});
