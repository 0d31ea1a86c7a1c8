/** What the reference refuses, every engine refuses in the same words, and works on afterwards. */
import {
  cross,
  type EdgewiseError,
  expression,
  given,
  type Inputs,
  type Model,
  relative,
  scaledDot,
  scored,
  tensor,
  window,
} from "edgewise";
import { compile } from "edgewise/compile";
import { reference } from "edgewise/engines/reference";
import {
  axis,
  type FixedPoint,
  index,
  load,
  map,
  multiply,
  normalise,
  type Program,
} from "edgewise/ir";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { the } from "../random.ts";
import { refusal, sameBytes } from "./agreement.ts";
import { narrowed } from "./cases.ts";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";
import { drawnInputs, type Lengths, singles } from "./inputs.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

const oracle = reference();

/** What an error says; of an expression, engines may write sums and products in another order. */
const fields = ({ code, where, got, expected: wanted, fix }: EdgewiseError): string[] => [
  ...[code, where, wanted, fix],
  got.replace(/ from .*/, ""),
];

interface Refused {
  readonly claim: string;
  readonly model: Model;
  readonly lengths: Lengths;
  /** Inputs that the reference takes, and changes after which it does not. */
  readonly given?: Inputs;
  readonly changed: (inputs: Inputs) => Inputs;
}

const put =
  (name: string, at: number, value: number) =>
  (inputs: Inputs): Inputs => {
    const { data, shape } = the(inputs, name);
    const place = at < 0 ? data.length + at : at;
    return {
      ...inputs,
      [name]: { data: data.map((x, k) => (k === place ? value : x)) as Float32Array, shape },
    };
  };
const without =
  (name: string) =>
  ({ [name]: _, ...rest }: Inputs): Inputs =>
    rest;
const shorter =
  (name: string) =>
  (inputs: Inputs): Inputs => {
    const { data, shape } = the(inputs, name);
    const cut = shape.map((extent, k) => (k === shape.length - 2 ? extent - 1 : extent));
    return {
      ...inputs,
      [name]: {
        data: data.subarray(
          0,
          cut.reduce((a, b) => a * b),
        ) as Float32Array,
        shape: cut,
      },
    };
  };

const dot = cross({ potential: scaledDot({ scale: 1 }) });
const cases = (
  [
    { N: 3, M: 4 },
    { N: 50, M: 170 },
  ] as const
).flatMap((lengths): Refused[] => [
  ...[0, 7, -1].flatMap((place) => [
    {
      claim: `NaN in query ${place}`,
      model: dot,
      lengths,
      changed: put("query", place, Number.NaN),
    },
    { claim: `NaN in key ${place}`, model: dot, lengths, changed: put("key", place, Number.NaN) },
    {
      claim: `a log prior of +∞ at ${place}`,
      model: cross({ prior: given() }),
      lengths,
      changed: put("log_prior", place, Number.POSITIVE_INFINITY),
    },
    {
      claim: `a table of offsets with NaN at ${place}`,
      model: relative(),
      lengths,
      changed: put("relative_prior", place, Number.NaN),
    },
    {
      claim: `a log prior of NaN at ${place}`,
      model: cross({ prior: given() }),
      lengths,
      changed: put("log_prior", place, Number.NaN),
    },
  ]),
  {
    claim: "a potential that is no number everywhere",
    model: cross({ potential: scored("log(-1 - abs(score))") }),
    lengths,
    changed: (inputs) => inputs,
  },
  {
    claim: "a prior that divides by 0 for one sender",
    model: cross({ prior: expression("1 / (j - 2)") }),
    lengths,
    changed: (inputs) => inputs,
  },
  {
    claim: "a text that leaves its tensor",
    model: cross({ prior: expression("table[j]") }),
    lengths: { ...lengths, "table.0": lengths.M },
    changed: shorter1("table"),
  },
  {
    claim: "a text that leaves its tensor by a fraction",
    model: cross({ prior: expression("table[j / 2]") }),
    lengths: { ...lengths, "table.0": lengths.M },
    changed: (inputs) => inputs,
  },
  { claim: "a missing tensor", model: dot, lengths, changed: without("key") },
  { claim: "a shape that does not fit", model: dot, lengths, changed: shorter("value") },
]);

function shorter1(name: string) {
  return (inputs: Inputs): Inputs => {
    const { data, shape } = the(inputs, name);
    return {
      ...inputs,
      [name]: { data: data.subarray(1) as Float32Array, shape: [(shape[0] as number) - 1] },
    };
  };
}

describe("every engine refuses in the reference's words", () => {
  for (const { claim, model, lengths, changed } of cases)
    test(`${claim}, ${lengths["N"]} × ${lengths["M"]}`, async () => {
      const program = narrowed(compile(model), ["expectation", "logEvidence"]);
      const inputs = drawnInputs(program, { lengths });
      const bad = changed(inputs);
      const wanted = refusal(() => oracle.runSync(oracle.lower(program), bad));
      expect(wanted, "the reference refuses it").toBeDefined();
      for (const { name, engine } of tried) {
        const got = refusal(() => engine.runSync(engine.lower(program), bad));
        expect(got && fields(got), name).toEqual(wanted && fields(wanted));
      }
    });
});

test("an engine answers after a refusal what it answered before", () => {
  const program = narrowed(compile(dot), ["expectation", "logEvidence"]);
  const inputs = drawnInputs(program, { lengths: { N: 50, M: 170 } });
  for (const { name, engine } of tried) {
    const artifact = engine.lower(program);
    const before = engine.runSync(artifact, inputs);
    const bad = put("key", 9, Number.NaN)(inputs);
    expect(refusal(() => engine.runSync(artifact, bad))).toBeDefined();
    sameBytes(name, engine.runSync(artifact, inputs), before);
  }
});

/** A state that grows tenfold in each iteration, and chooses among senders by it. */
function growing(): Program {
  const [i, j] = [axis("i", "N"), axis("j", "M")];
  const logWeight = multiply(load("x", [index(i)]), load("key", [index(j)]));
  const steps = [
    normalise({ over: [i], edges: { axis: j }, logWeight, logEvidence: "evidence" }),
    map("next", [i], multiply(10, load("x", [index(i)]))),
  ];
  const growth: FixedPoint = {
    ...{ kind: "fixedPoint", name: "growth", maxIterations: 900, iteration: "t" },
    state: [{ name: "x", initial: "start", shape: ["N"] }],
    blocks: [{ name: "step", steps, update: { x: "next" } }],
    ...{ traces: [], history: {}, iterations: "count", gradient: "unrolled" },
  };
  const inputs = [
    { name: "start", shape: ["N"] },
    { name: "key", shape: ["M"] },
  ];
  return { name: "growing", inputs, steps: [growth], outputs: { x: "x" } };
}

test("an iteration that leaves the numbers is refused as one, sooner where they end sooner", () => {
  const program = growing();
  const inputs = singles({ start: tensor([1, 1]), key: tensor([0.5, 0.25, 0.125]) });
  const wanted = refusal(() => oracle.runSync(oracle.lower(program), inputs));
  expect(wanted?.where).toBe("log weight of an edge in iteration 310 of growth");
  for (const { engine } of tried) {
    const got = refusal(() => engine.runSync(engine.lower(program), inputs));
    expect([got?.code, got?.fix]).toEqual([wanted?.code, wanted?.fix]);
    expect(got?.where).toBe("log weight of an edge in iteration 40 of growth");
  }
});

describe("a number that no edge reads is not refused", () => {
  const near = window({ back: 2, ahead: 0 });
  const cases: [what: string, model: Model, changed: (inputs: Inputs) => Inputs][] = [
    [
      "of a node",
      cross({ graph: near }),
      (of) => put("key", -1, Number.NaN)(put("value", -1, Number.NaN)(of)),
    ],
    ["of an offset", relative({ graph: near }), put("relative_prior", 0, Number.NaN)],
    [
      "of another offset",
      relative({ graph: near }),
      put("relative_prior", -1, Number.POSITIVE_INFINITY),
    ],
  ];
  for (const [what, model, changed] of cases)
    test(what, () => {
      const program = narrowed(compile(model), ["expectation", "logEvidence"]);
      const inputs = drawnInputs(program, { lengths: { N: 9, M: 150 } });
      for (const { name, engine } of tried) {
        const artifact = engine.lower(program);
        sameBytes(
          name,
          engine.runSync(artifact, changed(inputs)),
          engine.runSync(artifact, inputs),
        );
      }
    });
});
