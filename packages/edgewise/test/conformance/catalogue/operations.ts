/** Every operation of an expression, wherever one may stand in a fold. */
import {
  type Axis,
  add,
  axis,
  binary,
  type Expr,
  index,
  load,
  map,
  multiply,
  normalise,
  number,
  type Program,
  result,
  subtract,
  sum,
  unary,
  weigh,
  where,
} from "edgewise/ir";
import { random } from "../../random.ts";
import type { ProgramCase } from "../cases.ts";
import { singles } from "../inputs.ts";

type Unary = Parameters<typeof unary>[0];
type Binary = Parameters<typeof binary>[0];

const [i, j, d, v] = [axis("i", "N"), axis("j", "M"), axis("d", "D"), axis("v", "V")];
const at = (tensor: string, ...axes: readonly Axis[]): Expr => load(tensor, axes.map(index));

const unaries: readonly Unary[] = [
  ...(["negate", "exp", "log", "sqrt", "tanh", "sin", "cos", "abs"] as const),
  ...(["sign", "floor", "not", "softplus", "normalCdf", "held"] as const),
];
const binaries: readonly Binary[] = [
  ...(["add", "subtract", "multiply", "divide", "power", "min", "max", "mod"] as const),
  ...(["less", "lessEqual", "equal", "and", "or"] as const),
];

/**
 * A fold whose log weight, condition and values have the operation applied to what rows, columns and
 * edges have, and to products of both; a map that has it too.
 */
function everywhere(name: string, of: (a: Expr, b: Expr) => Expr): Program {
  const [row, column, edge] = [at("row", i), at("column", j), at("edge", i, j)];
  const score = sum(d, multiply(at("query", i, d), at("key", j, d)));
  const positive = add(multiply(score, score), 0.1);
  const logWeight = [
    multiply(0.3, of(row, column)),
    multiply(0.2, of(edge, row)),
    multiply(0.1, of(column, edge)),
    multiply(0.1, of(row, row)),
    multiply(0.1, of(positive, edge)),
  ].reduce(add);
  const edges = { axis: j, where: binary("less", of(edge, column), 2.5) };
  const value = multiply(of(edge, column), at("value", j, v));
  const evidence = "evidence";
  return {
    name,
    inputs: [
      { name: "row", shape: ["N"] },
      { name: "column", shape: ["M"] },
      { name: "edge", shape: ["N", "M"] },
      { name: "query", shape: ["N", "D"] },
      { name: "key", shape: ["M", "D"] },
      { name: "value", shape: ["M", "V"] },
    ],
    steps: [
      map("mapped", [i, j], of(edge, add(row, column))),
      normalise({
        over: [i],
        edges,
        logWeight,
        logEvidence: evidence,
        expectations: [
          { name: "mean", along: [v], value },
          { name: "average", along: [], value: of(edge, row) },
        ],
      }),
      weigh([i], edges, subtract(logWeight, at(evidence, i)), [
        result("sent", [j], [v], multiply(of(row, edge), at("value", j, v))),
        result("mass", [j], [], of(row, column)),
        result("dense", [i, j], [], of(edge, edge)),
      ]),
    ],
    outputs: Object.fromEntries(
      ["mapped", evidence, "mean", "average", "sent", "mass", "dense"].map((o) => [o, o]),
    ),
  };
}

const rng = random(77);
const [N, M, D, V] = [7, 13, 3, 2];
/** Positive, as roots, logarithms and powers want; apart from whole numbers and from each other. */
const inputs = singles({
  row: rng.between(0.3, 2.2, [N]),
  column: rng.between(0.3, 2.2, [M]),
  edge: rng.between(0.3, 2.2, [N, M]),
  query: rng.normal([N, D], 0.5),
  key: rng.normal([M, D], 0.5),
  value: rng.normal([M, V]),
});
const settings = {
  of: ["mapped", "evidence", "mean", "average", "sent", "mass", "dense"],
  by: Object.keys(inputs),
};

const steep = Number.POSITIVE_INFINITY;
/** Numbers at which functions jump, overflow, or are not numbers. */
const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1e-30,
  -1e-30,
  80,
  -80,
  3e4,
  -3e4,
  steep,
  -steep,
  Number.NaN,
];

/** Values of an operation at special numbers. */
function extremes(name: string, value: Expr): ProgramCase {
  const n = special.length;
  const apart = {
    ...result("made", [i, j], [], value),
    shape: ["N", "M", 1],
    at: [index(i), index(j), number(0)],
  };
  const data = Float32Array.from(special);
  return {
    claim: `${name} of special numbers`,
    program: {
      name,
      inputs: [
        { name: "a", shape: ["N"] },
        { name: "b", shape: ["M"] },
      ],
      // Each number is a row of its own, so that none hides behind a larger one.
      steps: [{ kind: "map", over: [i, j], results: [apart] }],
      outputs: { made: "made" },
    },
    inputs: { a: { data, shape: [n] }, b: { data, shape: [n] } },
  };
}

const [a, b] = [at("a", i), at("b", j)];

export const operationCases: readonly ProgramCase[] = [
  ...unaries.map((op) => ({
    claim: `${op} in log weights, conditions and values`,
    program: everywhere(op, (x) => unary(op, x)),
    inputs,
    ...settings,
  })),
  ...binaries.map((op) => ({
    claim: `${op} in log weights, conditions and values`,
    program: everywhere(op, (x, y) => binary(op, x, y)),
    inputs,
    ...settings,
  })),
  {
    claim: "where in log weights, conditions and values",
    program: everywhere("where", (x, y) =>
      where(binary("less", x, y), unary("sqrt", add(x, y)), where(y, unary("log", x), 7)),
    ),
    inputs,
    ...settings,
  },
  ...unaries.map((op) => extremes(op, unary(op, a))),
  ...binaries.map((op) => extremes(op, binary(op, a, b))),
  extremes("where", where(a, b, multiply(2, a))),
];
