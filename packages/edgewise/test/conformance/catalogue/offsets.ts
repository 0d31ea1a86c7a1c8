/** Evidence of edges that differ by their offset alone: a prior's mass over intervals of every kind. */
import {
  causal,
  cross,
  distanceDecay,
  expression,
  type Graph,
  graph,
  intersection,
  type Prior,
  parameter,
  perOffset,
  product,
  relative,
  self,
  window,
  withoutSelf,
} from "edgewise";
import {
  add,
  axis,
  binary,
  type Expr,
  index,
  load,
  multiply,
  normalise,
  number,
  type Program,
  size,
  subtract,
  unary,
} from "edgewise/ir";
import { random } from "../../random.ts";
import type { Case, ProgramCase } from "../cases.ts";
import type { Lengths } from "../inputs.ts";

const none = Number.NEGATIVE_INFINITY;
const slope = distanceDecay({ slope: parameter("slope", ["H"]) });
const read = ["logEvidence", "entropy"];

/** Tables of [2, N + M − 1] with offsets that are forbidden, one of them at a time or in a row. */
function table(n: number, m: number) {
  const { data } = random(9).normal([2, n + m - 1], 3);
  data.forEach((_, k) => {
    if (k % 5 === 0 || (k > 8 && k < 14)) data[k] = none;
  });
  return { relative_prior: { data, shape: [2, n + m - 1] } };
}

const lengths: [n: number, m: number][] = [
  [9, 9],
  [5, 23],
  [23, 5],
];

const graphs: [claim: string, graph: Graph][] = [
  ["everybody", { kind: "complete" }],
  ["the past", causal()],
  ["a window", window({ back: 3, ahead: 2 })],
  ["a window of the far past", window({ back: 12, ahead: -7 })],
  ["a window of the far future", window({ back: -4, ahead: 30 })],
  ["everybody else", withoutSelf()],
  ["the past without self-edges", intersection(causal(), withoutSelf())],
];
const priors: [claim: string, prior: Prior][] = [
  ["slopes", slope],
  ["slopes and a table", product(slope, perOffset())],
  ["a text that forbids", expression("where(mod(i - j, 3) == 1, forbidden, 0.3 * (j - i))")],
];

const masses = lengths.flatMap(([N, M]): Case[] =>
  graphs.flatMap(([where, allowed]) =>
    priors.map(([under, prior]) => ({
      claim: `${under} over ${where}, ${N} × ${M}`,
      model: relative({ graph: allowed, prior, offset: 1 }),
      lengths: { N, M, H: 2, D: 2, V: 1 } satisfies Lengths,
      ...(under.includes("table") && { given: table(N, M) }),
      read,
      also: [],
    })),
  ),
);

const [h, i, j] = [axis("h", "H"), axis("i", "N"), axis("j", "M")];
const gap = subtract(index(j), index(i));

/** Evidence of one fold, of rows whose ends are data. */
function program(claim: string, logWeight: Expr, where?: Expr): ProgramCase {
  const [low, high] = ["low", "high"].map((name) => load(name, [index(i)])) as [Expr, Expr];
  const edges = { axis: j, from: low, to: high, ...(where && { where }) };
  const made: Program = {
    name: claim,
    inputs: [
      { name: "low", shape: ["N"] },
      { name: "high", shape: ["N"] },
      { name: "table", shape: ["H", "N+M-1"] },
      { name: "key", shape: ["H", "M"] },
    ],
    steps: [normalise({ over: [h, i], edges, logWeight, logEvidence: "evidence" })],
    outputs: { evidence: "evidence" },
  };
  const ends = [
    [-4, 99, 2, 2, 7, 5, 11, -9e9, 3.5, 0, 0, 0],
    [99, -4, 9, 9, 3, 6, 99, 9e9, 7.5, 12, 12, 0],
  ].map((row) => ({ data: Float32Array.from(row), shape: [12] }));
  const given = table(12, 15)["relative_prior"];
  const inputs = {
    low: ends[0] as (typeof ends)[number],
    high: ends[1] as (typeof ends)[number],
    table: { data: Float32Array.from(given.data), shape: given.shape },
    key: { data: new Float32Array(30), shape: [2, 15] },
  };
  return { claim, program: made, inputs };
}

const place = add(gap, subtract(size("N"), 1));
const ofTable = load("table", [index(h), place]);

export const offsetCases: readonly Case[] = [
  ...masses,
  {
    claim: "the past of the last receivers under slopes",
    model: self({ graph: causal(), prior: slope, offset: "last" }),
    lengths: { N: 6, M: 31 },
  },
  {
    claim: "senders that choose under slopes",
    model: cross({ chooser: "sender", prior: slope, graph: window({ back: 3, ahead: 4 }) }),
    lengths: { N: 21, M: 8 },
  },
  {
    claim: "steep slopes, of which the far end vanishes",
    model: graph(causal(), { prior: distanceDecay({ slope: 700 }) }),
    lengths: { N: 12, M: 12 },
  },
  {
    claim: "rising slopes, whose far end is the greatest",
    model: graph(causal(), { prior: expression("900 * (i - j)") }),
    lengths: { N: 12, M: 12 },
  },
  program("bounds that are data, under a table", ofTable),
  program("bounds that are data, under a distance", multiply(-0.4, unary("abs", gap))),
  program("bounds that are data, where a table allows", number(0.5), binary("less", none, ofTable)),
  program("bounds that are data, where no offset is allowed", gap, binary("less", gap, -99)),
];
