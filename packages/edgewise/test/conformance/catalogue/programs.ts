/** Programs that no mechanism makes: what the representation allows besides. */

import type { Inputs, Tensor } from "edgewise";
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
  reduce,
  result,
  type Step,
  type Support,
  size,
  subtract,
  sum,
  unary,
  weigh,
  where,
} from "edgewise/ir";
import { golden } from "../../golden/golden.ts";
import { random } from "../../random.ts";
import type { ProgramCase } from "../cases.ts";
import { single, singles } from "../inputs.ts";

const [b, h, i, j] = [axis("b", "B"), axis("h", "H"), axis("i", "N"), axis("j", "M")];
const [d, v, w, s] = [axis("d", "D"), axis("v", "V"), axis("w", "W"), axis("s", 3)];
const at = (tensor: string, ...axes: readonly Axis[]): Expr => load(tensor, axes.map(index));

const lengths: Readonly<Record<string, number>> = { B: 2, H: 2, N: 6, M: 11, D: 4, V: 3, W: 2 };
const shapes: Readonly<Record<string, readonly string[]>> = {
  query: ["B", "H", "N", "D"],
  key: ["B", "H", "M", "D"],
  value: ["B", "H", "M", "V"],
  other: ["B", "H", "M", "W"],
  own: ["B", "H", "N", "V"],
  bias: ["N", "M"],
  row: ["N"],
  column: ["M"],
  head: ["H"],
};

const rng = random(41);
const tensors = singles(
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      rng.normal(shape.map((letter) => lengths[letter] as number)),
    ]),
  ),
);

/** A program over the tensors of this file that it names, with others beside them. */
function over(
  claim: string,
  steps: readonly Step[],
  outputs: readonly string[],
  more: Readonly<Record<string, readonly [shape: readonly string[], tensor: Tensor]>> = {},
  smooth: readonly string[] = outputs,
): ProgramCase {
  const text = JSON.stringify(steps);
  const used = Object.keys(shapes).filter((name) => text.includes(`"${name}"`));
  const given = Object.entries(more);
  // Sizes are bound by inputs: those that nothing else binds, by the node tensors.
  const names = [...new Set([...used, "query", "key"])];
  const program: Program = {
    name: claim,
    inputs: [
      ...names.map((name) => ({ name, shape: shapes[name] as string[] })),
      ...given.map(([name, [shape]]) => ({ name, shape })),
    ],
    steps,
    outputs: Object.fromEntries(outputs.map((name) => [name, name])),
  };
  const inputs: Inputs = {
    ...Object.fromEntries(names.map((name) => [name, tensors[name] as Tensor])),
    ...Object.fromEntries(given.map(([name, [, tensor]]) => [name, single(tensor)])),
  };
  const by = names.filter((name) => used.includes(name));
  return { claim, program, inputs, ...(smooth.length > 0 && by.length > 0 && { of: smooth, by }) };
}

const owners = [b, h, i];
const everybody: Support = { axis: j };
const score = sum(d, multiply(at("query", b, h, i, d), at("key", b, h, j, d)));
const biased = add(multiply(0.5, score), at("bias", i, j));
const logPosterior = (edges: Support, logWeight = biased): [Step, Expr] => [
  normalise({ over: owners, edges, logWeight, logEvidence: "evidence" }),
  subtract(logWeight, at("evidence", ...owners)),
];

/** Results of every kind in one weighted fold. */
function manyResults(edges: Support, claim: string): ProgramCase {
  const [choose, weight] = logPosterior(edges);
  const turned = { ...result("turned", [j, i], [], at("bias", i, j)) };
  return over(
    claim,
    [
      choose,
      weigh(owners, edges, weight, [
        result("gathered", owners, [v], at("value", b, h, j, v)),
        result(
          "gathered more",
          owners,
          [v, w],
          multiply(at("value", b, h, j, v), at("other", b, h, j, w)),
        ),
        result("sent", [b, h, j], [v], at("own", b, h, i, v)),
        result(
          "products",
          [b, h, j],
          [v, w],
          multiply(at("own", b, h, i, v), at("other", b, h, j, w)),
        ),
        result("total", [], [], at("row", i)),
        result("by head", [h], [], multiply(at("column", j), at("head", h))),
        result("lines", [], [v], multiply(at("column", j), at("value", b, h, j, v))),
        result("edges", [b, h, i, j], [], number(1)),
        result("edges of heads", [h, i, j], [], at("row", i)),
        turned,
        // Twice into one tensor.
        result("both", [b, h, i], [v], at("value", b, h, j, v)),
        result("both", [b, h, i], [v], multiply(at("column", j), at("own", b, h, i, v))),
      ]),
    ],
    [
      "gathered",
      "gathered more",
      "sent",
      "products",
      "total",
      "by head",
      "lines",
      "edges",
      "edges of heads",
      "turned",
      "both",
    ],
  );
}

const spans = {
  axis: j,
  spans: [
    { from: add(index(i), 2), to: add(index(i), 5) },
    { to: subtract(index(i), 2) },
    { from: add(index(i), 4), to: add(index(i), 4) },
    { from: number(9) },
    { from: index(i), to: add(index(i), 3) },
  ],
};

/** Normalising fold with means of every kind. */
function means(edges: Support, claim: string, logWeight: Expr = biased): ProgramCase {
  return over(
    claim,
    [
      normalise({
        over: owners,
        edges,
        logWeight,
        logEvidence: "evidence",
        expectations: [
          { name: "mean", along: [v], value: at("value", b, h, j, v) },
          { name: "scaled", along: [v], value: multiply(at("column", j), at("value", b, h, j, v)) },
          {
            name: "gap",
            along: [v],
            value: subtract(at("value", b, h, j, v), at("own", b, h, i, v)),
          },
          {
            name: "pair",
            along: [v, w],
            value: multiply(at("value", b, h, j, v), at("other", b, h, j, w)),
          },
          { name: "average", along: [], value: at("column", j) },
          { name: "own log weight", along: [], value: logWeight },
        ],
      }),
    ],
    ["evidence", "mean", "scaled", "gap", "pair", "average", "own log weight"],
  );
}

const wholes = (numbers: readonly number[]): Tensor => ({
  data: Int32Array.from(numbers),
  shape: [numbers.length],
});

/** Rows 0 … 5 of edges: none in row 2, a repeated edge in row 4. */
const listed: Inputs = {
  starts: wholes([0, 2, 5, 5, 6, 9, 10]),
  senders: wholes([1, 10, 0, 4, 7, 3, 2, 2, 9, 5]),
};
const list: Support = {
  axis: j,
  list: { rowStart: "starts", alternative: "senders", row: "i", edge: "e" },
};
const listTensors = {
  starts: [["R"], listed["starts"] as Tensor],
  senders: [["E"], listed["senders"] as Tensor],
  prior: [["E"], rng.normal([10])],
} as const;

function lists(): ProgramCase[] {
  const logWeight = add(multiply(0.5, score), load("prior", [index("e")]));
  const [choose, weight] = logPosterior(list, logWeight);
  const edgeValue = load("prior", [index("e")]);
  const perEdge = {
    ...result("per edge", [b, h], [], number(1)),
    shape: ["B", "H", "E"],
    at: [b, h].map(index).concat(index("e")),
  };
  const cut = {
    ...list,
    from: subtract(index(i), 1),
    to: add(index(i), 6),
    where: binary("less", at("bias", i, j), 1),
  };
  return [
    over(
      "results at the edges of a list",
      [
        choose,
        weigh(owners, list, weight, [
          perEdge,
          { ...perEdge, name: "scaled edges", value: multiply(edgeValue, at("row", i)) },
          result("gathered", owners, [v], multiply(edgeValue, at("value", b, h, j, v))),
          result("sent", [b, h, j], [v], at("own", b, h, i, v)),
        ]),
      ],
      ["evidence", "per edge", "scaled edges", "gathered", "sent"],
      listTensors,
    ),
    over(
      "a list that an interval and a condition cut",
      [
        normalise({
          over: owners,
          edges: cut,
          logWeight,
          logEvidence: "evidence",
          expectations: [{ name: "mean", along: [v], value: at("value", b, h, j, v) }],
        }),
      ],
      ["evidence", "mean"],
      listTensors,
    ),
  ];
}

/** Ends of rows as data: fractions, beyond both ends, and reversed. */
const ends: Inputs = {
  low: { data: Float32Array.of(0, 1.5, -3, 4, 10.2, 7), shape: [6] },
  high: { data: Float32Array.of(11, 3.2, 2.5, 99, 10.9, 3), shape: [6] },
};
const endTensors = {
  low: [["N"], ends["low"] as Tensor],
  high: [["N"], ends["high"] as Tensor],
} as const;
const dataBounds: Support = { axis: j, from: at("low", i), to: at("high", i) };

const guarded = (tensor: string, ...places: readonly Expr[]): Expr => ({
  kind: "load",
  tensor,
  at: places,
  checked: true,
});
/** Elements of [4] and [4, 5] tables that exist for some rows and edges only. */
const tables = {
  short: [["P"], rng.normal([4])],
  table: [["P", "Q"], rng.normal([4, 5])],
} as const;
const near = binary("less", index(i), 4);
const inTable = binary("and", near, binary("less", index(j), 5));
const nested = where(
  near,
  where(
    inTable,
    add(guarded("table", index(i), index(j)), guarded("short", index(i))),
    unary("exp", guarded("short", index(i))),
  ),
  where(binary("less", index(j), 4), guarded("short", index(j)), at("bias", i, j)),
);
const summed = sum(
  d,
  where(
    binary("less", index(d), size("P")),
    multiply(guarded("short", index(d)), at("query", b, h, i, d)),
    0,
  ),
);

const fixedPoint: Step = {
  kind: "fixedPoint",
  name: "turns",
  state: [
    { name: "x", initial: "row", shape: ["N"] },
    { name: "y", initial: "start", shape: ["N"] },
  ],
  blocks: [
    {
      name: "swap",
      steps: [map("half", [i], multiply(0.5, at("x", i)))],
      update: { x: "y", y: "half" },
    },
    {
      name: "move",
      steps: [
        map(
          "next",
          [i],
          add(
            multiply(0.5, at("x", i)),
            multiply(0.1, unary("tanh", add(at("y", i), load("t", [])))),
          ),
        ),
        map("size", [], sum(i, multiply(at("next", i), at("next", i)))),
        map("moves", [i], binary("less", 1e-2, unary("abs", subtract(at("next", i), at("x", i))))),
      ],
      update: { x: "next" },
    },
  ],
  maxIterations: 40,
  iteration: "t",
  active: "moves",
  traces: [
    { tensor: "sizes", of: "size", shape: [] },
    { tensor: "path", of: "next", shape: ["N"] },
  ],
  history: { x: "before" },
  iterations: "count",
  gradient: "unrolled",
};

const counted: Step = { ...fixedPoint, maxIterations: "cap" };
delete (counted as { active?: string }).active;

/** Sum of values in bins that the data name. */
const binned: Step = {
  kind: "map",
  over: [j],
  results: [
    { name: "bins", shape: [3], along: [], at: [load("bin", [index(j)])], value: at("column", j) },
    { name: "counts", shape: [3], along: [], at: [load("bin", [index(j)])], value: number(1) },
  ],
};
const bins = { data: Float32Array.of(0, 2, 1, 1, 0, 2, 2, 2, 1, 0, 0), shape: [11] };

export const programCases: readonly ProgramCase[] = [
  manyResults(everybody, "results of every kind from every edge"),
  manyResults({ axis: j, to: add(index(i), 1) }, "results of every kind from the past"),
  manyResults(
    { axis: j, where: binary("less", at("bias", i, j), 0.5) },
    "results of every kind from edges under a condition",
  ),
  manyResults(spans, "results of every kind from several intervals"),
  means(everybody, "means of every kind"),
  means(
    { axis: j, from: subtract(index(i), 2), to: add(index(i), 3) },
    "means of every kind in a window",
  ),
  means(spans, "means of every kind over several intervals"),
  means(
    { ...spans, from: number(2), to: number(10), where: binary("less", at("bias", i, j), 1) },
    "means of every kind over intervals cut twice",
  ),
  means(everybody, "means of equal weights", number(0)),
  means(everybody, "means under weights of the owner alone", at("row", i)),
  means(everybody, "means under weights of the alternative alone", at("column", j)),
  means(
    everybody,
    "means under a greatest score",
    reduce("greatest", d, multiply(at("query", b, h, i, d), at("key", b, h, j, d))),
  ),
  means(
    everybody,
    "means under sums of greatest gaps",
    sum(
      d,
      reduce(
        "greatest",
        v,
        subtract(at("own", b, h, i, v), multiply(at("key", b, h, j, d), at("value", b, h, j, v))),
      ),
    ),
  ),
  means(
    everybody,
    "means under two products",
    subtract(
      score,
      multiply(0.3, sum(v, multiply(at("own", b, h, i, v), at("value", b, h, j, v)))),
    ),
  ),
  means(
    everybody,
    "means under a product of products",
    multiply(
      0.2,
      multiply(score, sum(v, multiply(at("own", b, h, i, v), at("value", b, h, j, v)))),
    ),
  ),
  means(
    everybody,
    "means under a product of three lines",
    sum(
      d,
      multiply(
        multiply(at("query", b, h, i, d), at("key", b, h, j, d)),
        unary("exp", multiply(-0.5, at("key", b, h, j, d))),
      ),
    ),
  ),
  ...lists(),
  over(
    "bounds that are data",
    [
      normalise({
        over: owners,
        edges: dataBounds,
        logWeight: biased,
        logEvidence: "evidence",
        expectations: [{ name: "mean", along: [v], value: at("value", b, h, j, v) }],
      }),
      weigh(owners, dataBounds, subtract(biased, at("evidence", ...owners)), [
        result("sent", [b, h, j], [v], at("own", b, h, i, v)),
      ]),
    ],
    ["evidence", "mean", "sent"],
    endTensors,
  ),
  over(
    "guarded elements inside conditions inside conditions",
    [
      normalise({
        over: owners,
        edges: everybody,
        logWeight: add(nested, multiply(0.1, score)),
        logEvidence: "evidence",
        expectations: [
          { name: "mean", along: [v], value: multiply(nested, at("value", b, h, j, v)) },
        ],
      }),
      map("features", owners, summed),
      map("mapped", [i, j], nested),
    ],
    ["evidence", "mean", "features", "mapped"],
    tables,
  ),
  over(
    "the most probable edges and draws beside means",
    [
      {
        ...normalise({
          over: owners,
          edges: { axis: j, where: binary("less", at("bias", i, j), 1) },
          logWeight: biased,
          logEvidence: "evidence",
          expectations: [{ name: "mean", along: [v], value: at("value", b, h, j, v) }],
          choices: [
            { name: "best", pick: "most probable", count: s },
            { name: "drawn", pick: "drawn", count: axis("t", 5), uniform: "uniform" },
          ],
        }),
      },
    ],
    ["evidence", "mean", "best", "drawn"],
    { uniform: [["B", "H", "N", "U"], rng.between(0, 1, [2, 2, 6, 5])] },
    [],
  ),
  over(
    "a fixed point with a tolerance, traces and a history",
    [
      map("start", [i], multiply(2, at("row", i))),
      fixedPoint,
      map("end", [i], add(at("x", i), at("y", i))),
    ],
    ["end", "sizes", "path", "before", "count"],
    {},
    ["end", "sizes", "path"],
  ),
  over(
    "a fixed point whose end an earlier step counted",
    [
      map("start", [i], multiply(2, at("row", i))),
      map("cap", [], 3),
      counted,
      map("end", [i], at("x", i)),
    ],
    ["end", "sizes", "path", "before", "count"],
    {},
    [],
  ),
  over("sums in bins that are data", [binned], ["bins", "counts"], { bin: [["M"], bins] }, [
    "bins",
  ]),
  over(
    "norms, greatest numbers and sums of whole tensors",
    [
      map("largest", [b, h], reduce("greatest", i, reduce("greatest", d, at("query", b, h, i, d)))),
      map(
        "mean",
        [],
        binary("divide", sum(b, sum(h, sum(i, sum(d, at("query", b, h, i, d))))), size("N")),
      ),
      map(
        "norm",
        owners,
        unary("sqrt", sum(d, multiply(at("query", b, h, i, d), at("query", b, h, i, d)))),
      ),
      map("gram", [b, h, i, j], score),
      map("turned", [d, i, h, b], at("query", b, h, i, d)),
    ],
    ["largest", "mean", "norm", "gram", "turned"],
  ),
  ...golden.map(({ program, inputs, wrt, outputs }) => ({
    claim: `golden: ${program.name}`,
    program,
    inputs: singles(inputs),
    of: outputs,
    by: wrt,
  })),
];
