/** Edge models: graphs, priors, potentials, heads and temperatures that are lowered differently. */
import {
  absolute,
  bilinear,
  blocks,
  causal,
  classifier,
  cross,
  distanceDecay,
  edgeModel,
  edges,
  edgesFrom,
  expression,
  type Graph,
  gaussian,
  geometric,
  given,
  graph,
  intersection,
  type Potential,
  type Prior,
  parameter,
  perOffset,
  product,
  proportional,
  relative,
  rotary,
  scaledDot,
  scored,
  self,
  softcap,
  union,
  window,
  withoutSelf,
} from "edgewise";
import { random } from "../../random.ts";
import type { ModelCase } from "../cases.ts";
import type { Lengths } from "../inputs.ts";

const list: [receiver: number, sender: number][] = [
  [0, 3],
  [0, 1],
  [2, 0],
  [2, 2],
  [2, 4],
  [4, 4],
  [4, 0],
];
/** Longer than a panel of columns and a block of rows, and a multiple of neither. */
const nodes: Lengths = { N: 7, M: 11, D: 5, V: 3 };
const square: Lengths = { ...nodes, M: 7 };

const graphs: [claim: string, graph: Graph, lengths?: Lengths][] = [
  ["the past", causal(), square],
  ["a window", window({ back: 2, ahead: 1 })],
  ["a window open behind", window({ ahead: 1 })],
  [
    "a window that is past the end for the last rows",
    window({ back: -3, ahead: 5 }),
    { N: 9, M: 6 },
  ],
  ["no self-edges", withoutSelf()],
  ["the past without self-edges", intersection(causal(), withoutSelf()), square],
  ["two windows", union(window({ back: 0, ahead: 0 }), window({ back: 4, ahead: -2 })), square],
  [
    "a union inside an intersection",
    intersection(union(causal(), window({ back: -4 })), window({ back: 3 })),
    square,
  ],
  ["a list of edges", edges(list)],
  [
    "a pattern of blocks",
    blocks({
      size: 2,
      pattern: [
        [1, 0, 0],
        [1, 1, 0],
        [0, 0, 0],
      ],
    }),
    { N: 6, M: 6 },
  ],
  ["a list and the past", union(edges(list), causal()), square],
  ["a list in a window", intersection(edges(list), window({ back: 2, ahead: 2 })), square],
];

const priors: [claim: string, prior: Prior, lengths?: Lengths][] = [
  ["a table of offsets", perOffset()],
  ["a slope for each head", distanceDecay({ slope: parameter("slope", ["H"]) })],
  ["a slope that is one number", distanceDecay({ slope: 0.3 })],
  ["a stopping probability", geometric({ stop: parameter("stop", ["H"]) })],
  ["a stopping probability for all", geometric({ stop: parameter("stop") })],
  ["a given log prior", given()],
  [
    "a text of indices and lengths",
    expression("-0.2 * abs(i - j) + 0.1 * head - j / M + i / N + 0.01 * batch"),
  ],
  [
    "a text that forbids",
    expression("where(j <= i + 2, -slope[head] * abs(i - j), forbidden)"),
    { "slope.0": 2 },
  ],
  [
    "a text with guarded elements",
    expression("where(j >= 1, where(i >= 2, table[i - 2, j - 1], -2), -1)"),
    { "table.0": 5, "table.1": 10 },
  ],
  [
    "a text of every other neighbour",
    expression("where(mod(i + j, 2) == 0, bias[j], forbidden)"),
    { "bias.0": 11 },
  ],
  [
    "a text of functions",
    expression(
      "log(1 + exp(-abs(i - j))) + 0.1 * tanh(i) * min(j, 3) - sqrt(abs(j)) + floor(i / 2)",
    ),
  ],
  [
    "a product of beliefs",
    product(perOffset(), given(), distanceDecay({ slope: parameter("slope", ["H"]) })),
  ],
];

const potentials: [claim: string, potential: Potential, lengths?: Lengths][] = [
  ["dot products", scaledDot({ scale: 1 })],
  ["a learned scale", scaledDot({ scale: parameter("scale", ["H"]) })],
  ["a soft cap", softcap({ cap: 3 })],
  ["a learned soft cap", softcap({ cap: parameter("cap", ["H"]) })],
  ["distances", gaussian()],
  ["distances without normaliser", gaussian({ normalised: false })],
  [
    "distances with a precision for each sender",
    gaussian({ precision: parameter("precision", ["B", "H", "M"]) }),
  ],
  ["a capped distance", softcap({ cap: 2, of: gaussian({ normalised: false }) })],
  [
    "a text of scores",
    scored("gain[head, j] * tanh(score / 2) + shift[i]"),
    { "gain.0": 2, "gain.1": 11, "shift.0": 7 },
  ],
  ["a text that forbids scores", scored("where(score > -0.5, score, forbidden)")],
  [
    "a text of exponentials",
    scored("exp(0.1 * score) + log(2 + abs(a[j])) + min(score, 1) + max(score, b[i])"),
    { "a.0": 11, "b.0": 7 },
  ],
];

const heads: [claim: string, lengths: Lengths][] = [
  ["four heads of two groups", { H: 4, G: 2 }],
  ["three heads of one group", { H: 3, G: 1 }],
  ["one head", { H: 1, B: 3 }],
  ["one feature and one value", { D: 1, V: 1 }],
  ["no batch", { B: 0 }],
  ["no receivers", { N: 0 }],
  ["no senders", { M: 0 }],
];

const none = Number.NEGATIVE_INFINITY;

/** A log prior in which edges, and the last row, are forbidden. */
function forbidding(shape: readonly number[]) {
  const [N, M] = shape.slice(-2) as [number, number];
  const log_prior = random(5).normal(shape);
  log_prior.data.forEach((_, k) => {
    const i = Math.floor(k / M) % N;
    if (i === N - 1 || (k * 7) % 5 === 1 || (i === 1 && k % M < 8)) log_prior.data[k] = none;
  });
  return { log_prior };
}

export const edgeCases: readonly ModelCase[] = [
  { claim: "cross attention", model: cross(), lengths: nodes },
  ...graphs.map(([claim, allowed, lengths = nodes]) => ({
    claim: `over ${claim}`,
    model: graph(allowed),
    lengths: { ...nodes, ...lengths },
  })),
  ...priors.map(([claim, prior, lengths]) => ({
    claim: `under ${claim}`,
    model: relative({ prior }),
    lengths: { ...nodes, ...lengths },
  })),
  ...potentials.map(([claim, potential, lengths]) => ({
    claim: `by ${claim}`,
    model: cross({ potential }),
    lengths: { ...nodes, ...lengths },
  })),
  ...heads.map(([claim, lengths]) => ({
    claim: `with ${claim}`,
    model: cross({ prior: given() }),
    lengths: { ...nodes, ...lengths },
  })),
  ...[
    [1, 1, 7, 11],
    [2, 1, 7, 11],
    [1, 2, 7, 11],
    [2, 2, 7, 11],
  ].map((shape) => ({
    claim: `a log prior [${shape.join(", ")}] that forbids a row`,
    model: cross({ prior: given() }),
    lengths: nodes,
    given: forbidding(shape),
  })),
  {
    claim: "every edge forbidden",
    model: cross({ prior: given() }),
    lengths: nodes,
    given: { log_prior: { data: new Float64Array(77).fill(none), shape: [1, 1, 7, 11] } },
  },
  {
    claim: "the past with the last receivers aligned",
    model: self({ graph: causal(), offset: "last" }),
    lengths: { ...nodes, N: 4 },
  },
  {
    claim: "the past with empty first rows",
    model: self({ graph: causal(), offset: -3 }),
    lengths: square,
  },
  {
    claim: "the past under a slope, from an offset on",
    model: self({
      graph: causal(),
      offset: 2,
      prior: distanceDecay({ slope: parameter("slope", ["H"]) }),
    }),
    lengths: nodes,
  },
  {
    claim: "a window under a table of offsets",
    model: relative({ graph: window({ back: 3, ahead: 2 }) }),
    lengths: nodes,
  },
  {
    claim: "edges from a tensor, in grouped heads, under a learned prior",
    model: graph(edgesFrom(), { prior: given() }),
    lengths: { ...nodes, H: 4, G: 2 },
    given: { edges: { data: Int32Array.from(list.flat()), shape: [list.length, 2] } },
  },
  {
    claim: "a temperature for each batch entry and head",
    model: relative({ temperature: parameter("temperature", ["B", "H"]) }),
    lengths: nodes,
  },
  {
    claim: "a temperature of prior and potential",
    model: relative({ temperature: parameter("temperature"), tempering: "joint" }),
    lengths: nodes,
  },
  {
    claim: "a temperature for each receiver",
    model: cross({ temperature: parameter("temperature", ["N"]) }),
    lengths: nodes,
  },
  {
    claim: "a bilinear weight between unlike widths",
    model: edgeModel({
      nodes: { query: { tensor: "query", shape: ["B", "H", "N", "C"] } },
      potential: bilinear({ scale: parameter("scale") }),
    }),
    lengths: nodes,
  },
  { claim: "absolute positions", model: absolute(), lengths: square },
  {
    claim: "rotary positions by halves",
    model: rotary({ base: 20, offset: 2 }),
    lengths: { D: 4 },
  },
  {
    claim: "rotary positions, interleaved",
    model: rotary({ base: 20, pairing: "interleaved", offset: "last" }),
    lengths: { ...nodes, D: 6 },
  },
  {
    claim: "values in proportion to potentials",
    model: cross({ value: proportional(), temperature: 1.3 }),
    lengths: nodes,
  },
  {
    claim: "a classification layer",
    model: classifier({
      prior: given("log_prior", ["M"]),
      temperature: parameter("temperature", ["B"]),
    }),
    lengths: { B: 5, M: 9 },
  },
  ...(
    [
      ["everybody", undefined],
      ["the past", causal()],
      ["a window", window({ back: 2, ahead: 0 })],
      ["a list of edges", edges(list)],
    ] as const
  ).map(([claim, allowed]) => ({
    claim: `senders that choose among ${claim}`,
    model: cross({
      chooser: "sender",
      prior: expression("-slope[head] * abs(i - j)"),
      ...(allowed && { graph: allowed }),
    }),
    lengths: { ...nodes, "slope.0": 2 },
  })),
  ...(
    [
      ["a list of edges", edges(list)],
      ["a window", window({ back: 2, ahead: 1 })],
      ["two windows", union(window({ back: 0, ahead: 0 }), window({ back: 4, ahead: -2 }))],
    ] as const
  ).map(([claim, allowed]) => ({
    claim: `by distances over ${claim}`,
    model: graph(allowed, { potential: gaussian({ precision: parameter("precision", ["H"]) }) }),
    lengths: square,
  })),
  {
    claim: "the same node more than once",
    model: graph(
      edges([
        [0, 0],
        [0, 0],
        [1, 1],
      ]),
    ),
    lengths: { N: 2, M: 2 },
  },
];
